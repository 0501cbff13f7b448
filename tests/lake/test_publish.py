"""A batch owns its files: published again, cut off and published again, or emptied, the lake ends the same."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from klartext.lake import Lake, LakeError, publish_batch, storage, summary
from lake.samples import article, batch, fetch, moment, reject, teaser
from lake.samples_lake import bucket, contents, publish, republish, stage


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def test_a_batch_has_one_file_in_each_table(lake: Lake) -> None:
    stage(lake, batch(), [article(1), article(2)], [teaser(1)], [reject(3)], [fetch(n) for n in (1, 2, 3)])
    published = publish_batch(lake, batch())
    assert published == {"partitions": ["dwn|2024-05"], "articles": 2, "teasers": 1, "rejects": 1, "fetches": 3}
    assert list(contents(lake)) == [
        f"lake/{table}/source=dwn/date=2024-05-01/dwn-2024-05-01.parquet"
        for table in ("batches", "fetches", "rejects", "teasers", "versions")
    ]


def test_a_rerun_leaves_the_same_bytes_and_names_the_same_partitions(lake: Lake) -> None:
    stage(lake, batch(), [article(1), article(2)], [teaser(1)], [reject(3)], [fetch(1)])
    first, before = republish(lake, batch()), contents(lake)
    assert republish(lake, batch()) == first
    assert contents(lake) == before


def test_a_batch_without_rows_has_no_files_and_takes_its_former_ones_away(lake: Lake) -> None:
    stage(lake, batch(), [article(1)], [teaser(1)], [reject(3)], [fetch(1)])
    republish(lake, batch())
    assert publish(lake, batch()) == ["dwn|2024-05"]
    assert contents(lake) == {}


def test_what_has_not_been_staged_is_not_taken_for_empty(lake: Lake) -> None:
    publish(lake, batch(), article(1))
    before = contents(lake)
    lake.unstage(batch(), "versions")
    lake.unstage(batch(), "teasers")
    with pytest.raises(LakeError, match="staged no teasers, versions"):
        publish_batch(lake, batch())
    assert contents(lake) == before


def test_partitions_that_the_former_rows_were_in_are_touched(lake: Lake) -> None:
    april = article(1, published_at=moment("2024-04-10T08:00"))
    assert publish(lake, batch(), april) == ["dwn|2024-04"]
    assert publish(lake, batch(), article(1)) == ["dwn|2024-04", "dwn|2024-05"]
    assert [name for name in contents(lake) if "/articles/" in name] == [
        "lake/articles/source=dwn/month=2024-05/articles.parquet"
    ]


def test_captures_of_one_content_are_one_version_the_earliest(lake: Lake) -> None:
    captures = [article(1, fetched_at=moment(f"2024-05-0{day}T04:00")) for day in (4, 2, 3)]
    publish(lake, batch(), *captures)
    versions = lake.published(batch(), "versions")
    assert versions is not None
    assert versions["fetched_at"].to_pylist() == [moment("2024-05-02T04:00")]


def test_an_edit_that_is_taken_back_is_three_versions(lake: Lake) -> None:
    titles = {"2024-05-02T04:00": "Erst so", "2024-05-03T04:00": "Dann anders", "2024-05-04T04:00": "Erst so"}
    publish(lake, batch(), *(article(1, title=title, fetched_at=moment(at)) for at, title in titles.items()))
    versions = lake.published(batch(), "versions")
    assert versions is not None
    assert versions["title"].to_pylist() == list(titles.values())


def test_an_object_store_ends_with_the_same_files(lake: Lake) -> None:
    store = Lake(bucket())
    for each in (lake, store):
        publish(each, batch(), article(1), article(2))
        stage(each, batch("2024-05-02"), [article(1, title="Anders", fetched_at=moment("2024-05-03T04:00"))],
              [teaser(1)], [reject(3)], [fetch(1)])  # fmt: skip
        republish(each, batch("2024-05-02"))
        publish(each, batch(), article(2))
    assert contents(store) == contents(lake)
    assert summary(store) == summary(lake)


def test_captures_are_kept_in_an_object_store() -> None:
    store = Lake(bucket())
    for content in (b"first", b"second"):
        local = store.scratch(batch()) / "under-way.warc.gz"
        local.write_bytes(content)
        name = store.keep_raw(batch(), local)
    assert store.raw_files(batch()) == [name.replace("--1", "--0"), name]
    with store.open_raw(name) as stream:
        assert stream.read() == b"second"
    store.scratch(batch()).rmdir()


class Killed(BaseException):
    """As nothing that runs would catch."""


@pytest.mark.parametrize("after", [False, True], ids=["before-it-is-there", "when-it-is-there"])
@pytest.mark.parametrize("nth", range(7))
def test_cut_off_at_any_write_the_next_run_heals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int, after: bool
) -> None:
    old = [article(1, published_at=moment("2024-04-10T08:00")), article(2)]
    new = [article(1, title="Anders", published_at=moment("2024-06-10T08:00")), article(3)]

    def run(name: str, kill: bool) -> dict[str, str]:
        lake = Lake.open(str(tmp_path / name))
        stage(lake, batch(), old, [teaser(1)], [reject(9)], [fetch(1)])
        republish(lake, batch())
        stage(lake, batch(), new, [teaser(3)], [], [fetch(1), fetch(3)])
        if kill:
            _kill(monkeypatch, nth, after)
            with pytest.raises(Killed):
                republish(lake, batch())
            monkeypatch.undo()
            for file in contents(lake):
                assert lake.storage.read(file)  # whole files only, and nothing else
        republish(lake, batch())
        return contents(lake)

    assert run("killed", kill=True) == run("clean", kill=False)


def _kill(monkeypatch: pytest.MonkeyPatch, nth: int, after: bool) -> None:
    """Ends the work at the nth change of the lake, before or after it is made."""
    put, remove, count = storage.Storage.put, storage.Storage.remove, iter(range(1000))

    def cut(change, self, *arguments):  # type: ignore[no-untyped-def]
        last = next(count) == nth
        if last and not after:
            raise Killed
        change(self, *arguments)
        if last:
            raise Killed

    monkeypatch.setattr(storage.Storage, "put", lambda self, *a: cut(put, self, *a))
    monkeypatch.setattr(storage.Storage, "remove", lambda self, *a: cut(remove, self, *a))


def test_a_process_killed_in_the_middle_of_a_write_leaves_the_file_before(lake: Lake) -> None:
    publish(lake, batch(), article(1))
    before = contents(lake)
    code = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from lake.samples import article, batch
        from lake.samples_lake import publish
        from klartext.lake import Lake
        Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        publish(Lake.open(sys.argv[1]), batch("2024-05-02"), article(2))
    """)
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code, str(lake.storage.disk)],
        env={**os.environ, "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent / 'include'}"},
        check=False,
    )
    assert done.returncode == -9
    assert contents(lake) == before
    assert len(contents(lake, "staging/.writing")) == 1  # the half-written file lies outside of every table
