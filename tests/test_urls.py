from __future__ import annotations

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
    assert urls.fold(url) == folded


@pytest.mark.parametrize("url", ["", "b.de/1", "ftp://b.de/1", "mailto:wir@b.de", "https:///1", "http://[::1"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError):
        urls.fold(url)


paths = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
hosts = st.sampled_from(["b.de", "www.b.de", "m.b.de", "amp.m.b.de", "b.de:80", "b.de:8080", "münchen.de", "[::1]"])


@given(hosts, paths, st.lists(st.tuples(paths, paths), max_size=3))
def test_folding_what_is_folded_changes_nothing(host: str, path: str, query: list[tuple[str, str]]) -> None:
    folded = urls.fold(f"https://{host}/{path}?{'&'.join(f'{k}={v}' for k, v in query)}")
    assert urls.fold(folded) == folded
    assert urls.identity(folded) == urls.identity(urls.identity(folded).join(["https://", ""]))


def test_identity_leaves_out_what_no_page_differs_in() -> None:
    forms = ["http://b.de/1", "https://www.b.de/1/", "https://m.b.de/1?utm_source=x", "https://b.de/1#a"]
    assert {urls.identity(form) for form in forms} == {"b.de/1"}
    assert urls.identity("https://b.de/2") != "b.de/1"


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
    assert urls.article_id(numbered, "https://b.de/4711/deich") == "b:4711"
    assert urls.article_id(numbered, "https://b.de/4711/anderer-titel") == "b:4711"
    plain = Source(slug="b", name="B", hosts=["b.de"])
    ids = {urls.article_id(plain, url) for url in ("http://b.de/deich", "https://www.b.de/deich/")}
    assert len(ids) == 1
    assert ids != {urls.article_id(plain, "https://b.de/sturm")}
