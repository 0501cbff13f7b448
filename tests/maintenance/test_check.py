"""Every promise of the lake, broken once, is reported; and the views come back from the versions alone."""

from __future__ import annotations

import dataclasses
import random
import re
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from klartext import model
from klartext.lake import Lake, layout, tables
from klartext.link import link_pending
from klartext.maintenance.check import check, rebuild
from klartext.model import Article
from klartext.warc import reader
from support import warc_files
from support.lakes import Place
from support.sample_lake import contents, republish, stage
from support.sample_rows import account, article, batch, fetch, moment, reject, teaser

MAY, APRIL = layout.month_file("dwn", "2024-05"), layout.month_file("dwn", "2024-04")
ACCOUNT, VERSIONS, TEASERS = (
    layout.published_file(batch(), "batches"),
    layout.published_file(batch(), "versions"),
    layout.published_file(batch(), "teasers"),
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of three articles with their captures."""
    root = tmp_path_factory.mktemp("sound")
    lake = Lake.open(str(root))
    urls = [article(n).url for n in (1, 2, 3)]
    local = warc_files.write(lake.scratch_folder(batch()) / "x.warc.gz", [(url, f"<h1>{url}</h1>") for url in urls])
    name = lake.add_raw_file(batch(), local)
    with lake.open_raw(name) as stream:
        captures = [page.capture for page in reader.read(stream, name)]
    rows = [article(n, capture=captures[n - 1]) for n in (1, 2, 3)]
    rows[2] = dataclasses.replace(rows[2], published_at=moment("2024-04-02T08:00"))
    stage(lake, batch(), rows, [teaser(1)], [reject(4)], [fetch(1)])
    republish(lake, batch())
    return root


@pytest.fixture
def lake(sound: Path, place: Place) -> Lake:
    """That lake on a disk, and in an object store."""
    lake = place("lake")
    for path in sound.rglob("*"):
        if path.is_file():
            lake.storage.put(path.relative_to(sound).as_posix(), path.read_bytes())
    return lake


def rewrite(lake: Lake, name: str, table: str, change: Callable[[pa.Table], pa.Table]) -> None:
    lake.storage.put(name, tables.to_parquet(table, change(tables.from_parquet(table, lake.storage.read(name) or b""))))


def test_a_sound_lake_has_no_problem(lake: Lake) -> None:
    assert list(check(lake)) == []


def torn(lake: Lake) -> None:
    lake.storage.put(TEASERS, (lake.storage.read(TEASERS) or b"")[:-200])


def stray(lake: Lake) -> None:
    lake.storage.put("lake/teasers/notes.json", b"{}")


def other_columns(lake: Lake) -> None:
    rows = tables.from_parquet("teasers", lake.storage.read(TEASERS) or b"")
    lake.storage.put(TEASERS, plain(rows.drop_columns(["kicker"])))


def plain(rows: pa.Table) -> pa.Buffer:
    """A Parquet file that names no version of the schema."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink)
    return sink.getvalue()


def twice(lake: Lake) -> None:
    rewrite(lake, APRIL, "current", lambda rows: pa.concat_tables([rows, _of(lake, MAY).slice(0, 1)]))


def _of(lake: Lake, name: str) -> pa.Table:
    return tables.from_parquet("current", lake.storage.read(name) or b"")


def old_view(lake: Lake) -> None:
    def retitled(rows: pa.Table) -> pa.Table:
        return rows.set_column(rows.schema.get_field_index("title"), "title", pa.array(["Alt"] * rows.num_rows))

    rewrite(lake, MAY, "current", retitled)


def no_view(lake: Lake) -> None:
    lake.storage.remove(APRIL)


def left_over(lake: Lake) -> None:
    lake.storage.put(layout.month_file("dwn", "2020-01"), tables.to_parquet("current", _of(lake, MAY).slice(0, 0)))


def no_raw(lake: Lake) -> None:
    lake.storage.remove(lake.raw_files(batch())[0])


def other_raw(lake: Lake) -> None:
    other = warc_files.write(
        lake.scratch_folder(batch()) / "x.warc.gz", [(article(n).url, "<h1>Etwas anderes</h1>") for n in (1, 2, 3)]
    )
    lake.storage.put(lake.raw_files(batch())[0], other.read_bytes())
    other.unlink()


def half_written(lake: Lake) -> None:
    lake.storage.put(f"{layout.WRITING}/abc", b"half")


def no_account(lake: Lake) -> None:
    lake.storage.remove(ACCOUNT)


def other_account(lake: Lake) -> None:
    lake.publish(batch(), "batches", model.table(model.Account, [account(batch(), failed=1)]))


def _skips(*entries: tuple[str, int], warnings: list[str] | None = None) -> Callable[[Lake], None]:
    def publish(lake: Lake) -> None:
        skipped = [model.Skipped(origin="https://a.example/feed", reason=reason, count=n) for reason, n in entries]
        row = account(batch(), skipped=skipped, warnings=warnings or [])
        lake.publish(batch(), "batches", model.table(model.Account, [row]))

    return publish


def not_published(lake: Lake) -> None:
    lake.stage(batch("2024-05-09"), "versions", [article(9)])


@pytest.mark.parametrize(
    ("harm", "file", "what"),
    [
        (torn, TEASERS, "is damaged"),
        (stray, "lake/teasers/notes.json", "is no Parquet file of a table"),
        (other_columns, TEASERS, "is of schema none, now"),
        (twice, MAY, "has dwn:1, which"),
        (twice, APRIL, "differs from what versions give"),
        (old_view, MAY, "differs from what versions give"),
        (no_view, APRIL, "is missing, with 1 articles"),
        (left_over, layout.month_file("dwn", "2020-01"), "left over"),
        (no_raw, layout.raw_file(batch(), 0), "is missing; 3 versions"),
        (other_raw, layout.raw_file(batch(), 0), "capture at byte"),
        (half_written, f"{layout.WRITING}/abc", "being written"),
        (no_account, VERSIONS, "has no account"),
        (other_account, ACCOUNT, "does not add up: 10 pages discovered, 11 have an outcome"),
        (_skips(("cut", 0)), ACCOUNT, "without a count"),
        (_skips(("cut", 1), ("cut", 2)), ACCOUNT, "the same entry in skipped twice"),
        (_skips((model.ARTICLES_FOLDED, 1)), ACCOUNT, "addresses without the warning"),
        (_skips(("cut", 1), warnings=[model.ARTICLES_FOLDED]), ACCOUNT, "without addresses"),
        (not_published, "staging/dwn-2024-05-09/versions.parquet", "accepted rows that are not published"),
    ],
)
def test_every_kind_of_problem_is_reported(harm: Callable[[Lake], None], file: str, what: str, lake: Lake) -> None:
    harm(lake)
    found = [(problem.file, problem.what) for problem in check(lake)]
    assert [text for name, text in found if name == file and what in text], found
    assert len({name for name, _ in found}) == (2 if harm is twice else 1)


def test_captures_may_be_left_out(lake: Lake) -> None:
    no_raw(lake)
    assert list(check(lake, captures=False)) == []


def test_the_views_come_back_from_the_versions_alone(lake: Lake) -> None:
    link_pending(lake)
    before = contents(lake)
    for harm in (old_view, no_view, left_over):
        harm(lake)
    lake.storage.put(layout.version_index("dwn"), b"torn")
    assert sorted(rebuild(lake)) == [("dwn", "2020-01", 0), ("dwn", "2024-04", 1), ("dwn", "2024-05", 2)]
    assert contents(lake) == before
    assert list(rebuild(lake, "zeit")) == []


def test_a_view_of_an_earlier_schema_is_told_and_rebuilt(lake: Lake) -> None:
    link_pending(lake)
    before = contents(lake)
    rows = _of(lake, MAY).select([field.name for field in dataclasses.fields(Article)])
    lake.storage.put(MAY, plain(rows))
    assert [problem.file for problem in check(lake)] == [MAY]
    list(rebuild(lake))
    assert contents(lake) == before


def test_a_flipped_byte_is_reported(sound: Path, tmp_path: Path) -> None:
    lake = Lake.open(str(shutil.copytree(sound, tmp_path / "lake")))
    choose = random.Random(1)
    names = [*contents(lake, "lake"), *lake.storage.files("raw", "")]
    assert len(names) == 8
    for name in names:
        data = lake.storage.read(name) or b""
        for place in choose.sample(range(len(data)), 12):
            flipped = bytearray(data)
            flipped[place] ^= 1 << choose.randrange(8)
            lake.storage.put(name, bytes(flipped))
            found = [problem.file for problem in check(lake)]
            if name.endswith(".warc.gz") and len(records_of(flipped)) == len(records_of(data)):
                continue  # a field of a gzip member's head that nothing reads, as its time
            assert name in found, f"byte {place} of {name}"
        lake.storage.put(name, data)
    assert list(check(lake)) == []


def records_of(data: bytes | bytearray) -> list[bytes]:
    found, rest = [], bytes(data)
    try:
        while rest:
            member = zlib.decompressobj(31)
            found.append(member.decompress(rest))
            rest = member.unused_data
    except zlib.error:
        pass
    return found


def test_files_without_checksums_are_no_problem(lake: Lake) -> None:
    for name in lake.storage.files("lake", ".parquet"):
        table = name.split("/")[1].replace("articles", "current")
        rows = tables.from_parquet(table, lake.storage.read(name) or b"")
        lake.storage.put(name, tables.to_parquet(table, rows, checksums=False))
    assert list(check(lake)) == []


def test_a_damaged_file_is_named_by_whatever_reads_it(lake: Lake) -> None:
    data = bytearray(lake.storage.read(VERSIONS) or b"")
    data[40] ^= 0xFF  # within the first page
    lake.storage.put(VERSIONS, bytes(data))
    with pytest.raises(tables.DamagedFile, match=f"^{re.escape(VERSIONS)} cannot be read.*klartext lake check"):
        lake.published(batch(), "versions")
    with pytest.raises(tables.DamagedFile, match=re.escape(VERSIONS)):
        list(rebuild(lake))


@pytest.mark.parametrize(
    "name",
    [
        layout.linked_file("shared_text", "2024-05"),
        layout.linked_file("keep", "2024-05"),
        layout.shingles_file("dwn", "2024-05"),
    ],
)
def test_shared_text_that_does_not_match_the_articles_is_reported(name: str, lake: Lake) -> None:
    link_pending(lake)
    assert list(check(lake, captures=False)) == []
    before = lake.storage.read(name)
    table = name.rpartition("/")[2].removesuffix(".parquet")
    rewrite(lake, name, table, lambda rows: rows.slice(1))
    assert name in {problem.file for problem in check(lake, captures=False)}
    lake.storage.remove(name)
    assert name in {problem.file for problem in check(lake, captures=False)}
    list(rebuild(lake))
    assert lake.storage.read(name) == before
    assert list(check(lake, captures=False)) == []
