"""CC-NEWS where it is not as it should be."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest

from klartext.batch import Batch
from klartext.crawler import CrawlPoliteness, Limits
from klartext.crawler.publisher_lease import PublisherBusy, lease_publisher
from klartext.discover import archive_download, cc_news_files
from klartext.discover.interval import Interval
from klartext.discover.origins import CcNews
from klartext.discover.origins.base import OriginResult
from klartext.lake import Lake
from klartext.model import Skipped
from klartext.sources import Discover, Fetching, Source
from klartext.warc.reader import Page, read
from newsroom.archive import Capture, warc
from support import loopback
from support.loopback import Answer

START, END = dt.datetime(2016, 9, 1, tzinfo=dt.UTC), dt.datetime(2016, 9, 2, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SOURCE = Source(slug="b", name="B", hosts=["www.b.de"], discover=Discover(cc_news=True), fetch=Fetching(delay=0))
DAY = Interval(START, END, NOW, SOURCE.zone)
FOLDER = "crawl-data/CC-NEWS/2016/09"


def file(number: int) -> bytes:
    """A WARC file with one page of ours among those of others."""
    return warc([Capture(f"https://www.b.de/{number}", START + dt.timedelta(hours=number), b"<p>Deich", "text/html")])


def listed(*names: str) -> Answer:
    return Answer(gzip.compress("".join(f"{FOLDER}/{name}\n" for name in names).encode()))


def gathered(
    site: loopback.Site, folder: Path, monkeypatch: pytest.MonkeyPatch, deadline: float = 60.0
) -> OriginResult:
    monkeypatch.setenv("KLARTEXT_CC_NEWS", site.base)
    lake, batch = Lake.open(str(folder)), Batch.of_interval(SOURCE, START, END)
    limits = Limits(deadline=deadline, backoff=0.01)
    return CcNews(limits, patience=0).gather(lake, batch, SOURCE, DAY)


def outcomes(result: OriginResult, site: loopback.Site) -> tuple[list[str], list[tuple[str, str, str | None]]]:
    problems = [(row.url.removeprefix(f"{site.base}/{FOLDER}/"), row.outcome, row.reason) for row in result.problems]
    return [candidate.url for candidate in result.candidates], problems


def test_a_broken_file_is_told_and_the_rest_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"CC-NEWS-2016090100000{n}-0000{n}.warc.gz" for n in range(5)]
    torn = file(1)
    pages: dict[str, loopback.Page] = {
        f"/{FOLDER}/warc.paths.gz": listed(*names),
        "/crawl-data/CC-NEWS/2016/08/warc.paths.gz": Answer(b"<html>Wartung</html>"),
        f"/{FOLDER}/{names[0]}": Answer(file(0)),
        f"/{FOLDER}/{names[1]}": Answer(torn[:300] + b"\0" * 20 + torn[320:]),
        f"/{FOLDER}/{names[2]}": Answer(file(2)[:-9]),
        f"/{FOLDER}/{names[4]}": Answer(file(4)),
    }
    with loopback.serve(pages) as site:
        urls, problems = outcomes(gathered(site, tmp_path, monkeypatch), site)
        assert [url for url in urls if url[-1] in "04"] == ["https://www.b.de/0", "https://www.b.de/4"]
        assert problems == [
            (f"{site.base}/crawl-data/CC-NEWS/2016/08/warc.paths.gz", "failed", "not-a-list"),
            (names[1], "failed", "warc-damaged"),
            (names[2], "failed", "warc-cut-short"),
            (names[3], "gone", "http-404"),
        ]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, data = "CC-NEWS-20160901000000-00000.warc.gz", file(0) + file(1)

    def flaky(handler: loopback.Handler) -> None:
        begin = int(handler.headers.get("Range", "bytes=0-")[6:-1])
        handler.send_response(206 if begin else 200)
        handler.send_header("Content-Length", str(len(data) - begin))
        handler.end_headers()
        handler.wfile.write(data[begin : begin + len(data) // 2 + 1])
        handler.close_connection = True

    pages: dict[str, loopback.Page] = {
        f"/{FOLDER}/warc.paths.gz": [Answer(status=503), listed(name)],
        "/crawl-data/CC-NEWS/2016/08/warc.paths.gz": listed(),
        f"/{FOLDER}/{name}": flaky,
    }
    with loopback.serve(pages) as site:
        result = gathered(site, tmp_path, monkeypatch)
        assert outcomes(result, site) == (["https://www.b.de/0", "https://www.b.de/1"], [])


def test_what_the_deadline_left_is_for_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "CC-NEWS-20160901000000-00000.warc.gz"
    pages: dict[str, loopback.Page] = {
        f"/{FOLDER}/warc.paths.gz": listed(name),
        "/crawl-data/CC-NEWS/2016/08/warc.paths.gz": listed(),
        f"/{FOLDER}/{name}": Answer(file(0)),
    }
    with loopback.serve(pages) as site:
        _, problems = outcomes(gathered(site, tmp_path, monkeypatch, deadline=-1.0), site)
        assert {outcome for _, outcome, _ in problems} == {"deadline"}
        assert outcomes(gathered(site, tmp_path, monkeypatch), site) == (["https://www.b.de/0"], [])


def test_an_archive_is_asked_in_turn_with_the_delay_and_what_it_asks_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"CC-NEWS-2016090100000{n}-0000{n}.warc.gz" for n in range(3)]
    soon, late = ({"Retry-After": seconds} for seconds in ("1", "3600"))
    pages: dict[str, loopback.Page] = {
        "/crawl-data/CC-NEWS/2016/08/warc.paths.gz": [Answer(status=503, headers=soon), listed()],
        f"/{FOLDER}/warc.paths.gz": listed(*names),
        f"/{FOLDER}/{names[0]}": Answer(file(0)),
        f"/{FOLDER}/{names[1]}": Answer(status=429, headers=late),
        f"/{FOLDER}/{names[2]}": Answer(file(2)),
    }
    monkeypatch.setitem(SOURCE.fetch.__dict__, "delay", 0.2)
    with loopback.serve(pages) as site:
        with lease_publisher(Lake.open(str(tmp_path)).storage, site.host, 0), pytest.raises(PublisherBusy):
            gathered(site, tmp_path, monkeypatch)
        assert site.log == []
        urls, problems = outcomes(gathered(site, tmp_path, monkeypatch), site)
        assert urls == ["https://www.b.de/0"]
        assert problems == [(names[1], "failed", "http-429"), (names[2], "deadline", "retry-after")]
        assert len(site.log) == 5
        assert site.log[1].began - site.log[0].began >= 0.95, "it asked for a second"
        assert site.pause() >= (1 + 3 * 0.2) / 4 - 0.02
        asked = len(site.log)
        with pytest.raises(PublisherBusy, match="asked for a pause, which lasts another 3"):
            gathered(site, tmp_path, monkeypatch)
        assert len(site.log) == asked


def test_a_reservation_is_recorded_or_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserved = b'<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://b.de/tdm"><p>Deich'
    held = [
        Capture(f"https://www.b.de/{n}", START, body, "text/html") for n, body in enumerate((b"<p>Deich", reserved))
    ]
    name = "CC-NEWS-20160901000000-00000.warc.gz"
    pages: dict[str, loopback.Page] = {
        "/crawl-data/CC-NEWS/2016/08/warc.paths.gz": listed(),
        f"/{FOLDER}/warc.paths.gz": listed(name),
        f"/{FOLDER}/{name}": Answer(warc(held)),
    }
    lake, batch = Lake.open(str(tmp_path)), Batch.of_interval(SOURCE, START, END)
    with loopback.serve(pages) as site:
        result = gathered(site, tmp_path, monkeypatch)
        assert outcomes(result, site) == (["https://www.b.de/0", "https://www.b.de/1"], [])
        with lake.open_raw(lake.raw_files(batch)[0]) as raw:
            found = [(page.reserved, page.policy) for page in read(raw, "x") if isinstance(page, Page)]
        assert found == [(None, None), (True, "https://b.de/tdm")]
        monkeypatch.setitem(SOURCE.fetch.__dict__, "tdm", "obey")
        result = gathered(site, tmp_path / "obeyed", monkeypatch)
    assert outcomes(result, site) == (["https://www.b.de/0"], [("https://www.b.de/1", "disallowed", "tdm-reservation")])
    assert len(Lake.open(str(tmp_path / "obeyed")).raw_files(batch)) == 1


def test_which_files_may_hold_an_interval() -> None:
    def may(stamp: str) -> bool:
        return cc_news_files.may_contain(f"{FOLDER}/CC-NEWS-{stamp}-00001.warc.gz", DAY)

    assert [may(s) for s in ("20160831000000", "20160831000001", "20160901235959", "20160902000000")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert cc_news_files.may_contain(f"{FOLDER}/anders.warc.gz", DAY)
    months = [url[-21:-14] for url in cc_news_files.list_urls("https://cc.example", DAY)]
    assert months == ["2016/08", "2016/09"]
    first = Interval(
        dt.datetime(2016, 7, 1, tzinfo=dt.UTC), dt.datetime(2016, 8, 1, 4, tzinfo=dt.UTC), NOW, SOURCE.zone
    )
    assert [url[-21:-14] for url in cc_news_files.list_urls("https://cc.example", first)] == ["2016/08"]


def test_it_speaks_from_august_2016_on_and_not_of_yesterday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARTEXT_CC_NEWS", "https://cc.example")

    def covers(start: dt.datetime, source: Source = SOURCE) -> bool:
        return CcNews().covers(source, Interval(start, start + dt.timedelta(days=1), NOW, SOURCE.zone))

    day = dt.timedelta(days=1)
    first = cc_news_files.EARLIEST
    assert [covers(at) for at in (first - day, first, NOW - 3 * day, NOW - 2 * day)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not covers(START, SOURCE.model_copy(update={"discover": Discover()}))


@pytest.mark.parametrize("line", ["https://b.example/x.warc.gz", "../../etc/passwd", "crawl-data/CC-NEWS/2016/09/../x"])
def test_a_list_leads_nowhere_else(line: str) -> None:
    with pytest.raises(ValueError, match="is not the path of a WARC file"):
        cc_news_files.parse_list(gzip.compress(line.encode()))


def test_the_paths_of_a_list_are_read_in_every_form_and_other_lines_counted() -> None:
    lines = [f"{FOLDER}/a.warc.gz", "", f"/{FOLDER}/b.warc.gz\r", f"s3://commoncrawl/{FOLDER}/c.warc.gz", "Total: 4",
             f" https://data.commoncrawl.org/{FOLDER}/d.warc.gz ", f"{FOLDER}/a.warc.gz", "../x.warc.gz"]  # fmt: skip
    paths = [f"{FOLDER}/{name}.warc.gz" for name in "abcd"]
    text = "\n".join(lines).encode("utf-8-sig")
    assert cc_news_files.parse_list(text) == cc_news_files.parse_list(gzip.compress(text)) == (paths, 2)
    assert cc_news_files.parse_list(b"") == ([], 0)


def test_a_line_of_a_list_that_is_no_path_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "CC-NEWS-20160901000000-00000.warc.gz"
    pages: dict[str, loopback.Page] = {
        f"/{FOLDER}/warc.paths.gz": Answer(f"{FOLDER}/{name}\nx\n".encode()),
        "/crawl-data/CC-NEWS/2016/08/warc.paths.gz": listed(),
        f"/{FOLDER}/{name}": Answer(file(0)),
    }
    with loopback.serve(pages) as site:
        result = gathered(site, tmp_path, monkeypatch)
        assert outcomes(result, site) == (["https://www.b.de/0"], [])
        origin = f"{site.base}/{FOLDER}/warc.paths.gz"
        assert result.skipped == [Skipped(origin=origin, reason="index-line-broken", count=1)]


def test_a_file_that_is_longer_than_it_may_be_is_not_held() -> None:
    with loopback.serve({"/lang": Answer(b"x" * 200_000)}) as site:
        with (
            archive_download.open_downloads(Limits(), 0, CrawlPoliteness()) as archive,
            pytest.raises(archive_download.DownloadFailed) as error,
        ):
            archive.read(f"{site.base}/lang", 100_000)
        assert error.value.reason == "too-large"
