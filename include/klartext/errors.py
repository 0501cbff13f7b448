"""Errors that more than one step raises."""

from __future__ import annotations


class PermanentError(RuntimeError):
    """Another run with the same input would fail likewise, so retrying is useless; the message says what to do."""
