"""Imports of the libraries that tasks need, for a process that forks its tasks.

Great Expectations alone takes eight seconds of CPU: imported once in the parent, it costs the tasks nothing. Never
imported by DAG files or plugins.
"""

from __future__ import annotations

import importlib

MODULES = (
    "great_expectations",
    "klartext.curate.step",
    "klartext.discover.step",
    "klartext.extract.step",
    "klartext.fetch.step",
    "klartext.publish.step",
    "klartext.validate.step",
)


def import_steps() -> None:
    """Imports every step and Great Expectations."""
    for name in MODULES:
        importlib.import_module(name)
