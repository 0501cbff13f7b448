"""Leases: who holds one, for how long, and what is left to the next holder."""

from __future__ import annotations

import datetime as dt
import json
import math
import threading
import time
from pathlib import Path

import pytest

from klartext.lake import Lake, lease
from klartext.lake.lease import Lease, LeaseHeld, hold
from klartext.lake.storage import FileStat, Storage
from support.object_store import Bucket


@pytest.fixture(params=["disk", "objects"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "disk":
        return Lake.open(str(tmp_path)).storage
    bucket: Bucket = request.getfixturevalue("bucket")
    return bucket.lake(f"lease-{tmp_path.name}").storage


def on_another_machine(held: Lease) -> Lease:
    """The lease, as if its holder were not a process of this machine."""
    held._holder["machine"] = "elsewhere"
    return held


def test_the_state_goes_to_the_next_holder(storage: Storage) -> None:
    with hold(storage, "name with / and ü:80") as first:
        assert first.before == {}
        first.state = {"pause": 7.5}
    with hold(storage, "name with / and ü:80") as second:
        assert second.before == {"pause": 7.5}
        assert 0 <= second.age < 5


def test_a_lease_that_is_not_renewed_can_be_taken_over_and_its_holder_knows(storage: Storage) -> None:
    lost = on_another_machine(Lease(storage, "a", expiry=2))
    lost.state = {"pause": 3}
    lost.acquire(0)
    began = time.monotonic()
    with pytest.raises(LeaseHeld):
        Lease(storage, "a", expiry=2).acquire(0)
    taker = Lease(storage, "a", expiry=2)
    taker.acquire(30)
    assert time.monotonic() - began > 1, "not before it had expired"
    assert taker.before == {"pause": 3}, "what a lost holder would have left"
    assert lost.lost and not lost.still_held() and taker.still_held()
    lost.renew()
    lost.release()
    with pytest.raises(LeaseHeld):
        Lease(storage, "a", expiry=60).acquire(0)


def test_a_store_that_counts_whole_seconds_gives_no_lease_away_too_early(storage: Storage) -> None:
    held = on_another_machine(Lease(storage, "a", expiry=1))
    second = math.ceil(time.time() + 0.2)
    time.sleep(second - 0.2 - time.time())
    held.acquire(0)
    time.sleep(max(0.0, second + 0.02 - time.time()))  # a fifth of a second, and the store counts one more
    with pytest.raises(LeaseHeld):
        Lease(storage, "a", expiry=1).acquire(0)


def test_a_lease_that_is_renewed_is_held_for_longer_than_its_expiry(storage: Storage) -> None:
    other = Lease(storage, "a", expiry=2)
    with hold(storage, "a", expiry=2) as held:
        on_another_machine(held)
        time.sleep(0.6)  # the next renewal names the other machine
        with pytest.raises(LeaseHeld):
            other.acquire(4)
        assert not held.lost
    other.acquire(0)


@pytest.mark.parametrize("hours", [-5, 5])
def test_the_clock_of_the_machine_does_not_matter(
    storage: Storage, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = on_another_machine(Lease(storage, "a", expiry=30))
    held.acquire(0)
    real = time.time
    monkeypatch.setattr(lease.time, "time", lambda: real() + hours * 3600)
    with pytest.raises(LeaseHeld):
        Lease(storage, "a", expiry=30).acquire(0)
    held.release()
    after = Lease(storage, "a")
    after.acquire(0)
    assert 0 <= after.age < 10


def test_of_many_at_once_one_gets_the_lease(storage: Storage) -> None:
    start, got, refused = threading.Barrier(6), [], []

    def compete() -> None:
        one = Lease(storage, "a")
        start.wait()
        try:
            one.acquire(0)
            got.append(one)
        except LeaseHeld:
            refused.append(one)

    threads = [threading.Thread(target=compete) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (1, 5)


def test_an_upload_whose_answer_was_lost_is_ours(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    write = type(storage).replace_if_unchanged

    def answer_lost(self: Storage, name: str, before: FileStat | None, data: bytes) -> bool:
        write(self, name, before, data)
        return False

    monkeypatch.setattr(type(storage), "replace_if_unchanged", answer_lost)
    one = Lease(storage, "a")
    one.acquire(0)
    monkeypatch.undo()
    one.renew()
    assert not one.lost


def test_a_store_that_fails_for_a_while_loses_no_lease(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    one = Lease(storage, "a", expiry=2)
    one.acquire(0)

    def broken(*_: object) -> bool:
        raise OSError("no route")

    monkeypatch.setattr(type(storage), "replace_if_unchanged", broken)
    one.renew()
    assert not one.lost
    time.sleep(1.7)
    assert one.lost and not one.still_held(), "it could not renew in time"
    monkeypatch.undo()
    assert one.still_held(), "and no other process has taken it over"
    one.release()


def test_a_process_number_that_was_given_to_another_process_holds_nothing(storage: Storage) -> None:
    one = Lease(storage, "a")
    one._holder["started"] = "12345"  # this process started at another time
    one.acquire(0)
    Lease(storage, "a").acquire(0)


def test_no_file_but_the_lease_is_left(storage: Storage) -> None:
    on_another_machine(Lease(storage, "a")).acquire(0)
    with pytest.raises(LeaseHeld):
        Lease(storage, "a").acquire(0)
    (name,) = storage.files("staging/.leases", "")
    content = json.loads(storage.read(name) or b"")
    assert name == "staging/.leases/a.json"
    assert content["holder"]["machine"] == "elsewhere"
    modified = dt.datetime.fromtimestamp(storage.stat(name).modified_ns / 1e9, dt.UTC)  # type: ignore[union-attr]
    assert abs(dt.datetime.now(dt.UTC) - modified) < dt.timedelta(minutes=1)


def test_a_holder_that_stood_still_while_it_wrote_loses_its_lease(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = bucket.lake(f"still-{tmp_path.name}").storage
    one, other = on_another_machine(Lease(storage, "a", expiry=1)), Lease(storage, "a", expiry=1)
    one.acquire(0)
    stat = type(storage).stat

    def after_a_pause(self: Storage, name: str) -> FileStat | None:
        monkeypatch.undo()
        other.acquire(30)
        return stat(self, name)

    monkeypatch.setattr(type(storage), "stat", after_a_pause)  # first called when the lease has been written
    one.renew()
    assert not one.still_held(), "the file is the other's by now"
    other.renew()
    assert other.still_held()
