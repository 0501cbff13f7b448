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
