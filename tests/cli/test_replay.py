"""`klartext replay`: batches of the schedule and of imported files, made anew by hand."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from klartext import sources
from klartext.batch import Batch
from klartext.curate import curate
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch, import_warc
from klartext.lake import Lake, layout, list_batches, tables
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
        (["Hafen Kurier", "--from", "2024-05-20"], "no source 'Hafen Kurier'; a slug has lower-case letters"),
        (["hafenkurier", "--from", "gestern"], "--from"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("scheduled")
def test_what_cannot_be_made_anew_is_told(ends: End, words: list[str], message: str) -> None:
    code, said = ends("replay", *words)
    assert code == 2
    assert message in said
