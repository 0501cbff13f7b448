"""One child for all pages: results are kept, those that wait are bounded, a fault of the machine is not kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from klartext.console import warm_extractor
from klartext.console.view import Busy
from klartext.console.warm_extractor import WarmExtractor
from klartext.extract import pool
from klartext.extract.explain import Line
from klartext.extract.worker import Result

TASK: Any = ("page", "source", False, True)


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch) -> list[list[Any]]:
    """The tasks of each pool that was started; a task is answered with its page as detail."""
    started: list[list[Any]] = []

    def extract_all(tasks: Iterator[Any], *, workers: int) -> Iterator[tuple[int, Result]]:
        assert workers == 1
        done: list[Any] = []
        started.append(done)
        for index, task in enumerate(tasks):
            done.append(task)
            if task[0] == "broken":
                raise RuntimeError("no process started")
            yield index, Result(detail=task[0], lines=[Line(True, "", task[0])])

    monkeypatch.setattr(pool, "extract_all", extract_all)
    return started


def task(page: str) -> Any:
    return (page, "source", False, True)


def test_one_pool_serves_all_pages_and_a_page_is_extracted_once(pools: list[list[Any]]) -> None:
    extractor = WarmExtractor()
    for name in ("a", "b", "a"):
        assert extractor.extract((name,), task(name)).detail == name
    assert [[each[0] for each in done] for done in pools] == [["a", "b"]]


def test_the_child_ends_when_no_page_comes_and_another_starts(pools: list[list[Any]]) -> None:
    extractor = WarmExtractor(idle=0.05)
    extractor.extract(("a",), task("a"))
    thread = extractor._thread
    if thread is not None:
        thread.join(30)
        assert not thread.is_alive()
    assert extractor.extract(("b",), task("b")).detail == "b"
    assert len(pools) == 2


def test_a_fault_of_the_machine_is_not_kept(pools: list[list[Any]]) -> None:
    extractor = WarmExtractor()
    with pytest.raises(Busy, match="no process started"):
        extractor.extract(("a",), task("broken"))
    assert extractor.extract(("a",), task("a")).detail == "a"


def test_a_long_result_is_not_kept(pools: list[list[Any]]) -> None:
    extractor = WarmExtractor()
    page = "x" * (warm_extractor._LONG + 1)
    extractor.extract(("a",), task(page))
    extractor.extract(("a",), task(page))
    assert len(pools[0]) == 2


def test_those_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def extract_all(tasks: Iterator[Any], **_: object) -> Iterator[tuple[int, Result]]:
        for index, task in enumerate(tasks):
            go.wait(60)
            yield index, Result(detail=task[0])

    monkeypatch.setattr(pool, "extract_all", extract_all)
    extractor = WarmExtractor()
    waiting = [extractor._submit(task(str(n))) for n in range(warm_extractor._WAITING)]
    refused = False
    for n in range(100, 103):  # one may be at the child, so that its place is free
        try:
            waiting.append(extractor._submit(task(str(n))))
        except Busy:
            refused = True
    assert refused
    go.set()
    answers = [future.result(60).detail for future in waiting]
    assert answers[: warm_extractor._WAITING] == [str(n) for n in range(warm_extractor._WAITING)]
