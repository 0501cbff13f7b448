"""Children that hang, die or eat: their page is a reject with its reason, and all others are read."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from klartext.extract import pool
from klartext.extract.pool import Task, extract_all
from klartext.extract.worker import Result, work
from support import sample_pages

GIGABYTE = 1024**3


def task(number: int) -> Task:
    """A page with a story of its own."""
    html = sample_pages.page().replace("Nordkrog", f"Nordkrog-{number}")
    return (
        sample_pages.capture(html, url=f"https://www.hafenkurier.example/region/deich-{number}.html"),
        sample_pages.SOURCE,
        False,
    )


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Children in which pages hang, die and eat by what is written in them, and give nothing but their address else:
    that is quick. Gives the folder in which each child leaves its process id."""
    (tmp_path / "sitecustomize.py").write_text(
        f"""
import os, pickle, signal, sys, time
open(os.path.join({str(tmp_path)!r}, f"child-{{os.getpid()}}"), "w").close()
from klartext.extract import worker
def work(page, source, generic):
    if b"HANG" in page.body:
        while True: pass
    if b"SLEEP" in page.body: time.sleep(600)
    if b"STOPPED" in page.body and not os.path.exists(once := os.path.join({str(tmp_path)!r}, "stopped")):
        open(once, "w").close()
        os.kill(os.getpid(), signal.SIGSTOP)
    if b"LATE" in page.body: time.sleep(1.5)
    if b"KILL" in page.body: os.kill(os.getpid(), signal.SIGKILL)
    if b"EXIT" in page.body: raise SystemExit("mit Absicht")
    if b"EAT" in page.body: bytearray(8 * 1024**3)
    if b"PRINT" in page.body: print("eine Bibliothek, die redet")
    if b"CODE" in page.body:
        class Run:
            def __reduce__(self): return open, (os.path.join({str(tmp_path)!r}, "parent-ran-code"), "w")
        worker._write(sys.__stdout__.buffer, pickle.dumps(Run()))
    if b"LONG" in page.body:
        sys.__stdout__.buffer.write(worker.LENGTH.pack(2**62)); sys.__stdout__.buffer.flush()
    if b"OTHER" in page.body: worker._write(sys.__stdout__.buffer, b'{{"article": {{"title": 7}}}}')
    if b"HALF" in page.body: return worker.Result(detail="\\ud83d")
    return worker.Result(detail=page.url)
worker.work = work
worker.prepare = lambda: None
""",
        "utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(os.environ, "PYTHONSAFEPATH", raising=False)
    yield tmp_path


def with_word(number: int, word: str) -> Task:
    page, source, generic = task(number)
    return sample_pages.capture(page.body + f"<!-- {word} -->".encode(), url=page.url), source, generic


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_results_come_with_the_index_of_their_task(child: Path) -> None:
    tasks = [task(n) for n in range(5)]
    assert {n: result.detail for n, result in extract_all(tasks, workers=2)} == {n: tasks[n][0].url for n in range(5)}


def test_the_results_are_the_same_whatever_the_workers_and_the_order() -> None:
    tasks = [task(n) for n in range(6)]
    order = [4, 1, 5, 0, 3, 2]
    alone = dict(extract_all(tasks, workers=1))
    mixed = {order[i]: result for i, result in extract_all([tasks[n] for n in order], workers=2)}
    assert alone == mixed
    assert {n: work(*tasks[n]) for n in order} == alone


def test_no_tasks_no_children() -> None:
    assert list(extract_all([], workers=2)) == []


@pytest.mark.parametrize(("word", "workers"), [("EXIT", 1), ("EXIT", 2), ("EAT", 1)])
def test_a_page_that_ends_its_child_is_a_reject_and_the_others_go_on(child: Path, word: str, workers: int) -> None:
    tasks = [task(0), task(1), with_word(2, word), task(3), task(4)]
    found = dict(extract_all(tasks, workers=workers))
    assert [found[n].detail for n in (0, 1, 3, 4)] == [tasks[n][0].url for n in (0, 1, 3, 4)]
    assert found[2].reason == "extractor-died"
    assert found[2].detail
    assert all(gone(int(path.name.partition("-")[2])) for path in child.glob("child-*"))


@pytest.mark.parametrize("word", ["CODE", "LONG", "OTHER"])
def test_what_a_child_sends_is_only_taken_as_the_data_of_a_result(child: Path, word: str) -> None:
    found = dict(extract_all([task(0), with_word(1, word), task(2)]))
    assert [found[n].reason for n in range(3)] == [None, "extractor-died", None]
    assert not (child / "parent-ran-code").exists()


def test_a_text_that_no_file_can_hold_is_a_reject(child: Path) -> None:
    found = dict(extract_all([with_word(0, "HALF"), task(1)]))
    assert [found[n].reason for n in range(2)] == ["extractor-error", None]


def test_a_page_that_waits_for_the_machine_has_its_time_of_cpu(child: Path) -> None:
    found = dict(extract_all([with_word(0, "LATE"), task(1)], seconds=0.5))
    assert [found[n].reason for n in range(2)] == [None, None]


def test_a_page_that_the_machine_let_stand_is_tried_once_more(child: Path) -> None:
    found = dict(extract_all([task(0), with_word(1, "STOPPED"), task(2)], seconds=0.5))
    assert [found[n].reason for n in range(3)] == [None, None, None]


@pytest.mark.parametrize("word", ["SLEEP", "KILL"])
def test_a_page_that_the_machine_never_lets_be_read_fails_the_step_and_is_no_reject(child: Path, word: str) -> None:
    with pytest.raises(pool.MachineFault, match=r"deich-0\.html: .*, twice: the machine is overloaded"):
        list(extract_all([with_word(0, word), task(1)], seconds=0.3))
    assert all(gone(int(path.name.partition("-")[2])) for path in child.glob("child-*"))


def test_what_a_dying_child_said_is_told(child: Path) -> None:
    assert dict(extract_all([with_word(0, "EXIT")]))[0].detail == "mit Absicht"
    assert dict(extract_all([with_word(0, "EAT")]))[0].detail == "MemoryError"


def test_a_page_that_takes_too_long_is_ended_and_the_others_go_on(child: Path) -> None:
    tasks = [task(0), with_word(1, "HANG"), task(2), with_word(3, "HANG"), task(4)]
    found = dict(extract_all(tasks, workers=1, seconds=1.0))
    assert [found[n].reason for n in (0, 2, 4)] == [None] * 3
    assert [(found[n].reason, found[n].detail) for n in (1, 3)] == [("time-limit", "took longer than 1 s")] * 2
    assert all(gone(int(path.name.partition("-")[2])) for path in child.glob("child-*"))


def test_a_child_killed_from_outside_loses_no_page(child: Path) -> None:
    results = extract_all([task(0), with_word(1, "LATE"), task(2)], workers=1, seconds=300)
    index, first = next(results)
    assert index == 0
    (pid,) = [int(path.name.partition("-")[2]) for path in child.glob("child-*")]
    os.kill(pid, signal.SIGKILL)
    found = {0: first, **dict(results)}
    assert [found[n].reason for n in range(3)] == [None, None, None]


def test_with_too_little_memory_every_page_has_its_reason() -> None:
    found = dict(extract_all([task(0), task(1)], memory=GIGABYTE // 40))
    assert {result.reason for result in found.values()} <= {"out-of-memory", "extractor-died"}
    assert len(found) == 2
    assert all(result.detail for result in found.values())


def test_a_child_that_is_ended_by_its_caller_is_gone(child: Path) -> None:
    results = extract_all((with_word(n, "HANG") if n else task(0) for n in range(9)), workers=1, seconds=300)
    next(results)
    results.close()  # type: ignore[attr-defined]
    pids = [int(path.name.partition("-")[2]) for path in child.glob("child-*")]
    assert pids
    assert all(gone(pid) for pid in pids)


def test_what_a_library_prints_is_no_answer(child: Path) -> None:
    assert dict(extract_all([with_word(0, "PRINT")]))[0].reason is None


def test_a_child_is_replaced_after_its_pages(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PAGES_PER_CHILD", 2)
    found = dict(extract_all([task(n) for n in range(5)]))
    assert [found[n].detail for n in range(5)] == [task(n)[0].url for n in range(5)]
    assert len(list(child.glob("child-*"))) == 3


def test_tasks_are_taken_as_children_come_free(child: Path) -> None:
    taken: list[int] = []

    def tasks() -> Iterator[Task]:
        for n in range(8):
            taken.append(n)
            yield task(n)

    results = extract_all(tasks(), workers=2)
    next(results)
    assert len(taken) <= 4
    results.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("error", "reason", "detail"),
    [
        (RecursionError("zu tief"), "extractor-error", "RecursionError: zu tief"),
        (KeyError("x" * 900), "extractor-error", ("KeyError: '" + "x" * 900)[:500]),
        (MemoryError(), "out-of-memory", "the page needs more memory than a page may have"),
    ],
)
def test_whatever_goes_wrong_with_a_page_is_a_result(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str, detail: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("klartext.extract.page.extract", broken)
    assert work(*task(0)) == Result(reason=reason, detail=detail)


def test_a_page_that_is_none_is_a_result() -> None:
    refused = work(sample_pages.capture(b"", url=sample_pages.URL), sample_pages.SOURCE, False)
    assert (refused.reason, refused.detail) == ("empty", "the payload is empty")


def test_a_page_that_is_nothing_but_nesting_is_over_soon() -> None:
    bomb = "<div><b><table><tr><td><ul><li>" * 60_000
    began = time.monotonic()
    page = sample_pages.capture(sample_pages.page(sample_pages.lines(inside=bomb)))
    ((_, result),) = extract_all([(page, sample_pages.SOURCE, False)], seconds=10)
    assert result.article is not None or result.reason in ("no-text", "time-limit", "out-of-memory", "not-html")
    assert time.monotonic() - began < 80


def test_only_the_start_of_a_child_has_more_time_than_a_page(child: Path) -> None:
    start = time.monotonic()
    found = dict(extract_all([with_word(n, "HANG") for n in range(3)], seconds=0.5))
    assert [found[n].reason for n in range(3)] == ["time-limit"] * 3
    assert time.monotonic() - start < 45  # three children that each had a minute more would take three


def test_a_child_that_does_not_start_is_no_fault_of_the_page(child: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (child / "sitecustomize.py").write_text("import time\ntime.sleep(60)\n", "utf-8")
    monkeypatch.setattr(pool, "START_LIMIT", 0.5)
    with pytest.raises(pool.MachineFault):
        dict(extract_all([task(0)]))
