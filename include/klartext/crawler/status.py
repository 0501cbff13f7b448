"""What an HTTP status means for an address."""

from __future__ import annotations


def outcome(status: int) -> tuple[str, str | None]:
    """Outcome and reason, as in :class:`klartext.model.Fetch`."""
    if 200 <= status < 300:
        return "captured", None
    if status in (404, 410):
        return "gone", f"http-{status}"
    return "failed", f"http-{status}"
