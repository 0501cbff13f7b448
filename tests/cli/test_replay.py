"""`klartext replay`: batches of the schedule and of imported files, made anew by hand."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from klartext import sources
from klartext.batch import Batch
from klartext.cli import batch_run
from klartext.curate import curate
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch, import_warc
from klartext.lake import Lake, layout, list_batches, report, tables
from klartext.maintenance.check import check
from klartext.publish import publish_batch
from klartext.validate import validate_batch
from support import sample_pages, warc_files
from support.command_line import HTML, End, run

DAY = dt.datetime(2024, 5, 20, tzinfo=dt.UTC)
RULES = """
slug: hafenkurier
name: Hafenkurier
hosts: [www.hafenkurier.example]
time_zone: UTC
rules:
  - valid_from: 2016-01-01
    remove: [{remove}]
"""


def write_rules(remove: str = ".nichts") -> None:
    Path("rules/hafenkurier.yaml").write_text(RULES.format(remove=remove), "utf-8")


def finished(lake: Lake, batch: Batch) -> Batch:
    """The batch through the steps after fetching, as the DAGs have them."""
    source = sources.of_slug(batch.source)
    extract_batch(lake, batch, source)
    validate_batch(lake, batch, source)
    for partition in publish_batch(lake, batch)["partitions"]:
        curate(lake, *partition.split("|"))
    return batch


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    (tmp_path / "rules").mkdir()
    monkeypatch.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(sources.DEFAULT_DIRECTORIES), "rules"]))
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "lake"))
    write_rules()
    return Lake.open()


@pytest.fixture
def imported(lake: Lake, captures: Path) -> Batch:
    """The batch of an imported file."""
    [batch] = import_warc(lake, captures)
    return finished(lake, batch)


@pytest.fixture
def scheduled(lake: Lake, tmp_path: Path) -> Batch:
    """The batch of a day."""
    batch = Batch.of_interval(sources.of_slug("hafenkurier"), DAY, DAY + dt.timedelta(days=1))
    url = "https://www.hafenkurier.example/region/osterkrog-4714.html"
    lake.add_raw_file(batch, warc_files.write(tmp_path / "day.warc.gz", [(url, HTML.replace("Nordkrog", "Osterkrog"))]))
    fetch_batch(lake, batch, sources.of_slug("hafenkurier"), replay=True)
    return finished(lake, batch)


def published(lake: Lake) -> dict[str, bytes]:
    """All that lasts: captures, tables, verdicts."""
    assert lake.storage.disk
    files = (path for path in sorted(lake.storage.disk.rglob("*")) if path.is_file())
    found = {str(path.relative_to(lake.storage.disk)): path.read_bytes() for path in files}
    return {name: data for name, data in found.items() if name.split("/")[0] in ("raw", "lake", "quality")}


def test_the_same_rules_give_the_same_bytes_and_other_rules_others(
    lake: Lake, imported: Batch, scheduled: Batch
) -> None:
    before = published(lake)
    lake.storage.remove(layout.staged_file(imported, "fetches"))
    lake.storage.remove(layout.staged_file(scheduled, "fetches"))
    done = run("replay", "hafenkurier", "--from", "2024-05-20")
    assert done.exit_code == 0, done.output
    assert published(lake) == before
    assert "2 of 2 batches replayed, 1 months curated" in done.stderr
    assert imported.name in done.stdout
    write_rules(remove="p:nth-of-type(3)")
    assert run("replay", "hafenkurier", "--from", "2024-05-01", "--to", "2024-06-01").exit_code == 0
    after = published(lake)
    assert after.keys() == before.keys()
    changed = {name.split("/")[1] for name in before if before[name] != after[name] and name.startswith("lake/")}
    assert changed == {"articles", "batches", "versions"}
    view = tables.from_parquet("current", after["lake/articles/source=hafenkurier/month=2024-05/articles.parquet"])
    assert {len(text.split("\n")) for text in view["text"].to_pylist()} == {len(sample_pages.STORY) - 1}
    write_rules()
    assert run("replay", "hafenkurier", "--from", "2024-05-20").exit_code == 0
    assert published(lake) == before


@pytest.mark.usefixtures("imported", "scheduled")
def test_an_interrupted_replay_says_what_is_done_and_curates_it(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    process, batches = batch_run.process, []

    def interrupted(lake: Lake, batch: Batch, source: sources.Source) -> object:
        batches.append(batch.name)
        if len(batches) == 2:
            raise KeyboardInterrupt
        write_rules(".vorspann")
        return process(lake, batch, source)

    monkeypatch.setattr(batch_run, "process", interrupted)
    done = run("replay", "hafenkurier", "--from", "2024-05-20")
    assert done.exit_code == 130
    assert "interrupted: 1 of 2 batches done, 1 left; their months are curated" in done.stderr
    assert batches[0] in done.stdout
    assert list(check(lake)) == []


def test_an_import_whose_account_is_lost_is_made_of_its_captures(lake: Lake, imported: Batch) -> None:
    before = published(lake)
    for name in (layout.published_file(imported, "fetches"), layout.staged_file(imported, "fetches")):
        lake.storage.remove(name)
    assert run("replay", "hafenkurier", "--from", "2024-05-20").exit_code == 0
    after = published(lake)
    assert {n for n in before if "/versions/" in n or "/articles/" in n} <= {n for n in after if after[n] == before[n]}


def test_which_batches_there_are(lake: Lake, imported: Batch, scheduled: Batch) -> None:
    day = DAY.date()
    assert list_batches(lake, "hafenkurier", day, day + dt.timedelta(days=1)) == [scheduled, imported]
    assert list_batches(lake, "hafenkurier", day + dt.timedelta(days=1), dt.date.max) == []
    assert list_batches(lake, "zeit", dt.date.min, dt.date.max) == []


def test_a_batch_that_is_refused_does_not_hold_up_the_others(
    lake: Lake, imported: Batch, scheduled: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from klartext import validate

    before = published(lake)

    def refuse(lake: Lake, batch: Batch, source: sources.Source) -> object:
        if batch == scheduled:
            raise validate.BatchRefused(f"{batch.name} is refused: nine of ten pages have no text")
        return validate_batch(lake, batch, source)

    monkeypatch.setattr(validate, "validate_batch", refuse)
    done = run("replay", "hafenkurier", "--from", "2024-05-20")
    assert done.exit_code == 1
    assert "not published: hafenkurier-20240520T000000Z-20240521T000000Z is refused: nine of ten" in done.stderr
    assert "1 of 2 batches replayed" in done.stderr
    assert published(lake) == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["hafenkurier", "--from", "2016-08-01"], "nothing of hafenkurier was captured from 2016-08-01"),
        (["Hafen Kurier", "--from", "2024-05-20"], "no source 'Hafen Kurier'; the nearest is 'hafenkurier'"),
        (["hafenkurier", "--from", "gestern"], "--from"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("scheduled")
def test_what_cannot_be_made_anew_is_told(ends: End, words: list[str], message: str) -> None:
    code, said = ends("replay", *words)
    assert code == 2
    assert message in said


def articles(lake: Lake) -> list[tuple[str, str, str]]:
    """Source, id and address of every article that readers see."""
    found = []
    for name in lake.storage.files("lake/articles", ".parquet"):
        rows = tables.from_parquet("current", lake.storage.read(name) or b"").to_pylist()
        found += [(layout.partitions(name)["source"], row["article_id"], row["url"]) for row in rows]
    return sorted(found)


@pytest.mark.parametrize("named", ["other", "hafenkurier"])
def test_articles_of_a_host_that_gets_a_file_move_to_its_source(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("KLARTEXT_SOURCES", str(sources.DEFAULT_DIRECTORIES))
    pages = [(f"https://www.{site}.example/ort/deich-{n}.html", HTML.replace("Nordkrog", f"{site.title()}krog{n}"))
             for n in range(3) for site in ("hafenkurier", "inselbote")]  # fmt: skip
    gone = ("https://www.hafenkurier.example/weg.html", "weg", 404)
    [batch] = import_warc(lake, warc_files.write(tmp_path / "mixed.warc.gz", [*pages, gone]))
    finished(lake, batch)
    before = articles(lake)
    assert sorted((source, url) for source, _, url in before) == sorted(("other", url) for url, _ in pages)
    assert {name.partition(":")[0] for _, name, _ in before} == {"www.hafenkurier.example", "www.inselbote.example"}

    monkeypatch.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(sources.DEFAULT_DIRECTORIES), "rules"]))
    for attempt in range(2):
        done = run("replay", named, "--from", "2024-05-20")
        if attempt and named == "hafenkurier":
            assert "1 of 1 batches" in done.stderr, "none of its pages is left in the other batch"
        assert done.exit_code == 0, done.output
        after = articles(lake)
        assert sorted(url for _, _, url in after) == sorted(url for _, _, url in before)
        owned = [(source, name.partition(":")[0]) for source, name, _ in after]
        assert owned == [("hafenkurier", "hafenkurier")] * 3 + [("other", "www.inselbote.example")] * 3
        assert list(check(lake)) == []
    accounts = {row["source"]: row for row in report.accounts(lake)}
    assert (accounts["other"]["discovered"], accounts["other"]["published"]) == (3, 3)
    assert (accounts["hafenkurier"]["discovered"], accounts["hafenkurier"]["gone"]) == (4, 1)
    assert len(lake.storage.files("raw", ".gz")) == 1, "captures stay where they are"

    assert run("takedown", pages[0][0], "--why", "request", "--captures").exit_code == 0
    assert articles(lake) == [row for row in after if row[2] != pages[0][0]]
    assert list(check(lake)) == []
    assert import_warc(lake, tmp_path / "mixed.warc.gz")[0].source == "hafenkurier"


def test_a_replay_of_one_site_leaves_the_batches_of_others(lake: Lake, tmp_path: Path) -> None:
    for site in ("inselbote", "deichpost"):
        page = (f"https://www.{site}.example/ort/deich.html", HTML)
        [batch] = import_warc(lake, warc_files.write(tmp_path / f"{site}.warc.gz", [page]))
        finished(lake, batch)
    done = run("replay", "other", "--from", "2024-05-20", "--site", "www.inselbote.example")
    assert "1 of 1 batches replayed" in done.stderr, done.output
    done = run("replay", "other", "--from", "2024-05-20", "--site", "www.fehlt.example")
    assert "nothing of www.fehlt.example was captured" in str(done.exception)
