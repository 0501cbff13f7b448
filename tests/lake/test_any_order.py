"""Runs, reruns, kills and replays of the newsroom's days, in any order and at once, end in one lake."""

from __future__ import annotations

import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import newsroom
from klartext.batch import Batch
from klartext.curate import curate
from klartext.lake import Lake
from klartext.link import link, link_pending
from klartext.maintenance.check import check
from support.lake_runs import RULES, World, linked_tables, press_at
from support.object_store import Bucket
from support.sample_lake import Killed, dying

SECONDS = 30
"""What `make test` has for this; `make soak` takes KLARTEXT_SOAK."""


class Op(NamedTuple):
    """What somebody does: ``run``, ``replay``, ``curate`` months, ``lose`` what was staged; of one batch, or of
    two at once. ``dies`` is the number of the change at which it is killed, if it comes so far."""

    kind: str
    batch: int
    beside: int | None
    rules: str
    dies: int | None


OPS = st.builds(
    Op,
    st.sampled_from(["run", "run", "replay", "curate", "lose"]),
    st.integers(0, 11),
    st.none() | st.integers(0, 11),
    st.sampled_from(RULES),
    st.none() | st.integers(0, 16),
)


@pytest.fixture(scope="module")
def met(
    press: newsroom.Press, bucket: Bucket, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, Lake]]:
    """The days of a publisher that edits one of its pages, and the lake of one clean pass."""
    yield from meet(press, tmp_path_factory.mktemp("clean"), bucket.lake("clean-pass"), ["nordwoche"])


def meet(press: newsroom.Press, folder: Path, lake: Lake, slugs: list[str]) -> Iterator[tuple[World, Lake]]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_SOURCES", press_at(press, folder / "sources"))
        environment.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(press.hosts))
        yield World.met(press, lake, slugs), lake


def live(world: World, lake: Lake, ops: list[Op]) -> None:
    """Does these things, and in the end what the scheduler would see to: every batch run by the rules of now, every
    partition that was announced rebuilt."""
    announced: set[str] = set()
    lock = threading.Lock()
    done: dict[Batch, str] = {}

    def one(op: Op, batch: Batch) -> None:
        done.pop(batch, None)
        if op.kind == "lose":
            for name in lake.storage.files(f"staging/{batch.name}", ".parquet"):
                lake.storage.remove(name)
            return
        if op.kind == "replay" and not lake.raw_files(batch):
            return  # there is nothing to replay yet
        try:
            touched = world.run(dying(lake, op.dies), batch, op.rules, replay=op.kind == "replay")
        except Killed:
            return  # nobody hears of what it touched
        done[batch] = op.rules
        with lock:
            announced.update(touched)

    def rebuild(dies: int | None) -> None:
        changed = {(source, month) for source, month in (key.split("|") for key in announced)}
        for key in sorted(announced):
            curate(dying(lake, dies), *key.split("|"))
            announced.discard(key)
        if dies is None:
            link_pending(lake)
        else:
            link(dying(lake, dies), changed)

    for op in ops:
        if op.kind == "curate":
            try:
                rebuild(op.dies)
            except Killed:
                continue  # Airflow runs it again
            continue
        both = {op.batch % len(world.batches), (op.batch if op.beside is None else op.beside) % len(world.batches)}
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda number, op=op: one(op, world.batches[number]), sorted(both)))
    for batch in world.batches:
        if done.get(batch) != RULES[0]:
            one(Op("run", 0, None, RULES[0], None), batch)
    rebuild(None)


def any_sequence(world: World, clean: Lake, new: Callable[[], Lake], examples: int, number: int) -> None:
    expected = linked_tables(clean)

    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(OPS, min_size=2, max_size=8))
    def ends_as_one_clean_pass(ops: list[Op]) -> None:
        lake = new()
        try:
            live(world, lake, ops)
            assert linked_tables(lake) == expected
            assert list(check(lake)) == []
        finally:
            if lake.storage.disk:
                shutil.rmtree(lake.storage.disk, ignore_errors=True)

    ends_as_one_clean_pass()


def for_a_while(world: World, clean: Lake, folder: Path, bucket: Bucket, seconds: float) -> int:
    """Sequences on disks and in object stores until the time is over; gives the number of rounds."""
    until, rounds = time.monotonic() + seconds, 0
    first = int.from_bytes(os.urandom(4))
    while time.monotonic() < until:
        any_sequence(world, clean, lambda: Lake.open(str(folder / uuid.uuid4().hex)), 4, first + rounds)
        any_sequence(world, clean, lambda: bucket.lake(uuid.uuid4().hex), 1, first + rounds)
        rounds += 1
    return rounds


def test_the_pass_from_captures_is_the_pass_that_was_met(met: tuple[World, Lake], tmp_path: Path) -> None:
    """What the sequences are held against is what discovering, fetching, extracting and validating gave."""
    world, clean = met
    lake = Lake.open(str(tmp_path))
    live(world, lake, [])
    assert linked_tables(lake) == linked_tables(clean)
    assert list(check(clean)) == []
    assert len(linked_tables(clean)) == 1 + len(world.batches) + 3, "a month of articles, its shingles, what they share"
    before = Lake.open(str(tmp_path / "before"))
    for key in {key for batch in world.batches for key in world.run(before, batch, "of before")}:
        curate(before, *key.split("|"))
    link_pending(before)
    assert linked_tables(before) != linked_tables(clean), "the rules make a difference"


def test_any_sequence_ends_as_one_clean_pass(met: tuple[World, Lake], tmp_path: Path, bucket: Bucket) -> None:
    assert for_a_while(*met, tmp_path, bucket, SECONDS)


@pytest.mark.soak
def test_any_sequence_over_all_publishers_ends_as_one_clean_pass(
    press: newsroom.Press, tmp_path: Path, bucket: Bucket
) -> None:
    slugs = [site.slug for site in newsroom.load()]
    assert len(slugs) == 4
    for world, clean in meet(press, tmp_path, bucket.lake("clean-soak"), slugs):
        assert for_a_while(world, clean, tmp_path, bucket, float(os.environ.get("KLARTEXT_SOAK", "600")))
