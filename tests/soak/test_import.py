"""A file of the size of one of CC-NEWS, through Airflow: 40,000 pages of 5,000 hosts in one run of `import_warc`."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from rich.console import Console

from klartext.extract.chunk_plan import MOST
from klartext.lake import Lake
from klartext.lake.report import accounts
from klartext.model import OUTCOMES

PAGES, HOSTS = 40_000, 5_000


@pytest.mark.soak
def test_a_file_of_forty_thousand_pages_is_imported_in_one_run(tmp_path: Path) -> None:
    # They import Airflow, which must not happen when tests are collected: it reads its settings when it is imported.
    from bench.airflow_import import import_through_airflow
    from bench.imports import FILES, MEMORY, write_file

    file = tmp_path / "mixed.warc.gz"
    write_file(file, PAGES, HOSTS)
    through = import_through_airflow(file, tmp_path)
    through.show(Console(width=110), f"{PAGES:,} pages of {HOSTS:,} hosts")
    assert through.failures == []
    assert {name: took.tasks for name, took in through.steps.items() if took.memory > MEMORY} == {}
    assert through.steps["import_warc.extract"].tasks >= PAGES // MOST, "more where a task was tried again"

    lake = tmp_path / "lake"
    (account,) = accounts(Lake.open(str(lake)))
    assert account["source"] == "other"
    assert account["discovered"] == PAGES == sum(account[name] for name in OUTCOMES)
    assert account["published"] > 0.95 * PAGES, "the newsroom has few pages without a text"
    articles = table(lake, "articles")
    assert account["published"] == articles.num_rows == pc.count_distinct(articles["article_id"]).as_py()
    assert pc.count_distinct(articles["site"]).as_py() == HOSTS
    assert account["rejected"] == table(lake, "rejects").num_rows
    captures = articles["capture"].combine_chunks()
    assert len(set(zip(*(captures.field(name).to_pylist() for name in ("file", "offset")), strict=True))) == len(
        captures
    )
    print(f"{files_of(lake)} files in the lake, {files_of(lake, 'staging')} of them staged rows")
    assert files_of(lake) - files_of(lake, "staging") <= FILES


def table(lake: Path, name: str) -> pa.Table:
    """All rows of a table, as a consumer reads them."""
    return ds.dataset(lake / "lake" / name, partitioning="hive").to_table()


def files_of(lake: Path, part: str = "") -> int:
    """The number of files in a part of a lake."""
    return sum(path.is_file() for path in (lake / part).rglob("*"))
