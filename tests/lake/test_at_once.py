"""Two runs at once: no row is lost, and no older view stays in the place of a younger one."""

from __future__ import annotations

import functools
import itertools
import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from klartext.curate import curate
from klartext.lake import Lake, layout, tables
from klartext.model import Article
from klartext.publish import publish_batch
from support.lakes import Place
from support.object_store import Bucket
from support.sample_lake import CHANGES, contents, publish, republish, stage, watched
from support.sample_rows import article, batch, moment

LATE = moment("2024-05-04T04:00")
FIRST, SECOND = batch("2024-05-02"), batch("2024-05-03")
MAY = layout.month_file("dwn", "2024-05")


def titles(lake: Lake) -> list[str]:
    return [f"{row['article_id']} {row['title']}" for row in
            tables.from_parquet("current", lake.storage.read(MAY) or b"").to_pylist()]  # fmt: skip


def test_a_run_that_comes_between_any_two_steps_of_a_rebuild_is_not_lost(place: Place) -> None:
    """Another batch is published and curated whole, just before each step of the rebuild in turn."""
    steps = 0
    while _interrupted(place(str(steps)), steps):
        steps += 1
    assert steps >= 6


def _interrupted(lake: Lake, at: int) -> bool:
    """Whether the rebuild came to the step with that number, or one after it at which another run need not wait."""
    publish(lake, batch(), article(1, title="Erst"))
    stage(lake, SECOND, [article(1, title="Dann", fetched_at=LATE), article(2)])
    steps = itertools.count()
    came = []

    def between(*_: str) -> None:
        if next(steps) >= at and not came and not rebuilding.storage.held:  # type: ignore[attr-defined]
            came.append(at)
            republish(lake, SECOND)

    rebuilding = watched(lake, between)
    curate(rebuilding, "dwn", "2024-05")
    assert not came or [title.split()[:2] for title in titles(lake)] == [["dwn:1", "Dann"], ["dwn:2", "Stadtrat"]], at
    return bool(came)


def test_an_older_view_is_seen_and_replaced_where_the_store_cannot_tell(bucket: Bucket) -> None:
    """What is there is, byte for byte, what was there before this rebuild read another state."""
    lake = bucket.lake("aba")
    publish(lake, batch(), article(1))
    stage(lake, SECOND, [article(2)])
    publish_batch(lake, SECOND)
    written = []

    def between(verb: str, name: str) -> None:
        if verb == "replace_if_unchanged" and not written:  # it has read two articles; the second goes again
            publish(lake, SECOND)
        if verb == "replace_if_unchanged":
            written.append(name)

    curate(watched(lake, between), "dwn", "2024-05")
    assert [title.split()[0] for title in titles(lake)] == ["dwn:1"]
    assert MAY in written[1:]


def test_a_view_that_another_run_wrote_meanwhile_is_not_overwritten(bucket: Bucket) -> None:
    lake = bucket.lake("condition")
    publish(lake, batch(), article(1))
    stage(lake, SECOND, [article(2)])
    seen = []

    def between(verb: str, name: str) -> None:
        if verb == "replace_if_unchanged" and not seen:
            republish(lake, SECOND)
        if verb in CHANGES:
            seen.append(len(titles(lake)))

    curate(watched(lake, between), "dwn", "2024-05")
    assert seen[1:] and set(seen) == {2}, "never, not even for a moment, is the older view back"
    assert len(titles(lake)) == 2


class Turns:
    """Threads of which one goes on at a time, by one step; ``chosen`` says which."""

    def __init__(self, chosen: Callable[[int], int]) -> None:
        self._chosen, self._on = chosen, threading.local()
        self._go: list[threading.Semaphore] = []
        self._back = threading.Semaphore(0)
        self._alive: list[int] = []
        self._failed: list[BaseException] = []

    def step(self, *_: str) -> None:
        number = self._on.number
        self._back.release()
        self._go[number].acquire()

    def run(self, *works: Callable[[], object]) -> None:
        def body(number: int, work: Callable[[], object]) -> None:
            self._on.number = number
            self._go[number].acquire()
            try:
                work()
            except BaseException as error:  # noqa: BLE001
                self._failed.append(error)
            self._alive.remove(number)
            self._back.release()

        self._go = [threading.Semaphore(0) for _ in works]
        self._alive = list(range(len(works)))
        threads = [threading.Thread(target=body, args=pair, daemon=True) for pair in enumerate(works)]
        for thread in threads:
            thread.start()
        while self._alive:
            self._go[self._alive[self._chosen(len(self._alive))]].release()
            self._back.acquire()
        for thread in threads:
            thread.join()
        if self._failed:
            raise self._failed[0]


ROWS: dict[str, list[Article]] = {
    "first": [article(1, title="Dann", fetched_at=LATE), article(2)],
    "second": [article(1, title="Zuletzt", fetched_at=moment("2024-05-05T04:00")),
               article(3, published_at=moment("2024-04-10T08:00"))],
    "gone": [],
}  # fmt: skip


@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate],
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(st.randoms(use_true_random=False), st.permutations(list(ROWS)))
def test_steps_of_three_runs_in_any_order_end_as_one_after_the_other(
    bucket: Bucket, chance: random.Random, rows: list[str]
) -> None:
    """Two runs of new batches and one that replaces what it had published, step by step on one object store."""
    plan = dict(zip([FIRST, SECOND, batch()], rows, strict=True))
    lakes = [bucket.lake(uuid.uuid4().hex) for _ in "ab"]
    for lake in lakes:
        publish(lake, batch(), article(1, title="Erst"), article(4))
        for each, name in plan.items():
            stage(lake, each, ROWS[name])
    clean, wild = lakes
    for each in plan:
        republish(clean, each)
    turns = Turns(chance.randrange)
    stepping = watched(wild, turns.step)
    turns.run(*(functools.partial(republish, stepping, each) for each in plan))
    assert contents(wild) == contents(clean)


def test_threads_that_run_as_they_like_end_as_one_after_the_other(place: Place) -> None:
    clean, wild = place("clean"), place("wild")
    days = [batch(f"2024-05-{day:02}") for day in range(1, 6)]
    for lake, number in itertools.product((clean, wild), range(len(days))):
        again = article(1, title=f"Titel {number}", fetched_at=moment(f"2024-05-1{number}T04:00"))
        stage(lake, days[number], [again, article(number + 10)])
    for day in days:
        republish(clean, day)
    chance = random.Random(4)
    slow = watched(wild, lambda *_: time.sleep(chance.random() / 300))
    with ThreadPoolExecutor(len(days)) as pool:
        list(pool.map(functools.partial(republish, slow), days))
    assert contents(wild) == contents(clean)
    assert len(titles(wild)) == 6
