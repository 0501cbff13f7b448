"""Captures and staged rows."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from klartext import model
from klartext.lake import Lake, layout, tables
from klartext.lake.lake import LakeError
from support.sample_rows import article, batch, fetch, moment, teaser


def test_the_root_is_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "there"))
    assert Lake.open().storage.disk == tmp_path / "there"
    assert not (tmp_path / "there").exists()
    monkeypatch.delenv("KLARTEXT_DATA")
    monkeypatch.chdir(tmp_path)
    assert Lake.open().storage.disk == tmp_path / "data"


def test_captures_keep_their_order_beyond_ten(lake: Lake) -> None:
    names = []
    for number in range(12):
        local = lake.scratch_folder(batch()) / "under-way.warc.gz"
        local.write_bytes(b"%d" % number)
        names.append(lake.add_raw_file(batch(), local))
        assert not local.exists()
    assert names[11] == "raw/source=dwn/date=2024-05-01/dwn-2024-05-01--11.warc.gz"
    assert lake.raw_files(batch()) == names
    with lake.open_raw(names[10]) as stream:
        assert stream.read() == b"10"


def test_batches_whose_names_begin_alike_keep_apart(lake: Lake) -> None:
    for name in ("dwn-import-a", "dwn-import-a--0"):
        local = lake.scratch_folder(batch(name=name)) / "x.warc.gz"
        local.write_bytes(name.encode())
        lake.add_raw_file(batch(name=name), local)
    assert lake.raw_files(batch(name="dwn-import-a")) == ["raw/source=dwn/date=2024-05-01/dwn-import-a--0.warc.gz"]


def test_a_capture_kept_by_a_run_that_died_is_not_kept_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    local = lake.scratch_folder(batch()) / "x.warc.gz"
    for number, content in enumerate([b"capture", b"CAPTURE"]):  # of one size, and not the same
        local.write_bytes(content)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", lambda *_, **__: 1 / 0)  # between the two halves of moving it
            with pytest.raises(ZeroDivisionError):
                lake.add_raw_file(batch(), local)
        assert lake.add_raw_file(batch(), local) == layout.raw_file(batch(), number)
        assert not local.exists()
    assert [lake.storage.read(name) for name in lake.raw_files(batch())] == [b"capture", b"CAPTURE"]


def test_scratch_files_of_an_object_store_lie_in_a_folder_that_only_this_user_can_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    far = Lake.open("s3://bucket/lake", {"access_key_id": "a", "secret_access_key": "b", "region": "eu-central-1"})
    scratch = far.scratch_folder(batch())
    (root,) = tmp_path.iterdir()
    assert scratch.parent == root and stat.S_IMODE(root.stat().st_mode) == 0o700
    root.chmod(0o777)
    assert far.scratch_folder(batch()) == scratch
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    shutil.rmtree(root)
    (tmp_path / "elsewhere").mkdir()
    root.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LakeError, match="no folder of yours; remove it, or set TMPDIR"):
        far.scratch_folder(batch())
    user = os.getuid() + 1  # another user has made it before
    monkeypatch.setattr(os, "getuid", lambda: user)
    (tmp_path / root.name.replace(str(user - 1), str(user), 1)).mkdir()
    with pytest.raises(LakeError, match="no folder of yours"):
        far.scratch_files()


def test_staging_replaces_whole(lake: Lake) -> None:
    assert lake.staged(batch(), "articles") is None
    assert lake.stage(batch(), "articles", [article(1), article(2)]) == 2
    assert lake.stage(batch(), "articles", [article(3)]) == 1
    staged = lake.staged(batch(), "articles")
    assert staged is not None
    assert staged["article_id"].to_pylist() == ["dwn:3"]
    lake.unstage(batch(), "articles")
    assert lake.staged(batch(), "articles") is None


def test_a_staged_row_comes_back_as_it_was(lake: Lake) -> None:
    row = article(1, title="Ş„“ – €", lead=None, fetched_at=moment("2024-05-02T04:00") + dt.timedelta(microseconds=7))
    lake.stage(batch(), "articles", [row])
    staged = lake.staged(batch(), "articles")
    assert staged is not None
    assert staged.schema.equals(model.schema(model.Article))
    assert staged.equals(model.table(model.Article, [row]))


def test_a_table_without_a_column_is_refused(lake: Lake) -> None:
    rows = model.table(model.Article, [article(1)]).drop_columns(["lead", "kicker"])
    with pytest.raises(ValueError, match="articles without kicker, lead"):
        lake.stage(batch(), "articles", rows)


def test_the_same_rows_give_the_same_bytes_however_they_came() -> None:
    rows = [article(n) for n in range(50)]
    whole = model.table(model.Article, rows)
    pieces = pa.concat_tables([model.table(model.Article, rows[:7]), whole.slice(7)])
    written = tables.to_parquet("articles", whole)
    assert tables.to_parquet("articles", pieces).equals(written)
    assert tables.to_parquet("articles", tables.from_parquet("articles", written.to_pybytes())).equals(written)


def test_files_say_their_schema_and_are_compressed() -> None:
    footer = pq.ParquetFile(pa.BufferReader(tables.to_parquet("teasers", model.table(model.Teaser, [teaser()]))))
    assert footer.metadata.metadata[b"klartext.schema_version"] == str(model.SCHEMA_VERSION).encode()
    column = footer.metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"
    assert column.has_column_index
    assert column.has_offset_index


@pytest.mark.parametrize("name", sorted(tables.ORDER))
def test_every_published_table_has_an_order_of_columns_it_has(name: str) -> None:
    schema = model.schema(model.TABLES[name])
    assert {path.partition(".")[0] for path in tables.ORDER[name]} <= set(schema.names)


def test_sorting_does_not_depend_on_the_order_of_work() -> None:
    rows = [fetch(n % 3, attempt=n // 3 + 1) for n in range(9)]
    forth, back = (tables.sort_rows("fetches", model.table(model.Fetch, r), "dwn") for r in (rows, rows[::-1]))
    assert forth.equals(back)


def test_loading_the_lake_loads_nothing_heavy() -> None:
    heavy = "'pandas', 'great_expectations', 'airflow', 'scrapy', 'trafilatura'"
    code = f"import sys, klartext.lake, klartext.validate; print([m for m in ({heavy}) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
