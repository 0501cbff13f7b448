from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

import newsroom
from newsroom import gold
from newsroom.model import HERE

COMMITTED = sorted((HERE / "gold").glob("*.jsonl"))


def test_the_committed_gold_is_what_the_articles_say() -> None:
    made = gold.files()
    assert sorted(made) == COMMITTED
    for path, text in made.items():
        assert path.read_bytes() == text.encode(), f"run python -m newsroom.gold to write {path.name} again"


def test_every_version_has_its_line() -> None:
    lines = [json.loads(line) for path in COMMITTED for line in path.read_text("utf-8").splitlines()]
    wanted = [a for site in newsroom.load() for a in site.versions if a.in_gold]
    assert len(lines) == len({line["name"] for line in lines}) == len(wanted)
    newest = [p for p in COMMITTED if ".earlier." not in p.name]
    addresses = [json.loads(line)["url"] for p in newest for line in p.read_text("utf-8").splitlines()]
    assert len(set(addresses)) == len(addresses), "a file of newest versions has each address once"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.name)
def test_a_line_has_what_a_scorer_needs(path: object) -> None:
    lines = [json.loads(text) for text in path.read_text("utf-8").splitlines()]  # type: ignore[attr-defined]
    assert lines
    for line in lines:
        assert list(line) == [
            "name", "publisher", "url", "fetched_at", "titles", "lead", "lines", "neutral", "authors",
            "published_at", "topics",
        ]  # fmt: skip
        assert line["titles"]
        assert line["lines"]
        assert line["fetched_at"].endswith("Z")
        assert line["published_at"].endswith("+00:00")
        assert line["published_at"] < line["fetched_at"]
        assert not set(line["authors"]) & {"dpa", "AFP", "Reuters"}


def test_gold_of_a_running_press_has_its_addresses(press: newsroom.Press) -> None:
    sites = newsroom.load()
    assert len(sites) == 4
    for site in sites:
        lines = press.gold(site.slug)
        assert {urlsplit(line["url"]).port for line in lines} == {press.ports[site.slug]}
        assert {urlsplit(line["url"]).path for line in lines} == {
            a.path for a in site.as_of(newsroom.LAST_MOMENT) if a.in_gold
        }
