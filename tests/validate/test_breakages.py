"""Four ways in which a source breaks: each is refused with a sentence that names the cause, and mended without loss."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import newsroom
from klartext import model, sources
from klartext.batch import Batch
from klartext.console.console import Console
from klartext.console.view import View
from klartext.curate import curate
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch, pages_without_good_capture
from klartext.lake import Lake, tables
from klartext.maintenance.check import check
from klartext.publish import publish_batch
from klartext.sources import Source
from klartext.validate import BatchRefused, validate_batch
from klartext.verdict_text import VerdictText, describe_verdict
from support import warc_files
from support.command_line import run as run_command
from support.mail_server import MailServer

Edit = Callable[[str], str]


def batch_of(source: Source) -> Batch:
    start = dt.datetime(2024, 5, 14, tzinfo=source.zone)
    return Batch.of_interval(source, start, start + dt.timedelta(days=3))


@pytest.fixture
def source(press_sources: Path) -> Source:
    return sources.load()["kontorblatt"]


@pytest.fixture
def lake(past: Path, tmp_path: Path, extraction_here: None) -> Lake:
    """A lake with eight weeks in which all was well."""
    shutil.copytree(past, tmp_path / "lake")
    return Lake.open(str(tmp_path / "lake"))


@pytest.fixture(scope="module")
def pages(press: newsroom.Press) -> list[tuple[str, str]]:
    """The addresses and the source of all articles, as a browser gets them."""
    from newsroom.answers import answer

    site, base = press.servers["kontorblatt"].site, press.servers["kontorblatt"].base
    assert site is not None
    paths = [line["url"].removeprefix(base) for line in press.gold("kontorblatt")]
    found = [(f"{base}{path}", answer(site, base, path, newsroom.LAST_MOMENT)) for path in paths]
    return [(url, page.body.decode("latin-1" if "8859" in page.content_type else "utf-8")) for url, page in found]


def capture(lake: Lake, batch: Batch, pages: list[tuple[str, str]], edit: Edit = lambda html: html) -> None:
    """Stores pages as captures of the batch."""
    local = lake.scratch_folder(batch) / "fetch.warc.gz"
    edited = [(url, edit(html).replace("iso-8859-1", "utf-8")) for url, html in pages]
    lake.add_raw_file(batch, warc_files.write(local, edited))


def run(lake: Lake, batch: Batch, source: Source, **fetch: Any) -> set[str]:
    """The steps after discover; the addresses of the articles that are then current."""
    fetch_batch(lake, batch, source, **(fetch or {"replay": True}))
    extract_batch(lake, batch, source)
    validate_batch(lake, batch, source)
    for key in publish_batch(lake, batch)["partitions"]:
        curate(lake, *key.split("|"))
    return current(lake)


def current(lake: Lake) -> set[str]:
    views = [lake.storage.read(name) or b"" for name in lake.published_files("articles")]
    return {url for view in views for url in tables.from_parquet("current", view)["url"].to_pylist()}


def verdict(lake: Lake, batch: Batch) -> tuple[dict[str, Any], VerdictText]:
    rows = lake.published(batch, "batches")
    assert rows is not None
    (account,) = rows.to_pylist()
    return account, describe_verdict(account)


@pytest.fixture(scope="module")
def past(
    press: newsroom.Press, pages: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The folder of a lake with a real batch a week before, and copies of its account for the weeks before that."""
    folder = tmp_path_factory.mktemp("past")
    lake = Lake.open(str(folder / "lake"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLARTEXT_SOURCES", str(press.sources(folder / "sources")) + f":{sources.DEFAULT_DIRECTORIES}")
        source = sources.load()["kontorblatt"]
        batch, before = batch_of(source), batch_of(source).before(source, 1)
        assert before is not None
        capture(lake, before, pages)
        run(lake, before, source)
        account, text = verdict(lake, before)
        assert (account["verdict"], account["published"], text.sentence()) == ("passed", len(pages), "")
        for weeks in range(2, 9):
            week = batch.before(source, weeks)
            assert week is not None
            copied = {**account, "batch": week.name, "start": week.start, "end": week.end}
            lake.publish(week, "batches", model.table(model.Account, [copied]))
        yield folder / "lake"


def mended(source: Source, **layout: Any) -> Source:
    """The source with its last rules changed, as of the days of the batch."""
    last = source.layouts[-1].model_dump()
    return source.model_copy(update={"rules": [sources.Layout.model_validate({**last, **layout})]})


def without_dates(html: str) -> str:
    """The page with its time only in an attribute that only rules can name."""
    html = re.sub(r'"date(?:Published|Modified)": "[^"]*",|, time: [\d: -]+,|data-ts="[^"]*"', "", html)
    html = re.sub(r'<div class="pubdate">[^<]*</div>', "", html)
    former = r'<span class="publish-date-new">\s*([\d.]+ [\d:]+)</span>'
    return re.sub(former, r'<b class="am" content="\1"></b>', html)


def without_lead(html: str) -> str:
    """The page with its lead below the text, where none is looked for, and not in its metadata."""
    found = re.search(r'<div class="article-flash">(.*?)</div>', html, re.DOTALL)
    assert found is not None
    html = html.replace(found[0], "").replace(
        '<div id="article_bottom"></div>', f'<div id="article_bottom"><div class="x17">{found[1]}</div></div>'
    )
    return re.sub(r'<meta (?:name|property)="(?:og:)?description"[^>]*>|"description": "[^"]*",', "", html)


BREAKAGES: dict[str, tuple[Edit, dict[str, Any], str, str]] = {
    "body": (
        lambda html: html.replace('class="art-content"', 'class="beitrag"'),
        {"body": [".beitrag"]},
        "past-body",
        r"`body: .art-content` of the rules kontorblatt 2021-01-01 matched on 0 of \d+ pages",
    ),
    "lead": (
        without_lead,
        {"lead": ".x17"},
        "past-leads",
        r"more articles without a lead than before, 100% .*`lead: .article-flash` .* matched on 0 of \d+ pages",
    ),
    "dates": (
        without_dates,
        {"published": ".am"},
        "past-stated-times",
        r"time of more articles than before is stated nowhere, 100% .*`published: .publish-date-new` .* on 0 of \d+ ",
    ),
}


def looked_at(lake: Lake, batch: Batch) -> None:
    """The console shows the batch as refused, and says why and what to do."""
    console, view = Console(lake), View(may_read=lambda slug: True, now=batch.end + dt.timedelta(hours=2))
    all_sources = console.sources(view)
    assert "1 of 1 sources needs a person" in all_sources or "needs a person" in all_sources
    assert f'class="cell refused" href="/batch/{batch.source}/{batch.name}"' in all_sources
    page = unescape(console.batch(view, batch.source, batch.name))
    _, text = verdict(lake, batch)
    assert all(part in page for part in text.what.split("; "))
    assert all(to_do.split("`")[1] in page for to_do in text.to_do)


@pytest.fixture
def mailed(
    airflow_home: Path, lake: Lake, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Batch, BatchRefused], str]:
    """Sends the alert of a refused batch, and gives the text of the only mail."""
    monkeypatch.setenv("KLARTEXT_ALERTS", "smtp://mail?to=me@example.org")
    monkeypatch.setenv("KLARTEXT_DATA", lake.storage.root)

    def mail(batch: Batch, refusal: BatchRefused) -> str:
        from klartext_airflow import alerts  # imports Airflow, which reads its settings then

        alerts.batch_refused(batch, str(refusal), refusal.result["reasons"])
        (subject,) = [mail["Subject"] for mail in mail_server.mails]
        assert subject == f"Klartext: {batch.source}: a batch was refused ({batch.date})"
        return " ".join(mail_server.texts[0].split())

    return mail


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_change_of_the_pages_is_refused_by_its_cause_and_let_in_with_mended_rules(
    name: str,
    lake: Lake,
    source: Source,
    pages: list[tuple[str, str]],
    mailed: Callable[[Batch, BatchRefused], str],
) -> None:
    edit, layout, code, sentence = BREAKAGES[name]
    batch = batch_of(source)
    capture(lake, batch, pages, edit)
    with pytest.raises(BatchRefused, match=sentence) as refused:
        run(lake, batch, source)
    text_of_mail = mailed(batch, refused.value)
    assert re.search(sentence, text_of_mail)
    assert f"/console/batch/{batch.source}/{batch.name}" in text_of_mail
    account, text = verdict(lake, batch)
    assert (account["verdict"], account["published"], account["withheld"]) == ("refused", 0, len(pages))
    assert code in {finding["code"] for finding in account["findings"] if finding["severity"] == "critical"}
    assert re.search(sentence, text.what)
    assert text.pages and set(text.pages) <= {url for url, _ in pages}
    assert text.to_do == (
        "Correct the rules in the file of kontorblatt, then extract again: "
        "`klartext replay kontorblatt --from 2024-05-14 --to 2024-05-15`",
    )
    looked_at(lake, batch)
    assert run(lake, batch, mended(source, **layout)) == {url for url, _ in pages}
    account, _ = verdict(lake, batch)
    assert (account["published"], account["rejected"]) == (len(pages), 0)
    assert list(check(lake)) == []


CONSENT = """<html lang="de"><head><title>Kontorblatt</title></head><body><h1>Weiter mit Werbung oder im Abo</h1>
<p>Besuchen Sie unsere Seite wie gewohnt mit Werbung und Cookies. Die Zustimmung ist jederzeit widerrufbar.</p>
<p>Wir und unsere Partner verarbeiten personenbezogene Daten, etwa mit Cookies.</p><button>Weiter</button></body>"""


def test_a_consent_page_for_everything_is_refused_and_gone_when_fetched_again(
    press: newsroom.Press,
    lake: Lake,
    source: Source,
    pages: list[tuple[str, str]],
    mailed: Callable[[Batch, BatchRefused], str],
) -> None:
    batch = batch_of(source)
    capture(lake, batch, pages, lambda html: CONSENT)
    with pytest.raises(BatchRefused, match="batch-placeholders") as refused:
        run(lake, batch, source)
    assert f"{len(pages)} × consent-page" in mailed(batch, refused.value)
    account, text = verdict(lake, batch)
    assert (account["placeholder"], account["rejected"], account["discovered"]) == (len(pages), 0, len(pages))
    assert f"100% where 50% may be; the publisher sent {len(pages)} × consent-page" in text.what
    assert text.to_do[0].endswith("`klartext fetch-again kontorblatt --from 2024-05-14 --to 2024-05-15`")
    looked_at(lake, batch)
    again = pages_without_good_capture(lake, batch, source)
    assert set(again.values()) == {url for url, _ in pages}
    base = press.url("kontorblatt", "")
    press.request_log.clear()
    command = ("fetch-again", "kontorblatt", "--from", "2024-05-14", "--data", lake.storage.root)
    assert f"{len(pages)} pages of 1 batches requested" in run_command(*command).stderr
    assert current(lake) == {url for url, _ in pages}
    assert len({each.target for each in press.request_log} & {url.removeprefix(base) for url, _ in pages}) == len(pages)
    account, text = verdict(lake, batch)
    assert (account["published"], account["placeholder"], account["discovered"]) == (len(pages), 0, len(pages))
    assert pages_without_good_capture(lake, batch, source) == {}
    assert list(check(lake)) == []
