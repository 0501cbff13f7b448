"""The operator's console: pages about a lake, rendered on the server, without scripts. Start at :mod:`.console`."""
