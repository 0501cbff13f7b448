"""An alert is sent once for each source and cause, across tasks, hosts and retries."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from klartext.lake.lake import open_storage
from klartext.lake.lease import hold
from klartext_airflow import alert_history
from klartext_airflow.alert_history import QUIET, send_once
from support.lakes import Place


class Sender:
    """Counts what is sent; ``works`` is False where nothing can be sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.works = True
        self.lock = threading.Lock()

    def __call__(self, suppressed: int) -> bool:
        time.sleep(0.02)
        with self.lock:
            self.sent.append(suppressed)
        return self.works


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test sets."""
    now = [1_700_000_000.0]
    monkeypatch.setattr(alert_history.time, "time", lambda: now[0])
    return now


def test_once_for_each_source_and_cause(place: Place, sender: Sender) -> None:
    for storage in (place("lake").storage, place("lake").storage):  # two hosts
        for source, cause in [("dwn", "fetch OSError"), ("dwn", "deadline"), ("zeit", "deadline")]:
            send_once(storage, source, cause, sender)
    assert sender.sent == [0, 0, 0]


def test_the_next_day_it_is_sent_again_with_what_was_left_out(
    tmp_path: Path, sender: Sender, clock: list[float]
) -> None:
    storage = open_storage(str(tmp_path))
    for hours in (0, 1, 19, 24, 25):
        clock[0] = 1_700_000_000.0 + hours * 3600
        send_once(storage, "dwn", "deadline", sender)
    assert sender.sent == [0, 2]
    assert QUIET < 24 * 3600 - 2 * 3600, "a daily run that is two hours late one day is still sent the next"


def test_a_clock_that_is_put_back_does_not_silence_it(tmp_path: Path, sender: Sender, clock: list[float]) -> None:
    storage = open_storage(str(tmp_path))
    send_once(storage, "dwn", "deadline", sender)
    clock[0] -= 3600
    send_once(storage, "dwn", "deadline", sender)
    assert sender.sent == [0]
    clock[0] -= 10 * 365 * 24 * 3600
    send_once(storage, "dwn", "deadline", sender)
    assert sender.sent == [0, 1]


def test_what_could_not_be_sent_is_tried_with_the_next_failure(tmp_path: Path, sender: Sender) -> None:
    storage = open_storage(str(tmp_path))
    sender.works = False
    assert not send_once(storage, "dwn", "deadline", sender)
    sender.works = True
    assert send_once(storage, "dwn", "deadline", sender)
    assert not send_once(storage, "dwn", "deadline", sender)
    assert sender.sent == [0, 0]


def test_tasks_that_fail_at_once_send_one(tmp_path: Path, sender: Sender) -> None:
    threads = [
        threading.Thread(target=send_once, args=(open_storage(str(tmp_path)), "dwn", "deadline", sender))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sender.sent == [0]


def test_without_the_lake_it_is_sent_all_the_same(
    tmp_path: Path, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = open_storage(str(tmp_path))

    def lost(*_: object) -> None:
        raise OSError("the object store does not answer")

    monkeypatch.setattr(storage, "stat", lost)
    assert send_once(storage, "dwn", "deadline", sender)
    assert sender.sent == [0]


def test_a_store_that_is_lost_while_it_is_sent_does_not_send_twice(
    tmp_path: Path, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = open_storage(str(tmp_path))

    def send(suppressed: int) -> bool:
        monkeypatch.setattr(storage, "replace_if_unchanged", lambda *_: (_ for _ in ()).throw(OSError("gone")))
        return sender(suppressed)

    assert send_once(storage, "dwn", "deadline", send)
    assert sender.sent == [0]


def test_a_process_that_holds_it_for_long_does_not_silence_others(tmp_path: Path, sender: Sender) -> None:
    storage = open_storage(str(tmp_path))
    with hold(storage, "alerts:dwn"):
        assert send_once(storage, "dwn", "deadline", sender, patience=0.1)
    assert sender.sent == [0]


def test_a_damaged_state_and_very_many_causes(tmp_path: Path, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = open_storage(str(tmp_path))
    monkeypatch.setattr(alert_history, "_MOST_CAUSES", 3)
    with hold(storage, "alerts:dwn") as lease:
        lease.state = {"causes": {"a": 1, "b": {"sent": "x", "suppressed": 0}, "deadline": None}}
    for cause in ("deadline", "a", "b", "c", "d"):
        assert send_once(storage, "dwn", cause, sender)
    (file,) = (tmp_path / "staging" / ".leases").glob("alerts*")
    assert list(json.loads(file.read_text())["state"]["causes"]) == ["b", "c", "d"]
