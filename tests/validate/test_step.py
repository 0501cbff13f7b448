"""What stops a batch, what does not, and what is kept of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from klartext.lake import Lake, LakeError
from klartext.model import Article, Reject
from klartext.publish import publish_batch
from klartext.validate import BatchRefused, validate_batch
from support.sample_batch import extracted
from support.sample_lake import contents
from support.sample_rows import SOURCE, TEXT, article, batch, reject

QUALITY = "quality/source=dwn/date=2024-05-01/dwn-2024-05-01"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))


def verdict(lake: Lake) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lake.storage.read(f"{QUALITY}/verdict.json") or b"")
    return found


def row(lake: Lake) -> dict[str, Any]:
    """The account that is published."""
    table = lake.published(batch(), "batches")
    assert table is not None
    (found,) = table.to_pylist()
    return dict(found)


def numbers(lake: Lake, table: str) -> list[str]:
    staged = lake.staged(batch(), table)
    assert staged is not None
    return [row["url"].split("/")[3] for row in staged.to_pylist()]


def test_good_rows_go_on_and_the_others_go_to_rejects(lake: Lake) -> None:
    extracted(lake, [article(1), article(2, title="Ja"), article(3)], [reject(4)])
    counts = validate_batch(lake, batch(), SOURCE)
    line = counts.pop("account")
    assert counts == {
        "articles": 2, "rejects": 2, "rejected": 1, "verdict": "passed", "warnings": [], "reasons": [],
        "sentence": "",
        "page": f"{QUALITY}/index.html",
    }  # fmt: skip
    assert line.startswith("dwn-2024-05-01: passed: 7 discovered = 2 published + 2 rejected + 3 failed; median ")
    assert numbers(lake, "versions") == ["1", "3"]
    assert numbers(lake, "rejects") == ["4", "2"]
    assert publish_batch(lake, batch())["articles"] == 2


def test_a_rerun_leaves_the_same_bytes(lake: Lake) -> None:
    extracted(lake, [article(1), article(2, title="Ja")], [reject(4)])
    first = validate_batch(lake, batch(), SOURCE)
    before = contents(lake, "")
    assert validate_batch(lake, batch(), SOURCE) == first
    assert contents(lake, "") == before


def test_the_verdict_tells_every_check_and_no_text(lake: Lake) -> None:
    extracted(lake, [article(n) for n in range(5)] + [article(5, title="Ja")])
    validate_batch(lake, batch(), SOURCE)
    kept = verdict(lake)
    assert (kept["account"]["verdict"], kept["rejects"]) == ("passed", {"title-too-short": 1})
    failed = [check for check in kept["checks"] if not check["success"]]
    assert [(check["code"], check["failed"], check["looked_at"]) for check in failed] == [("title-too-short", 1, 6)]
    assert {"batch-rejects", "teaser-in-text", "title-missing"} <= {check["code"] for check in kept["checks"]}
    assert "Güterbahnhof" not in json.dumps(kept, ensure_ascii=False)


def test_nothing_found_is_no_fault(lake: Lake) -> None:
    extracted(lake, [])
    assert validate_batch(lake, batch(), SOURCE)["articles"] == 0
    assert verdict(lake)["account"]["verdict"] == "passed"
    assert publish_batch(lake, batch()) == {"partitions": [], "articles": 0, "teasers": 0, "rejects": 0, "fetches": 3}


def test_an_empty_batch_does_not_wait_for_great_expectations() -> None:
    code = """
import sys, tempfile
from klartext.lake import Lake
from support.sample_batch import extracted
from support.sample_rows import SOURCE, batch
from klartext.validate import validate_batch
lake = Lake.open(tempfile.mkdtemp())
validate_batch(lake, extracted(lake, []), SOURCE)
print("great_expectations" in sys.modules)
"""
    tests = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=tests, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("articles", "rejects", "code"),
    [
        ([article(n) for n in range(4)], [reject(n) for n in range(10, 15)], "batch-rejects"),
        ([], [reject(n) for n in range(5)], "batch-rejects"),
        ([article(n, title="" if n < 2 else "Gut so") for n in range(5)], [], "batch-titles"),
        ([article(n) for n in range(3)], [reject(n) for n in (8, 9)], "batch-texts"),
        ([article(n, published_at=None) for n in range(5)], [], "batch-times"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_batch_that_went_wrong_is_refused_in_one_line(
    lake: Lake, articles: list[Article], rejects: list[Reject], code: str
) -> None:
    extracted(lake, articles, rejects)
    with pytest.raises(BatchRefused, match=rf"^dwn-2024-05-01 is refused: .*{code}: ") as refused:
        validate_batch(lake, batch(), SOURCE)
    assert "\n" not in str(refused.value)
    assert refused.value.result["reasons"] == verdict(lake)["account"]["reasons"]
    published = row(lake)
    assert (published["verdict"], published["published"], published["rejected"]) == (
        "refused",
        0,
        published["discovered"] - published["withheld"] - 3,
    )
    assert lake.staged(batch(), "rejects") is not None
    with pytest.raises(LakeError, match="no versions"):
        publish_batch(lake, batch())


def test_a_refused_batch_takes_back_what_an_earlier_run_had_accepted(lake: Lake) -> None:
    extracted(lake, [article(n) for n in range(5)])
    validate_batch(lake, batch(), SOURCE)
    extracted(lake, [article(n, title="") for n in range(5)])
    with pytest.raises(BatchRefused):
        validate_batch(lake, batch(), SOURCE)
    assert lake.staged(batch(), "versions") is None


def test_a_few_odd_pages_do_not_stop_a_batch(lake: Lake) -> None:
    extracted(lake, [article(1)], [reject(n) for n in (2, 3, 4)])
    assert validate_batch(lake, batch(), SOURCE)["rejects"] == 3


def test_front_pages_in_an_imported_file_are_not_held_against_it(lake: Lake) -> None:
    front = [reject(n, url=f"https://deutsche-wirtschafts-nachrichten.de/ressort-{n}/") for n in range(2, 12)]
    extracted(lake, [article(1)], front)
    assert validate_batch(lake, batch(), SOURCE)["articles"] == 1


def test_what_is_odd_but_may_be_is_told(lake: Lake) -> None:
    extracted(lake, [article(n, lead=None, authors=[], agencies=[]) for n in range(5)])
    assert validate_batch(lake, batch(), SOURCE)["warnings"] == ["batch-leads", "batch-authors"]
    assert verdict(lake)["account"]["verdict"] == "warned"
    publish_batch(lake, batch())
    assert (row(lake)["verdict"], row(lake)["warnings"]) == ("warned", ["batch-leads", "batch-authors"])


def test_a_capture_that_became_nothing_stops_the_batch(lake: Lake) -> None:
    extracted(lake, [article(1), article(2)], [reject(3)])
    lake.stage(batch(), "articles", [article(1)])
    with pytest.raises(BatchRefused, match="3 captures gave 1 articles and 1 rejects, 1 captures gave neither"):
        validate_batch(lake, batch(), SOURCE)


def test_an_article_that_nobody_fetched_stops_the_batch(lake: Lake) -> None:
    extracted(lake, [article(1), article(2)], captured=1)
    with pytest.raises(BatchRefused, match="1 articles have no capture"):
        validate_batch(lake, batch(), SOURCE)


@pytest.mark.parametrize(("table", "step"), [("articles", "extract"), ("fetches", "fetch"), ("rejects", "extract")])
def test_a_step_that_was_left_out_is_named(lake: Lake, table: str, step: str) -> None:
    extracted(lake, [article(1)])
    lake.unstage(batch(), table)
    with pytest.raises(LakeError, match=f"no {table}: run {step} first"):
        validate_batch(lake, batch(), SOURCE)


def test_what_is_kept_of_a_batch_needs_no_network_and_runs_nothing(lake: Lake) -> None:
    title, text = "BÃ¼rger <script>alert({})</script><img src=x>", f"Ã¼ {TEXT}"
    pages = [article(n, title=title.format(n), text=text) for n in range(30)]
    extracted(lake, [*pages, article(77)])
    with pytest.raises(BatchRefused):
        validate_batch(lake, batch(), SOURCE)
    kept = {name.removeprefix(f"{QUALITY}/") for name in lake.storage.files(QUALITY, "")}
    assert kept == {"verdict.json", "index.html", *(f"{suite}.{what}.json" for suite in ("articles", "batch")
                                                    for what in ("suite", "result"))}  # fmt: skip
    page = (lake.storage.read(f"{QUALITY}/index.html") or b"").decode()
    tree = lxml.html.document_fromstring(page)
    assert tree.cssselect("h1")[0].text_content() == "dwn-2024-05-01: refused"
    assert "batch-rejects: too many pages were rejected, 97% where 50% may be" in tree.text_content()
    assert [row.text_content() for row in tree.cssselect("td code")][:1] == ["characters-broken"]
    assert "values must not match this regular expression" in tree.text_content(), "Data Docs are there"
    assert "values must never be null" not in tree.text_content(), "what passed is one line for all columns"
    (missing,) = [row for row in tree.cssselect("details tr") if "…-missing" in row.text_content()]
    assert "no value" in missing.text_content() and "canonical_url" in missing.text_content()
    assert "Data asset" not in tree.text_content()
    assert "<script>alert(1)</script><img src=x>" in tree.text_content(), "as a text"
    assert not tree.xpath("//script | //link | //img | //iframe | //@onclick | //@style | //@src")
    assert not re.search(r"https?://(?!deutsche-wirtschafts)", page)
    result = json.loads(lake.storage.read(f"{QUALITY}/articles.result.json") or b"")
    broken = [check["result"] for check in result["results"] if not check["success"]]
    assert [len(check["partial_unexpected_list"]) for check in broken] == [20, 20], "a few values, and no whole text"
    assert [max(map(len, check["partial_unexpected_list"])) for check in broken] == [len(pages[29].title), 301]
    suite = json.loads(lake.storage.read(f"{QUALITY}/batch.suite.json") or b"")
    assert {e["meta"]["code"] for e in suite["expectations"]} >= {"batch-rejects", "batch-times"}


def test_a_run_that_died_in_the_gate_leaves_no_older_verdict(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    extracted(lake, [article(1)])
    validate_batch(lake, batch(), SOURCE)
    monkeypatch.setattr("klartext.validate.step.check_rows", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        validate_batch(lake, batch(), SOURCE)
    assert lake.storage.files(QUALITY, "") == []


def test_the_account_is_one_line_of_the_log(lake: Lake, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "klartext"):
        validate_batch(lake, extracted(lake, [article(1)], [reject(2)]), SOURCE)
    assert [record.getMessage() for record in caplog.records] == [
        "dwn-2024-05-01: passed: 5 discovered = 1 published + 1 rejected + 3 failed; median 490 characters; "
        "rejected 50%; without lead 0%; without time 0%; without author 0%"
    ]
