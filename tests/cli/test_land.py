"""`klartext land`, and what the other commands say of the lake that it makes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import newsroom
from klartext.lake import Lake, report, tables
from klartext.maintenance.check import check
from klartext.sources import DEFAULT_DIRECTORIES
from support.command_line import End, run


@pytest.fixture(scope="module")
def environment(press: newsroom.Press, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = press.sources(tmp_path_factory.mktemp("press"))
    return {
        "KLARTEXT_SOURCES": os.pathsep.join([str(DEFAULT_DIRECTORIES), str(folder)]),
        "KLARTEXT_ALLOW_HOSTS": ",".join(press.hosts),
        "KLARTEXT_DATA": str(tmp_path_factory.mktemp("landed") / "data"),
    }


@pytest.fixture(scope="module")
def landed(environment: dict[str, str]) -> Iterator[str]:
    """What `land` prints for a day of the newsroom."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        done = run("land", "kontorblatt", "--from", "2024-05-14")
        assert done.exit_code == 0, done.output
        yield done.output


@pytest.fixture(autouse=True)
def lake(landed: str, environment: dict[str, str], lock: None, monkeypatch: pytest.MonkeyPatch) -> Lake:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Lake.open()


def address(lake: Lake) -> str:
    """The address of an article of the lake."""
    (name,) = lake.storage.files("lake/articles/source=kontorblatt", ".parquet")
    return str(tables.from_parquet("current", lake.storage.read(name) or b"")["canonical_url"][0].as_py())


def test_a_day_goes_the_whole_way_as_the_batch_that_airflow_runs(landed: str, lake: Lake) -> None:
    assert "kontorblatt-20240514T020000Z-20240515T020000Z" in landed
    assert "1 of 1 batches published, 1 months curated" in landed
    assert list(check(lake)) == []


def test_a_second_run_uses_the_captures_that_there_are(press: newsroom.Press, lake: Lake) -> None:
    since = len(press.request_log)
    assert run("land", "kontorblatt", "--from", "2024-05-14").exit_code == 0
    assert not [asked for asked in press.request_log[since:] if "/8" in asked.target]
    assert list(check(lake)) == []


def test_a_page_of_the_lake_is_explained_by_address_and_by_id(lake: Lake) -> None:
    url = address(lake)
    for named in (url, f"{url}?utm_source=x#a", "kontorblatt:" + url.split("/")[3]):
        shown = run("explain", named)
        assert shown.exit_code == 0, shown.output
        assert "published" in shown.stdout
        assert any(line.startswith("+ ") for line in shown.stdout.splitlines())
        assert "outside-container" in shown.stdout
        assert "kontorblatt 2021-01-01" in shown.stdout


def test_explain_as_json_has_what_the_lake_has_of_a_page(lake: Lake) -> None:
    whole = json.loads(run("explain", address(lake), "--json").stdout)
    assert len(whole["captures"]) == len(whole["rows"]["versions"]) == 1
    assert whole["captures"][0]["capture"]["file"].endswith("--0.warc.gz")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["explain", "https://www.zeit.de/politik/nix"], "has nothing of https://www.zeit.de/politik/nix: no run has"),
        (["explain", "hm"], "is neither an address, as https://…, nor an article_id"),
        (["land", "kontorblat", "--from", "2024-05-14"], "no source 'kontorblat'; the nearest is 'kontorblatt'"),
        (["land", "zeit", "--from", "2200-01-01"], "is over: give earlier days"),
        (["land", "zeit", "--from", "2024-05-14", "--to", "2024-05-14"], "is not after --from"),
        (["coverage", "ziet", "--from", "2024-05-14"], "no source 'ziet'; the nearest is 'zeit'"),
        (["rejects", "--source", "kontorblat"], "no source 'kontorblat'; the nearest is 'kontorblatt'"),
        (["fetches", "--reason", "entrie"], "no row has the reason 'entrie'"),
        (["fetches", "--outcome", "captred"], "no outcome 'captred'; the nearest is 'captured'"),
        (["batches", "--verdict", "pased"], "no verdict 'pased'; the nearest is 'passed'"),
        (["batches", "--day", "2024-05-14", "--from", "2024-05-14"], "either --day, or --from and --to"),
    ],
)
def test_what_a_person_gets_wrong_is_said_with_what_to_do(ends: End, words: list[str], message: str) -> None:
    code, said = ends(*words)
    assert code == 2
    assert message in said


def test_fetches_are_whole_lines_where_there_is_no_terminal(lake: Lake) -> None:
    lines = run("fetches", "--source", "kontorblatt", "--outcome", "captured").stdout.splitlines()
    assert lines
    assert all(len(line.split("\t")) == 5 for line in lines)
    assert address(lake) in [line.split("\t")[4].partition("?")[0] for line in lines]


def test_rows_are_filtered_by_day_interval_and_file_and_printed_as_json(lake: Lake) -> None:
    def count(*words: str) -> int:
        rows = [json.loads(line) for line in run("fetches", "--json", *words).stdout.splitlines()]
        assert all({"source", "date", "batch", "outcome"} <= row.keys() for row in rows)
        return len(rows)

    everything = count()
    assert everything > 3
    assert count("--day", "2024-05-14") == count("--from", "2024-05-14", "--to", "2024-05-15") == everything
    assert count("--day", "2024-05-15") == count("--to", "2024-05-14") == 0
    assert count("--file", "kontorblatt-20240514") == count("--outcome", "captured")
    assert len(run("batches", "--file", "--0.warc.gz", "--json").stdout.splitlines()) == 1
    assert not run("batches", "--file", "other", "--json").stdout


def test_coverage_names_origins_and_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KLARTEXT_CC_NEWS", "KLARTEXT_WAYBACK"):
        monkeypatch.delenv(name, raising=False)
    done = run("coverage", "kontorblatt", "--from", "2024-05-14", "--to", "2024-05-16", "--json")
    assert done.exit_code == 0
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert first["origins"] == second["origins"] == ["recent", "dated"]
    assert first["published"] == first["captured"] > 0
    assert (first["missing"], second["missing"]) == ([], ["no batch"])
    assert run("coverage", "kontorblatt", "--from", "2024-05-14").exit_code == 0
    dwn = run("coverage", "dwn", "--from", "2016-08-12").stdout
    assert "cc-news (set KLARTEXT_CC_NEWS=https://data.commoncrawl.org)" in dwn
    assert "no batch, and no origin can list it" in dwn


def test_what_was_taken_down_is_not_missing(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(lake.storage.root, tmp_path / "copy")
    monkeypatch.setenv("KLARTEXT_DATA", str(tmp_path / "copy"))
    assert run("takedown", address(lake), "--why", "letter of 3 May", "--captures").exit_code == 0
    assert run("replay", "kontorblatt", "--from", "2024-05-14").exit_code == 0
    (account,) = report.accounts(Lake.open())
    assert account["refused"] == 1
    shown = json.loads(run("coverage", "kontorblatt", "--from", "2024-05-14", "--json").stdout)
    assert shown["missing"] == []


def test_a_page_that_the_lake_has_nothing_of_is_taken_down_only_if_that_is_meant(ends: End) -> None:
    url = "https://www.zeit.de/politik/2024-05/vertippt"
    code, said = ends("takedown", url, "--why", "letter of 3 May")
    assert code == 2
    assert (
        f"the lake has nothing of {url}; the address may be misspelt. To keep it out nevertheless, give --unseen"
        in said
    )
    assert url not in run("takedown", "--list").stdout
    assert run("takedown", url, "--why", "letter of 3 May", "--unseen").exit_code == 0
    assert run("takedown", url, "--undo").exit_code == 0
