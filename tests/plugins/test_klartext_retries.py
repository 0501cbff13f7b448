"""A task that finds its publisher busy is put off."""

from __future__ import annotations

import datetime as dt
import types
from pathlib import Path

import pytest

from klartext.crawler.publisher_lock import PublisherBusy
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


@pytest.mark.parametrize(("left", "try_number", "again"), [(0, 1, False), (7, 1, True), (7, 3, True), (7, 4, False)])
def test_what_there_was_no_time_for_is_for_the_next_try(
    left: int, try_number: int, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowException

    import klartext_retries

    ti = types.SimpleNamespace(try_number=try_number, max_tries=3)
    monkeypatch.setattr(klartext_retries, "get_current_context", lambda: {"ti": ti})
    if again:
        with pytest.raises(AirflowException, match="7 are left for the next try"):
            klartext_retries.finished({"left": left})
    else:
        assert klartext_retries.finished({"left": left}) == {"left": left}


def test_a_pool_is_used_only_where_pools_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from klartext_retries import pool

    monkeypatch.delenv("KLARTEXT_POOLS", raising=False)
    assert pool("dwn") == "default_pool"
    monkeypatch.setenv("KLARTEXT_POOLS", "yes")
    assert pool("dwn") == "publisher_dwn"
