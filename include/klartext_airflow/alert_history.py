"""Which alerts were sent: one for each source and cause in :data:`QUIET`, on whichever host it occurs.

The times are the state of a lease in the lake (``staging/.leases``), one for each source. Its holder looks, sends
and records, so two tasks that fail at once send one message, and a process that is killed while it sends has recorded
nothing: the next failure is sent.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from klartext.lake.storage import Storage

QUIET = 20 * 3600.0
"""Seconds in which the same cause of a source is not sent again: less than a day, so that the same failure of a daily
run is sent each day."""
_PATIENCE = 90.0
"""Seconds to wait for a process that is sending an alert of the same source."""
_MOST_CAUSES = 100
"""Causes of a source that are remembered, the latest."""

logger = logging.getLogger(__name__)


def send_once(
    storage: Storage, source: str, cause: str, send: Callable[[int], bool], patience: float = _PATIENCE
) -> bool:
    """Sends an alert, unless one of the same source and cause was sent in the last :data:`QUIET` seconds.

    Args:
        send: sends it, and returns False if no channel took it; then it counts as not sent. Its argument is how often
            the cause occurred since it was sent last.

    Where the lake cannot be reached, which may be what the alert is about, it is sent without looking.
    """
    from klartext.lake.lease import LeaseHeld, hold

    sent: list[bool] = []

    def send_and_note(suppressed: int) -> bool:
        sent.append(send(suppressed))
        return sent[-1]

    try:
        with hold(storage, f"alerts:{source}", patience) as lease:
            lease.state = {"causes": _after(lease.before.get("causes"), cause, send_and_note)}
    except (OSError, LeaseHeld) as error:
        logger.warning("which alerts of %s were sent cannot be looked up: %s", source, error)
        if not sent:
            send_and_note(0)
    return any(sent)


def _after(before: Any, cause: str, send: Callable[[int], bool]) -> dict[str, Any]:
    """The causes to remember, each with the time at which it was ``sent`` and how often it was ``suppressed`` since."""
    causes = {name: entry for name, entry in before.items() if _is_entry(entry)} if isinstance(before, dict) else {}
    now, entry = time.time(), causes.get(cause)
    if entry and abs(now - entry["sent"]) < QUIET:  # in the future too, where a clock was put back
        logger.info("the alert was sent before, at %s UTC", time.strftime("%Y-%m-%d %H:%M", time.gmtime(entry["sent"])))
        causes[cause] = {**entry, "suppressed": entry["suppressed"] + 1}
    elif send(entry["suppressed"] if entry else 0):
        causes[cause] = {"sent": now, "suppressed": 0}
    return dict(sorted(causes.items(), key=lambda item: float(item[1]["sent"]))[-_MOST_CAUSES:])


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("sent"), float) and isinstance(entry.get("suppressed"), int)
