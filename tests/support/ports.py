"""Free ports for servers of a test's own."""

from __future__ import annotations

import socket


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    for first in range(20000, 40000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no free ports")
