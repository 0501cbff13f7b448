"""Backfills of a source with a feed only, as DWN is: archives have what it published years ago, in two layouts."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pendulum
import pytest

import newsroom
from klartext.curate import curate
from klartext.lake import Lake, layout, tables
from klartext.maintenance.check import check
from klartext.sources import DEFAULT_DIRECTORIES, Source, load
from newsroom import past
from support.newsroom_runs import published

SOURCE = """\
slug: kontorblatt
name: Kontorblatt
hosts: ["{host}"]
language: de
schedule: "0 0 * * 1"
discover:
  feeds: ["http://{host}/feed"]
  cc_news: true
  wayback: true
addresses:
  article: '^https?://[^/]+/(?:\\d{{5,}}|\\d{{4}}/\\d{{2}}/\\d{{2}})/[^/]+/?$'
  number: '^https?://[^/]+/(?P<number>\\d{{5,}})(?:/|$)'
fetch: {{delay: 0}}
rules: dwn
"""
"""As ``include/sources/dwn.yaml``, but a run is a week and there is no delay."""
WEEKS = {
    2016: pendulum.datetime(2016, 8, 15, tz="Europe/Berlin"),
    2017: pendulum.datetime(2017, 3, 13, tz="Europe/Berlin"),
}


@pytest.fixture(scope="module")
def archive() -> Iterator[newsroom.Press]:
    with newsroom.serve(archive=True) as running:
        yield running


@pytest.fixture(scope="module")
def sources(archive: newsroom.Press, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Source]]:
    """The publishers' sources, and the source with archives in force."""
    folder = tmp_path_factory.mktemp("sources")
    host = archive.url("kontorblatt", "").removeprefix("http://")
    (folder / "kontorblatt.yaml").write_text(SOURCE.format(host=host), "utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(DEFAULT_DIRECTORIES), str(folder)]))
        environment.setenv("KLARTEXT_ALLOW_HOSTS", ",".join(archive.hosts))
        yield load()


def states(dags: dict[str, Any], year: int) -> dict[str, str]:
    run = dags["ingest_kontorblatt"].test(logical_date=WEEKS[year])
    return {"run": str(run.state), **{ti.task_id: str(ti.state) for ti in run.get_task_instances()}}


def rows(lake: Path, table: str) -> list[dict[str, Any]]:
    storage = Lake.open(str(lake)).storage
    names = storage.files(layout.table_folder(table), ".parquet")
    return [row for name in names for row in tables.from_parquet(table, storage.read(name) or b"").to_pylist()]


def test_a_backfill_finds_every_page_of_a_week_of_each_year(
    dags: dict[str, Any], archive: newsroom.Press, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KLARTEXT_CC_NEWS", archive.archive)
    monkeypatch.setenv("KLARTEXT_WAYBACK", archive.archive)
    for year in WEEKS:
        assert set(states(dags, year).values()) == {"success"}
    base = archive.url("kontorblatt", "")
    found = {row["url"]: row for row in rows(lake, "versions")}
    assert found.keys() == {base + page.path for page in past.load()}
    for page in past.load():
        row = found[base + page.path]
        assert (row["title"], row["lead"]) == (page.title, page.lead)
        assert row["text"] == "\n".join(page.paragraphs)
        assert row["published_at"].replace(second=0) == page.published.replace(second=0)
        assert row["fetched_at"] == page.published + dt.timedelta(hours=1)
    accounts = rows(lake, "batches")
    assert [(row["discovered"], row["published"]) for row in accounts] == [(7, 7), (7, 7)]
    assert not any(asked.site == "kontorblatt" and asked.target == "/feed" for asked in archive.request_log)
    for month in ("2016-08", "2017-03"):
        assert curate(Lake.open(str(lake)), "kontorblatt", month) == 7
    assert list(check(Lake.open(str(lake)))) == []


def test_without_the_archives_addresses_a_backfill_is_red_and_says_what_to_set(
    dags: dict[str, Any], lake: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KLARTEXT_CC_NEWS", raising=False)
    monkeypatch.delenv("KLARTEXT_WAYBACK", raising=False)
    ran = states(dags, 2016)
    assert (ran["run"], ran["discover"], ran["fetch"]) == ("failed", "failed", "upstream_failed")
    assert published(lake) == {}
    assert "Set KLARTEXT_CC_NEWS=https://data.commoncrawl.org or KLARTEXT_WAYBACK=" in "".join(capfd.readouterr())


def test_a_run_of_today_needs_no_archive(
    dags: dict[str, Any], sources: dict[str, Source], lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext.batch import Batch
    from klartext.discover import discover_batch

    monkeypatch.delenv("KLARTEXT_CC_NEWS", raising=False)
    monkeypatch.delenv("KLARTEXT_WAYBACK", raising=False)
    end = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    batch = Batch.of_interval(sources["kontorblatt"], end - dt.timedelta(days=1), end)
    assert discover_batch(Lake.open(str(lake)), batch, sources["kontorblatt"])["origins"] == 1
