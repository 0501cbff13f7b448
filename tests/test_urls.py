from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext import urls
from klartext.sources import Source


@pytest.mark.parametrize(
    ("url", "folded"),
    [
        ("https://www.b.de/1", "https://www.b.de/1"),
        (" HTTPS://WWW.B.de:443/Pfad#kommentare ", "https://www.b.de/Pfad"),
        ("http://b.de:80", "http://b.de/"),
        ("http://b.de:8080/", "http://b.de:8080/"),
        ("https://leser:geheim@b.de/", "https://b.de/"),
        ("https://b.de/1?utm_source=rss&wt_zmc=x&fbclid=1&id=7", "https://b.de/1?id=7"),
        ("https://b.de/1?b=2&a=1", "https://b.de/1?a=1&b=2"),
        ("https://b.de/1?seite=2", "https://b.de/1"),
        ("https://b.de/1?seite=impressum", "https://b.de/1?seite=impressum"),
        ("https://b.de/1?page=all&view=print", "https://b.de/1"),
        ("https://b.de/?p=4711", "https://b.de/?p=4711"),
        ("https://b.de/1/amp/", "https://b.de/1"),
        ("https://b.de/1.amp.html", "https://b.de/1.html"),
        ("https://b.de/deich.amp.html", "https://b.de/deich.html"),
        ("https://b.de/deich-amp.html", "https://b.de/deich.html"),
        ("https://b.de/a/komplettansicht", "https://b.de/a"),
        ("https://b.de/a/seite-2", "https://b.de/a"),
        ("https://b.de/a/seite-2/komplettansicht", "https://b.de/a"),
        ("https://m.b.de/1", "https://www.b.de/1"),
        ("https://amp.b.co.uk/1", "https://www.b.co.uk/1"),
        ("https://m.de/1", "https://m.de/1"),
        ("https://b.de/stra\u00dfe/%c3%bcber", "https://b.de/stra%C3%9Fe/%C3%BCber"),
        ("https://münchen.de/1", "https://xn--mnchen-3ya.de/1"),
    ],
)
def test_forms_of_a_page_fold_into_one_address(url: str, folded: str) -> None:
    assert urls.normalize(url) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.b.de./x", "https://www.b.de/x"),
        ("https://www.b.de.:443/x", "https://www.b.de/x"),
        ("https://b.de:/x", "https://b.de/x"),
        ("https://b.de:0443/x", "https://b.de/x"),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ("https://STRASSE.de/", "https://strasse.de/"),
        ("https://XN--STRAE-OQA.DE/", "https://straße.de/"),
        ("https://mu\u0308nchen.de/", "https://münchen.de/"),
        ("https://münchen。de/", "https://xn--mnchen-3ya.de/"),
        ("https://m%C3%BCnchen.de/", "https://münchen.de/"),
        ("https://b.de/a/../b", "https://b.de/b"),
        ("https://b.de/a/./b/", "https://b.de/a/b/"),
        ("https://b.de/a/b/..", "https://b.de/a/"),
        ("https://b.de/%2e%2E/b", "https://b.de/b"),
        ("https://b.de/../../b", "https://b.de/b"),
        ("https://b.de/u\u0308ber", "https://b.de/über"),
        ("https://b.de/u%CC%88ber", "https://b.de/%c3%bcber"),
        ("https://b.de/%7Ewir/%41", "https://b.de/~wir/A"),
        ("https://b.de/100%", "https://b.de/100%25"),
        ("https://b.de/a b", "https://b.de/a%20b"),
        ("https://b.de/t?q=u\u0308", "https://b.de/t?q=%C3%BC"),
        ("https://b.de/a?x=1&amp;y=2", "https://b.de/a?y=2&x=1"),
        ("https://b.de/a?&x=1&&", "https://b.de/a?x=1"),
        ("https://b.de/a?utm%5Fsource=rss", "https://b.de/a"),
        ("https://b.de/a?id=1;utm_source=rss", "https://b.de/a?id=1"),
        ("https://b.de/a;jsessionid=0A1B2C!77?x=1", "https://b.de/a?x=1"),
        ("https://b.de/a%3bjsessionid=0A1B2C?x=1", "https://b.de/a?x=1"),
        ("https://b.de/a?id=1?utm_source=rss&utm_medium=feed", "https://b.de/a?id=1"),
        ("https://b.de/a?id=1?q=utm_source", "https://b.de/a?id=1?q=utm_source"),
        ("https://b.de/(A(lit3py55t21z5v55vlm25s55)F(aB-_lit3py55t21z5v55vlm25))/a", "https://b.de/a"),
        ("https://b.de/a.php?PHPSESSID=7c9f&x=1", "https://b.de/a.php?x=1"),
        ("https://b.de/a?sid=5f2c8a90b1d34e7f8a6b", "https://b.de/a"),
        ("https://b.de/a?sessionid=550e8400-e29b-41d4-a716-446655440000", "https://b.de/a"),
        ("https://b.de/(S(lit3py55t21z5v55vlm25s55))/a.aspx", "https://b.de/a.aspx"),
        ("https://b.de/deich-7?source=rss", "https://b.de/deich-7"),
        ("https://b.de/deich-7?page=2", "https://b.de/deich-7?page=3"),
        ("https://m.www.m.b.de/1", "https://www.b.de/1"),
        ("https://b.de/a&utm_source=rss&utm_medium=x", "https://b.de/a"),
        ("https://b.de/a&utm_source=rss&id=7", "https://b.de/a?id=7"),
        ("https://b.de/a%3Futm_source%3Drss%26id%3D7?x=1", "https://b.de/a?id=7&x=1"),
        ("https://b.de/a?x=1&amp%3Butm_source=rss", "https://b.de/a?x=1"),
        ("https://b.de/deich.amp", "https://b.de/deich"),
        ("https://b.de/a.cfm?CFID=711&CFTOKEN=60915&id=7", "https://b.de/a.cfm?id=7"),
    ],
)
def test_addresses_of_one_page(one: str, other: str) -> None:
    assert urls.normalize(one) == urls.normalize(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://b.de/i.php?cid=1", "https://b.de/i.php?cid=2"),
        ("https://b.de/a?ref=4711", "https://b.de/a?ref=4712"),
        ("https://b.de/a?kw=12", "https://b.de/a?kw=13"),
        ("https://b.de/a?social=1", "https://b.de/a?social=2"),
        ("https://b.de/a?pk_id=1", "https://b.de/a?pk_id=2"),
        ("https://b.de/a?at_id=1", "https://b.de/a?at_id=2"),
        ("https://b.de/a?cmp=1", "https://b.de/a?cmp=2"),
        ("https://b.de/index.php?page=12", "https://b.de/index.php?page=13"),
        ("https://b.de/?seite=2", "https://b.de/?seite=3"),
        ("https://b.de/index.php?source=twitter", "https://b.de/index.php?source=facebook"),
        ("https://b.de/t.php?o=M%FCnchen", "https://b.de/t.php?o=M%E4nchen"),
        ("https://b.de/%FCber", "https://b.de/%E4ber"),
        ("https://b.de/a?12345", "https://b.de/a?12346"),
        ("https://b.de/a?sid=4711", "https://b.de/a?sid=4712"),
        ("https://b.de/a?s=hochwasser", "https://b.de/a?s=deich"),
        ("https://b.de/a?sid=das-lange-wort-mit-2024-zahlen", "https://b.de/a"),
        ("https://b.de/a%2Fb", "https://b.de/a/b"),
        ("https://b.de/a?x=1%262", "https://b.de/a?x=1&2"),
        ("https://b.de/a?x=1%3Fy", "https://b.de/a?x=1%3Fz"),
        ("https://b.de/a?a=2&a=1", "https://b.de/a?a=1&a=2"),
        ("https://b.de/Pfad", "https://b.de/pfad"),
        ("https://straße.de/", "https://strasse.de/"),
        ("https://b.de:8443/a", "https://b.de/a"),
        ("https://b.de/a;v=1", "https://b.de/a;v=2"),
        ("https://b.de/a&b", "https://b.de/a"),
        ("https://b.de/a.cfm?cfid=711", "https://b.de/a.cfm?cfid=712"),
        ("https://b.de/a&utm", "https://b.de/a"),
        ("https://b.de/a%3Fid=1", "https://b.de/a%3Fid=2"),
    ],
)
def test_addresses_of_two_pages(one: str, other: str) -> None:
    assert urls.normalize(one) != urls.normalize(other)


@pytest.mark.parametrize(
    "url",
    [
        "https://b.de/a?b=1;c=2", "https://b.de/a?12345", "https://b.de/a?x=", "https://b.de/a?x", "https://b.de/a?q=a+b",
        "https://b.de/a?q=a%20b", "https://b.de/t.php?o=M%FCnchen", "https://b.de/a?d=2024-05-14T10:00,7/8",
        "https://xn--ls8h.la/", "https://a_b.b.de/", "https://b.de//a//b", "https://[::1]:8080/a",
    ],
)  # fmt: skip
def test_a_normal_address_stays_as_it_is(url: str) -> None:
    assert urls.normalize(url) == url


def test_an_emoji_is_a_name_too() -> None:
    assert urls.normalize("https://\U0001f4a9.la/") == "https://xn--ls8h.la/"


def test_parameters_that_a_source_ignores() -> None:
    ignored = ["cid", "mc_*"]
    assert urls.normalize("https://b.de/a?CID=1&mc_x=2&id=3", ignored) == "https://b.de/a?id=3"
    source = Source.model_validate(
        {"slug": "b", "name": "B", "hosts": ["b.de"], "addresses": {"ignore_parameters": ignored}}
    )
    assert source.normalize_url("https://b.de/a?cid=1") == "https://b.de/a"
    assert source.article_id("https://b.de/a?cid=1") == source.article_id("https://b.de/a")
    assert source.page_key("https://b.de/a?cid=1") == "b.de/a"
    assert source.normalize_url("https://b.de/a?cide=1") == "https://b.de/a?cide=1"


@pytest.mark.parametrize(
    "url",
    ["", "b.de/1", "ftp://b.de/1", "mailto:wir@b.de", "https:///1", "http://[::1", "https://b.de:99999/",
     "https://b.de:x/", "javascript:alert(1)", "https://b.de/" + "x" * 9000],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError):
        urls.normalize(url)
    assert urls.page_key(url) == url


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
pieces = st.sampled_from(
    ["/", "..", ".", "%2e", "%2F", "%", "%C3%BC", "u%CC%88", "%FC", "%CD%BE", ";jsessionid=1", ";sid=", "amp", "/amp",
     "-amp.html", "/print", "/seite-2", "/komplettansicht", "&", "&amp;", ";", "=", "?", "utm_source=x",
     "sid=0123456789abcdef", "(S(lit3py55t21z5v55vlm25s55))", "?utm_source=", "%3Bsid=", "ü",
     "u\u0308", "\u037e", "+", " ", "\\",
     "page=2", "amp;", "www.", "m.", "%26utm_id=", "%3Futm_id%3D", "amp%3B", ".amp"]
)  # fmt: skip
paths = st.one_of(texts, st.lists(pieces, max_size=8).map("".join))
hosts = st.sampled_from(
    ["b.de", "www.b.de", "m.b.de", "amp.m.b.de", "b.de:80", "b.de:8080", "münchen.de", "[::1]", "m.www.m.de.", "B.DE.",
     "straße.de", "\U0001f4a9.la", "%C3%BC.de", "a..de", "www.m.de", "mobil.mobile.b.de:443"]
)  # fmt: skip


@given(st.sampled_from(["http", "HTTPS"]), hosts, paths, paths)
def test_normalising_a_normal_address_changes_nothing(scheme: str, host: str, path: str, query: str) -> None:
    try:
        normal = urls.normalize(f"{scheme}://{host}/{path}?{query}")
    except ValueError:
        return
    assert urls.normalize(normal) == normal
    assert urls.page_key(normal) == urls.page_key(f"{scheme}://{host}/{path}?{query}")
    assert normal.isascii() or host not in ("b.de", "münchen.de")


@given(
    st.one_of(
        texts, texts.map(lambda text: f"https://{text}"), st.binary(max_size=40).map(lambda b: b.decode("latin-1"))
    )
)
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    urls.page_key(text)
    urls.normalize_host(text)
    urls.is_of_host(text, {"b.de"})
    with contextlib.suppress(ValueError):
        urls.normalize(text)


@pytest.mark.parametrize(
    "text",
    ["/seite-1" * 1000, "/../a" * 1500, ";jsessionid=" * 600, "%C3" * 2500, "u%CC%88" * 1100, "www.m." * 1300,
     "&amp;" * 1500, "&utm_" * 1500, ";sid=0" * 1200, "ü" * 8000, "/amp" * 2000],
)  # fmt: skip
def test_long_addresses_take_linear_time(text: str) -> None:
    begin = time.process_time()
    for form in (f"https://b.de/{text}", f"https://b.de/?{text}", f"https://{text[:8000]}.de/"):
        urls.page_key(form)
    assert time.process_time() - begin < 2


def test_page_key_leaves_out_what_no_page_differs_in() -> None:
    forms = ["http://b.de/1", "https://www.b.de/1/", "https://m.b.de/1?utm_source=x", "https://b.de/1#a"]
    assert {urls.page_key(form) for form in forms} == {"b.de/1"}
    assert urls.page_key("https://b.de/2") != "b.de/1"


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://b.de/a", True), ("http://B.de./a", True), ("https://b.de:443/a", True), ("http://b.de:443/a", False),
        ("https://müller.de/", True), ("https://xn--mller-kva.de/", True), ("http://127.0.0.1:8801/", True),
        ("http://127.0.0.1/", False), ("https://x.b.de/", False), ("ftp://b.de/", False), ("https://b.de:x/", False),
        ("https://b.de@evil.example/", False), ("/a", False),
    ],
)  # fmt: skip
def test_addresses_of_a_host(url: str, is_one: bool) -> None:
    assert urls.is_of_host(url, urls.host_names(["B.de", "müller.de", "127.0.0.1:8801"])) is is_one


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.faz.net/1", "faz.net"),
        ("https://blogs.faz.net/1", "faz.net"),
        ("https://www.b.co.uk/1", "b.co.uk"),
        ("http://127.0.0.1:8801/1", "127.0.0.1"),
        ("http://localhost/1", "localhost"),
        ("urn:x", "unknown"),
    ],
)
def test_registered_domains(url: str, domain: str) -> None:
    assert urls.registered_domain(url) == domain


def test_an_article_keeps_its_id_at_every_address() -> None:
    numbered = Source.model_validate(
        {"slug": "b", "name": "B", "hosts": ["b.de"], "addresses": {"number": r"/(?P<number>\d+)/"}}
    )
    assert numbered.article_id("https://b.de/4711/deich") == "b:4711"
    assert numbered.article_id("https://b.de/4711/anderer-titel") == "b:4711"
    plain = Source(slug="b", name="B", hosts=["b.de"])
    ids = {plain.article_id(url) for url in ("http://b.de/deich", "https://www.b.de/deich/")}
    assert len(ids) == 1
    assert ids != {plain.article_id("https://b.de/sturm")}


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("https://b.de\\a\\b?x=\\", "https://b.de/a/b?x=%5C"),
        ("https:\\\\b.de/a", "https://b.de/a"),
        ("https://b.de/a\\", "https://b.de/a/"),
        ("\u200bhttps://b.de/a\ufeff", "https://b.de/a"),
    ],
)
def test_backslashes_and_invisible_characters(url: str, normal: str) -> None:
    assert urls.normalize(url) == normal
    assert urls.normalize(normal) == normal
    if "\u200b" not in url:
        assert urls.is_of_host(url, {"b.de"})
        assert urls.with_normal_host(url).startswith("https://b.de/a")


@pytest.mark.parametrize(
    "host", ["b<c.de", "b c.de", "b|c.de", "b^c.de", "b\x7f.de", "b.de%2Fa", "b.de%00", "b.de%40c.de", "b%.de"]
)
def test_a_host_with_characters_that_none_has_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="no name of a host"):
        urls.normalize(f"https://{host}/")
