"""A task that finds its publisher busy is put off."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from klartext.crawler.turn import PublisherBusy
from klartext.sources import PROJECT


@pytest.fixture(autouse=True)
def _plugins(airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PROJECT / "plugins"))


def test_a_busy_publisher_puts_the_task_off() -> None:
    from airflow.sdk.exceptions import AirflowRescheduleException

    from klartext_retries import in_turn

    with pytest.raises(AirflowRescheduleException) as put_off, in_turn():
        raise PublisherBusy("another run is asking dwn")
    wait = put_off.value.reschedule_date - dt.datetime.now(dt.UTC)
    assert dt.timedelta(seconds=30) < wait <= dt.timedelta(minutes=1)
    with pytest.raises(ValueError, match="kaputt"), in_turn():
        raise ValueError("kaputt")


def test_a_pool_is_used_only_where_pools_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext_retries import pool

    monkeypatch.delenv("KLARTEXT_POOLS", raising=False)
    assert pool("dwn") == "default_pool"
    monkeypatch.setenv("KLARTEXT_POOLS", "yes")
    assert pool("dwn") == "publisher_dwn"
