from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from klartext import sources
from klartext.lake.months import zone_of
from klartext.sources import SourceError, time_zones

WHOLE = """\
slug: beispiel
name: Beispiel
hosts: [www.beispiel.de, "127.0.0.1:8801"]
discover:
  feeds: ["https://www.beispiel.de/feed"]
  dated_sitemaps: ["https://www.beispiel.de/{day:%Y-%m-%d}.xml"]
addresses:
  article: '-\\d+\\.html$'
  number: '-(?P<number>\\d+)\\.html$'
  exclude: ['/video/']
fetch: {delay: 0.5, limit: 10, memento: true}
rules:
  - valid_from: 2016-08-01
    title: h1.alt
  - valid_from: 2020-01-01
    title: h1.neu
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KLARTEXT_SOURCES", str(tmp_path))
    (tmp_path / "beispiel.yaml").write_text(WHOLE, "utf-8")
    return tmp_path


def test_a_source_file(folder: Path) -> None:
    source = sources.load()["beispiel"]
    assert source.fetch.memento
    assert source.is_article("https://www.beispiel.de/deich-4711.html")
    assert not source.is_article("https://www.beispiel.de/video/deich-4711.html")
    assert not source.is_article("https://www.beispiel.de/")


def test_the_rules_of_a_day_are_those_that_held_then(folder: Path) -> None:
    source = sources.load()["beispiel"]
    days = [dt.date(2010, 1, 1), dt.date(2016, 8, 1), dt.date(2019, 12, 31), dt.date(2020, 1, 1), dt.date(2030, 1, 1)]
    assert [layout and layout.title for layout in map(source.layout, days)] == [
        "h1.alt", "h1.alt", "h1.alt", "h1.neu", "h1.neu",
    ]  # fmt: skip


def test_rules_may_be_borrowed(folder: Path) -> None:
    (folder / "leiher.yaml").write_text("slug: leiher\nname: L\nhosts: [l.de]\nrules: beispiel\n")
    assert sources.load()["leiher"].layouts == sources.load()["beispiel"].layouts
    (folder / "leiher.yaml").write_text("slug: leiher\nname: L\nhosts: [l.de]\nrules: niemand\n")
    with pytest.raises(SourceError, match=r"leiher.yaml: rules: 'niemand' .* allowed are .* beispiel"):
        sources.load()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("slug: beispiel", "slug: anders", "slug: 'anders' must be the file's name"),
        ("name: Beispiel", "nmae: Beispiel", "nmae: unknown key; allowed are .*name"),
        ("limit: 10", "limits: 10", "fetch.limits: unknown key; allowed are delay, limit, memento"),
        ("delay: 0.5", "delay: -1", "fetch.delay: .*greater than or equal to 0"),
        ("delay: 0.5", "delay: schnell", "fetch.delay: .*number"),
        ('hosts: [www.beispiel.de, "127.0.0.1:8801"]', "hosts: []", "hosts: .*at least 1"),
        ("https://www.beispiel.de/feed", "www.beispiel.de/feed", "discover.feeds.0: an address begins with http"),
        ("{day:%Y-%m-%d}", "{date}", r"discover.dated_sitemaps.0: only \{day\} may stand"),
        ("(?P<number>", "(?P<nummer>", r"addresses.number: the pattern needs a group \(\?P<number>"),
        ("['/video/']", "['/(video/']", "addresses.exclude.0: no regular expression"),
        ("h1.neu", "h1..neu", "rules.1.title: no CSS selector"),
        ("2020-01-01", "2010-01-01", "file: rules stand in the order of valid_from"),
        ("2020-01-01", "2020-13-01", "file: contains a date that does not exist: month"),
        ("name: Beispiel", "name: Beispiel\ntime_zone: Europe/Hamburg", "time_zone: a name of the IANA"),
        ("name: Beispiel", "name: [", "file: not YAML"),
        pytest.param("name: Beispiel", "name: " + "[" * 5000, "file: not YAML", id="deep"),
    ],
)
def test_what_is_wrong_names_file_field_and_what_is_allowed(folder: Path, old: str, new: str, says: str) -> None:
    assert old in WHOLE
    (folder / "beispiel.yaml").write_text(WHOLE.replace(old, new, 1), "utf-8")
    with pytest.raises(SourceError, match=f"beispiel.yaml: {says}"):
        sources.load()


def test_a_folder_that_is_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLARTEXT_SOURCES", str(folder / "fehlt"))
    with pytest.raises(SourceError, match="no such folder of source files; KLARTEXT_SOURCES"):
        sources.load()


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://www.beispiel.de/1", "beispiel"),
        ("https://WWW.Beispiel.de:443/1", "beispiel"),
        ("http://127.0.0.1:8801/1", "beispiel"),
        ("http://127.0.0.1:9999/1", "127.0.0.1"),
        ("https://blogs.faz.net/1", "faz.net"),
        ("https://münchen.de/1", "xn--mnchen-3ya.de"),
        ("https://_dmarc._tcp/1", "dmarc.-tcp"),
        ("http://[::1]/1", "1"),
    ],
)
def test_every_address_has_a_source(folder: Path, url: str, slug: str) -> None:
    source = sources.of_url(url)
    assert source.slug == slug
    if slug != "beispiel":
        assert source.layouts == []
        assert sources.of_slug(slug).layouts == []


def test_the_publishers_own_files() -> None:
    found = sources.load([sources.DEFAULT_DIRECTORIES])
    assert {"dwn", "ntv", "tagesspiegel", "zeit"} <= found.keys()
    zeit = found["zeit"].discover.dated_sitemaps
    assert [template.format(day=dt.date(2016, 8, 1)) for template in zeit] == [
        "https://www.zeit.de/gsitemaps/index.xml?date=2016-08-01&unit=days&period=1"
    ]


@pytest.mark.parametrize("value", ["#a::attr(data-words)", ".a .b", "#a::attr( data-words )"])
def test_a_value_may_be_an_attribute(value: str) -> None:
    assert sources.Layout(valid_from=dt.date(2016, 8, 1), word_count=value).word_count == value


@pytest.mark.parametrize(
    "value", ["#a::attr()", "#a::attr(data-words", "#a::text", "#a[", "::attr(x)", "a::attr(x), b"]
)
def test_any_other_value_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="no CSS selector"):
        sources.Layout(valid_from=dt.date(2016, 8, 1), word_count=value)


@pytest.mark.parametrize(
    "wrong",
    [
        "slug: anders\nname: A\nhosts: [www.anders.de]\nstart: 2016-08-01\n",
        "slug: anders\nname: A\nhosts: [www.anders.de\n",
        "slug: fremd\nname: A\nhosts: [www.anders.de]\n",
        "slug: anders\nname: A\nhosts: www.anders.de\n",
        "slug: anders\nname: A\nhosts: [www.anders.de]\nrules: fehlt\n",
    ],
)
def test_a_wrong_source_file_matters_to_its_own_addresses_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    (tmp_path / "anders.yaml").write_text(wrong)
    (tmp_path / "beispiel.yaml").write_text("slug: beispiel\nname: B\nhosts: [www.beispiel.de]\n")
    monkeypatch.setenv("KLARTEXT_SOURCES", str(tmp_path))
    assert sources.of_url("https://www.beispiel.de/1").slug == "beispiel"
    assert sources.of_url("https://www.ohne-datei.de/1").slug == "ohne-datei.de"
    for url in ("https://www.anders.de/1", "https://m.anders.de/1", "http://anders.de/"):
        with pytest.raises(SourceError, match=r"anders\.yaml: "):
            sources.of_url(url)
        assert sources.find_by_host(url) is None
    with pytest.raises(SourceError, match=r"anders\.yaml: "):
        sources.load()


def test_the_source_of_a_mobile_host_is_that_of_the_page(folder: Path) -> None:
    for url in ("https://m.beispiel.de/1", "http://beispiel.de/1", "https://amp.beispiel.de:443/1"):
        assert sources.of_url(url).slug == "beispiel"
        assert sources.find_by_host(url) == sources.of_url(url)
    assert sources.find_by_host("https://blogs.faz.net/1") is None


@pytest.mark.parametrize(
    ("url", "zone"),
    [
        ("https://www.asahi.jp/1", "Asia/Tokyo"),
        ("https://news.example.co.uk/1", "Europe/London"),
        ("https://www.beispiel-zeitung.de/1", "Europe/Berlin"),
        ("https://www.beispiel-zeitung.com/1", "Europe/Berlin"),
        ("https://www.example.us/1", "Europe/Berlin"),
        ("http://127.0.0.1:9999/1", "Europe/Berlin"),
        ("https://\u65b0\u805e.\u9999\u6e2f/1", "Europe/Berlin"),
    ],
)
def test_a_publisher_without_a_file_is_in_the_time_zone_of_its_country(folder: Path, url: str, zone: str) -> None:
    source = sources.of_url(url)
    assert source.time_zone == zone
    assert sources.of_slug(source.slug).time_zone == zone
    assert zone_of(source.slug).key == zone, "months are those of the same time zone"


def test_every_time_zone_of_a_country_exists() -> None:
    assert set(time_zones.BY_COUNTRY.values()) <= available_timezones()


def test_a_page_belongs_to_the_source_of_its_host_or_to_the_one_of_all_others() -> None:
    assert sources.owner("https://www.zeit.de/politik/2016-08/deich").slug == "zeit"
    archived = "https://web.archive.org/web/20160812100000id_/https://www.zeit.de/politik/2016-08/deich"
    assert sources.owner(archived).slug == "zeit"
    for url in (
        "https://blog.beispiel.co.uk/1",
        "https://192.0.2.1/x",
        "urn:klartext:x#7",
        "https://[kaputt/1",
        "",
        None,
    ):
        assert sources.owner(url) is sources.OTHER, url
    assert sources.of_slug("other") is sources.OTHER
    assert sources.OTHER.language is None


def test_a_page_of_the_source_of_all_others_is_read_as_one_of_its_site() -> None:
    zeit = sources.of_slug("zeit")
    assert sources.page_source(zeit, "https://blog.beispiel.co.uk/1") == zeit
    assert sources.page_source(sources.OTHER, "https://blog.beispiel.co.uk/1").slug == "beispiel.co.uk"
    assert sources.page_source(sources.OTHER, "urn:klartext:x#7") is sources.UNKNOWN
    assert sources.has_file(zeit)
    assert not sources.has_file(sources.OTHER)
    assert not sources.has_file(sources.of_url("https://blog.beispiel.co.uk/1"))


def test_the_slug_of_the_source_of_all_others_is_not_free(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("slug: other\nname: Other\nhosts: [other.example]\n")
    with pytest.raises(sources.SourceError, match="is the source of all hosts without a file"):
        sources.read(tmp_path / "other.yaml")
