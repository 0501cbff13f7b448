"""robots.txt as publishers write it."""

from __future__ import annotations

import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.crawler.robots_rules import LONGEST, RobotsRules


def allows(text: str | bytes, path: str = "/a") -> bool:
    body = text if isinstance(text, bytes) else text.encode()
    return RobotsRules(body, "Klartext").allows(f"https://b.de{path}")


@pytest.mark.parametrize(
    "name",
    ["Klartext", "klartext", "KLARTEXT/1.0", "Klartext/0.1.0 (+https://b.de)", "KlartextBot", "klartext-bot",
     "Klartext-Crawler",
     "klartext *", "  Klartext  # us"],
)  # fmt: skip
def test_what_publishers_write_to_name_us_is_obeyed(name: str) -> None:
    assert not allows(f"User-agent: *\nDisallow:\n\nUser-agent: {name}\nDisallow: /a")
    assert allows(f"User-agent: *\nDisallow: /\n\nUser-agent: {name}\nAllow: /")


@pytest.mark.parametrize("name", ["Klar", "Klartexter", "NotKlartext", "Klartext2", "Googlebot", ""])
def test_what_does_not_name_us_is_for_others(name: str) -> None:
    assert allows(f"User-agent: {name}\nDisallow: /")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n", "\u2028"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_and_line_ends(end: str, encoding: str) -> None:
    text = end.join(["# robots", "User-Agent : *", "disallow:/a", "Allow: /a/b # not that", "Crawl-Delay: 7,5"])
    body = text.encode(encoding)
    assert not allows(body)
    assert allows(body, "/a/b")
    assert RobotsRules(body, "Klartext").crawl_delay == 7.5


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a\nDisallow: /a", "/a", True),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow:", "/a", True),
        ("Disallow: *.pdf$", "/x/a.pdf", False),
        ("Disallow: /*.pdf$", "/x/a.pdf?x", True),
        ("Disallow: /*?sid=", "/a?sid=1", False),
        ("Disallow: /über", "/%C3%BCber", False),
        ("Disallow: /%c3%bcber", "/%C3%BCber", False),
        ("Disallow: /%61", "/a", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: a", "/a", False),
        ("Disallow: /A", "/a", True),
        ("Sitemap: https://b.de/s.xml\nDisallow: /a", "/a", False),
        ("Noindex: /b\nDisallow: /a", "/a", False),
        ("no key\n: \nDisallow /b c", "/b", True),
        ("Disallow /a", "/a", False),
        ("Dissallow: /a", "/a", False),
        ("Disallow: /a%2Ab", "/a*b", False),
        ("Disallow: /a%2Ab", "/axb", True),
        ("Disallow: /a%24", "/a$", False),
        ("Disallow: /a$b", "/a$b", False),
        ("Disallow: https://b.de/a", "/a", False),
        ("Disallow: https://b.de", "/a", False),
        ('Disallow: "/a"', "/a", False),
        ("Dis\0allow: /a", "/a", False),
        ("Disallow: /b\x0cDisallow: /a", "/a", False),
        ("\u200bDisallow: /a\u200b", "/a", False),
        ("Disallow\uff1a /a", "/a", False),
        ("Disallow:: /a", "/a", False),
        ("- Disallow: /a", "/a", False),
        ("Disllow: /a", "/a", False),
        ("Dissallowed: /a", "/a", False),
        ("Allowed: /a\nDisallow: /a", "/a", False),
        ("Disallow: /b /a", "/a", False),
        ("Disallow: /b, /a", "/a", False),
        ("Disallow: /b /a", "/c", True),
        ("Disallow: /*?a=1&amp;b=2", "/x?a=1&b=2", False),
        ("Disallow: /u\u0308ber", "/%C3%BCber", False),
        ("<p>Disallow: /a</p>", "/a", False),
        ("Disallow: /b<br />Disallow: /a<br />", "/a", False),
    ],
)
def test_rules(rules: str, path: str, allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}", path) is allowed


def test_groups_of_one_name_count_together_and_several_names_share_a_group() -> None:
    first = "User-agent: x\nUser-agent: klartext\nDisallow: /a\n\n"
    text = f"{first}User-agent: *\nDisallow: /c\nUser-agent: Klartext\nDisallow: /b"
    assert [allows(text, path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_rules_before_any_group_are_for_no_one() -> None:
    assert allows("Disallow: /\nUser-agent: *\nDisallow: /b")


@pytest.mark.parametrize(
    "body",
    [b"Disallow: /" + b"*a" * 250_000, b"User-agent: *\n" + b"Disallow: /*a*b\n" * 30_000, b" " * 500_000,
     b"a" * 500_000,
     b"\n \n" * 160_000, b"User-agent:" * 45_000, b"%61" * 160_000],
)  # fmt: skip
def test_hostile_files_take_linear_time(body: bytes) -> None:
    begin = time.process_time()
    allows(b"User-agent: *\nDisallow: /b\n" + body, "/" + "a" * 8000)
    assert time.process_time() - begin < 3


@given(st.binary(max_size=200), st.text(max_size=20))
def test_no_file_raises(body: bytes, path: str) -> None:
    text = body + b"\nUser-agent: *\nDisallow: /" + path.encode("utf-8", "replace")
    assert allows(text, "/x") == allows(text, "/x")


@pytest.mark.parametrize("path", ["/gr%FCn", "/gr%fcn", "/gr%C3%BCn"])
def test_a_rule_in_windows_1252_is_obeyed_in_either_spelling(path: str) -> None:
    rules = RobotsRules("User-agent: *\nDisallow: /grün\n".encode("cp1252"), "Klartext")
    assert not rules.allows(f"https://b.de{path}")
    assert rules.allows("https://b.de/gr%C3%B6n")


@pytest.mark.parametrize(
    "name",
    ["Googlebot, Klartext", "Mozilla/5.0 (compatible; Klartext/1.0)", '"Klartext"', "Klartext*", "klartext-bot/2"],
)
def test_names_with_more_words(name: str) -> None:
    assert not RobotsRules(f"User-agent: {name}\nDisallow: /a".encode(), "Klartext").allows("https://b.de/a")


@pytest.mark.parametrize("key", ["User_agent", "User–agent", "User agent", "Useragents", "Usser-agent", "User-agnet"])
def test_names_with_a_typing_error_in_the_key(key: str) -> None:
    assert not allows(f"{key}: *\nDisallow: /a")
    assert allows(f"User-agent: *\nDisallow: /b\n\n{key}: other\nDisallow: /a")


def test_the_name_of_another_crawler_may_have_our_name_in_its_address() -> None:
    assert allows("User-agent: Other/1.0 (+https://example.org/klartext)\nDisallow: /a")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(gzip.compress(b"User-agent: *\nDisallow: /a\n"), id="gzip"),
        b"User-agent:\xa0*\nDisallow:\xa0/a\n",
        b"User-agent: *\\nDisallow: /a\\n",
        b"User-agent: * Disallow: /a Allow: /c # Disallow: /b",
        b'User-agent: "*"\nDisallow: /a',
        b'<html><head></head><body><pre style="x: pre-wrap;">User-agent: *\nDisallow: /a\n</pre></body></html>',
    ],
)
def test_files_that_an_editor_or_server_has_changed(body: bytes) -> None:
    assert not allows(body, "/a")
    assert allows(body, "/b")


def test_half_a_rule_at_the_limit_is_none() -> None:
    head = b"User-agent: *\n"
    comment = b"#" * (LONGEST - len(head) - len(b"\nDisallow: /")) + b"\n"
    assert allows(head + comment + b"Disallow: /b/\n", "/a")


@pytest.mark.parametrize(
    ("value", "seconds"), [("1/5", 5.0), ("2/1m", 30.0), ("1/10s 0600-0845", 10.0), ("0/1", None), ("x", None)]
)
def test_request_rates(value: str, seconds: float | None) -> None:
    assert RobotsRules(f"User-agent: *\nRequest-rate: {value}".encode(), "Klartext").crawl_delay == seconds


def test_the_key_of_a_crawl_delay_may_be_two_words() -> None:
    assert RobotsRules(b"User-agent: *\nCrawl delay: 7", "Klartext").crawl_delay == 7


@pytest.mark.parametrize(("value", "seconds"), [(".5", 0.5), ("1,5", 1.5), ("10s", 10.0), ("-1", None), ("viel", None)])
def test_crawl_delays(value: str, seconds: float | None) -> None:
    assert RobotsRules(f"User-agent: *\nCrawl-delay: {value}".encode(), "Klartext").crawl_delay == seconds
