"""The batch: the unit of work and of idempotence."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from klartext.sources import Source


def _utc(moment: dt.datetime) -> dt.datetime:
    """A plain datetime with ``datetime.UTC``, also for a subclass, as Airflow passes it."""
    there = moment.astimezone(dt.UTC)
    return dt.datetime.combine(there.date(), there.time(), dt.UTC)


def _moments(clock: dt.datetime, zone: dt.tzinfo) -> list[dt.datetime]:
    """The times in UTC at which clocks in a zone show a local time: one; two where the clock was put back; none where
    it was put forward."""
    moments = {clock.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)}
    return sorted(moment for moment in moments if moment.astimezone(zone).replace(tzinfo=None) == clock)


def _after_gap(clock: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The time in UTC for a local time that did not exist: as much later as the clock was put forward."""
    return clock.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One source and one data interval, or one source's part of an imported WARC file.

    ``start`` and ``end`` are UTC, ``end`` is not part of the interval. ``date`` is the day in the publisher's time zone
    under which the batch's files are stored. ``name`` depends on the source and the interval or file only.
    """

    source: str
    name: str
    date: dt.date
    start: dt.datetime
    end: dt.datetime

    @classmethod
    def of_interval(cls, source: Source, start: dt.datetime, end: dt.datetime) -> Batch:
        """The batch of a data interval. Raises ValueError for times without a zone or an interval without length."""
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError("the ends of an interval need a time zone")
        if start >= end:
            raise ValueError(f"the interval {start} – {end} has no length")
        start, end = _utc(start), _utc(end)
        name = f"{source.slug}-{start:%Y%m%dT%H%M%S}Z-{end:%Y%m%dT%H%M%S}Z"
        return cls(source=source.slug, name=name, date=start.astimezone(source.zone).date(), start=start, end=end)

    @classmethod
    def of_import(cls, source: Source, label: str, first: dt.datetime, last: dt.datetime) -> Batch:
        """The batch of a source's part of an imported file.

        ``label`` identifies the file and its content; ``first`` and ``last`` are the times of its first and last
        capture.
        """
        return cls(
            source=source.slug,
            name=f"{source.slug}-import-{label}",
            date=first.astimezone(source.zone).date(),
            start=_utc(first),
            end=_utc(last),
        )

    @property
    def imported(self) -> bool:
        """True if it is part of an imported file."""
        return self.name.startswith(f"{self.source}-import-")

    def before(self, source: Source, weeks: int) -> Batch | None:
        """The batch of the same interval some weeks before, in the publisher's local time; None if the clock was put
        forward over that interval, so that it did not exist.

        A time that existed twice, because the clock was put back, is read as the schedules of ``klartext_airflow`` read
        it: an interval of at most an hour is one of a schedule that runs in both hours, a longer one begins and ends at
        the second.
        """
        length = self.end - self.start
        short = length <= dt.timedelta(hours=1)
        first, last = (
            moment.astimezone(source.zone).replace(tzinfo=None) - dt.timedelta(weeks=weeks)
            for moment in (self.start, self.end)
        )
        starts = _moments(first, source.zone)
        if not starts and short:
            return None
        starts = starts or [_after_gap(first, source.zone)]
        if last <= first or (short and last - first != length):  # the clock was changed between the ends
            ends = [start + length for start in starts]
        else:
            ends = _moments(last, source.zone) or [_after_gap(last, source.zone)]
        if short:
            pairs = [(start, end) for start in starts for end in ends if start < end]
            pairs.sort(key=lambda pair: (abs(pair[1] - pair[0] - length), -pair[0].timestamp()))
        else:
            pairs = [(starts[-1], ends[-1])]
        return Batch.of_interval(source, *pairs[0]) if pairs and pairs[0][0] < pairs[0][1] else None

    def to_dict(self) -> dict[str, Any]:
        """The batch as a dict of strings, as tasks pass it on."""
        return {
            "source": self.source,
            "name": self.name,
            "date": self.date.isoformat(),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Batch:
        """The batch of a dict of :meth:`to_dict`. Raises KeyError and ValueError for another dict."""
        return cls(
            source=data["source"],
            name=data["name"],
            date=dt.date.fromisoformat(data["date"]),
            start=dt.datetime.fromisoformat(data["start"]),
            end=dt.datetime.fromisoformat(data["end"]),
        )
