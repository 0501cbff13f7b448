from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest

from klartext.batch import Batch
from klartext.sources import Source

SOURCE = Source(slug="beispiel", name="Beispiel", hosts=["beispiel.de"])
BERLIN = ZoneInfo("Europe/Berlin")


def test_the_same_interval_is_the_same_batch() -> None:
    berlin = Batch.of_interval(
        SOURCE, dt.datetime(2016, 8, 12, 0, tzinfo=BERLIN), dt.datetime(2016, 8, 13, 0, tzinfo=BERLIN)
    )
    utc = Batch.of_interval(
        SOURCE, dt.datetime(2016, 8, 11, 22, tzinfo=dt.UTC), dt.datetime(2016, 8, 12, 22, tzinfo=dt.UTC)
    )
    assert berlin == utc
    assert berlin.name == "beispiel-20160811T220000Z-20160812T220000Z"
    assert berlin.date == dt.date(2016, 8, 12)  # the day where the publisher is


def test_it_is_handed_on_as_strings() -> None:
    batch = Batch.of_import(
        SOURCE, "datei-1a2b", dt.datetime(2016, 8, 11, 22, 30, tzinfo=dt.UTC), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    )
    assert batch.name == "beispiel-import-datei-1a2b"
    assert batch.date == dt.date(2016, 8, 12)
    assert Batch.from_dict(json.loads(json.dumps(batch.to_dict()))) == batch


def test_what_is_no_interval() -> None:
    moment = dt.datetime(2016, 8, 12, tzinfo=dt.UTC)
    with pytest.raises(ValueError, match="no length"):
        Batch.of_interval(SOURCE, moment, moment)
    with pytest.raises(ValueError, match="time zone"):
        Batch.of_interval(SOURCE, moment.replace(tzinfo=None), moment)


def of_hours(*hours: int) -> Batch:
    """The batch between two hours after a moment in UTC: year, month, day, first and last hour."""
    day = dt.datetime(*hours[:3], tzinfo=dt.UTC)  # type: ignore[arg-type]
    return Batch.of_interval(SOURCE, *(day + dt.timedelta(hours=hour) for hour in hours[3:]))


@pytest.mark.parametrize(
    ("batch", "weeks", "before"),
    [
        (of_hours(2024, 10, 27, 0, 1), 1, of_hours(2024, 10, 20, 0, 1)),  # 2 h of summer time, the first of the two
        (of_hours(2024, 10, 27, 1, 2), 1, of_hours(2024, 10, 20, 0, 1)),  # 2 h, the second
        (of_hours(2024, 11, 3, 1, 2), 1, of_hours(2024, 10, 27, 1, 2)),
        (of_hours(2024, 11, 3, 0, 1), 1, of_hours(2024, 10, 26, 23, 24)),  # 1 h to 2 h: ends at the first 2 h
        (of_hours(2024, 4, 7, 0, 1), 1, None),  # 2 h, where 3 h followed 1 h
        (of_hours(2024, 4, 6, 23, 24), 1, of_hours(2024, 3, 31, 0, 1)),
        (of_hours(2024, 10, 27, -2, 23), 1, of_hours(2024, 10, 20, -2, 22)),  # the day of 25 hours
        (of_hours(2024, 4, 7, -2, 22), 1, of_hours(2024, 3, 31, -1, 22)),  # the day of 23 hours
    ],
)
def test_the_same_interval_of_another_week(batch: Batch, weeks: int, before: Batch | None) -> None:
    assert batch.before(SOURCE, weeks) == before
