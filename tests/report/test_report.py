"""The report: its numbers add up with the tables, its pictures show them and are the same each time."""

from __future__ import annotations

import collections
import json
import random
import re
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

import newsroom
from klartext.lake import Lake
from klartext.report import Numbers, SourceNumbers, collect, pictures, svg, write_report
from klartext.report.periods import by_period
from klartext.sources import PROJECT
from support.command_line import run

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def numbers(newsroom_lake: Path) -> Numbers:
    return collect(Lake.open(str(newsroom_lake / "data")))


def source(months: dict[str, int], words: dict[int, int] | None = None) -> SourceNumbers:
    count = sum(months.values())
    return SourceNumbers(collections.Counter(months), count, 0, collections.Counter(words or {200: count}))


def made(sources: int, months: list[str], seed: int = 1) -> Numbers:
    """The numbers of a lake that has no articles: the more sources, the fewer articles has each."""
    chance = random.Random(seed)
    found = {f"zeitung-{n:02}.example": source(dict.fromkeys(months, 9 * (sources - n)), {
        chance.randint(1, 9000): 9 * (sources - n) * len(months)}) for n in range(sources)}  # fmt: skip
    names = list(found)
    pairs = {(a, b): collections.Counter(copy=chance.randint(1, 50), quote=1)
             for n, a in enumerate(names) for b in names[n:] if chance.random() < 0.5}  # fmt: skip
    return Numbers(found, pairs)


def texts(drawn: str) -> list[str]:
    return ["".join(each.itertext()) for each in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


def test_the_numbers_are_those_of_the_tables(numbers: Numbers, newsroom_lake: Path) -> None:
    view = f"read_parquet('{newsroom_lake}/data/lake/articles/**/*.parquet', hive_partitioning = true)"
    counted = duckdb.sql(f"""
        SELECT source, month, count(*), count(lead), count(*) FILTER (len(authors) > 0), quantile_cont(word_count, .5)
        FROM {view} GROUP BY ALL ORDER BY count(*) DESC, source
    """).fetchall()
    assert len(counted) == len(newsroom.load())
    assert counted == [
        (name, month, count, each.with_lead, each.with_author, each.quantiles()[2])
        for name, each in numbers.sources.items() for month, count in each.months.items()
    ]  # fmt: skip
    for each in numbers.sources.values():
        assert sum(each.length_classes()) == each.words.total() == each.articles
    pairs = duckdb.sql(f"""
        SELECT kind, count(*) FROM read_parquet('{newsroom_lake}/data/lake/shared_text/**/*.parquet') GROUP BY ALL
    """).fetchall()
    assert sum(numbers.pairs.values(), collections.Counter()) == dict(pairs)
    assert len(pairs) > 1


def test_only_what_may_be_read_is_counted(newsroom_lake: Path) -> None:
    some = collect(Lake.open(str(newsroom_lake / "data")), {"nordwoche", "telex8"}.__contains__)
    assert set(some.sources) == {"nordwoche", "telex8"}
    assert {name for names in some.pairs for name in names} == {"nordwoche", "telex8"}
    assert sum(some.pairs.values(), collections.Counter()).total() == 1


def test_many_sources_are_summed_up_without_losing_any() -> None:
    all_of = made(30, ["2024-01", "2024-02"])
    shown = all_of.largest(20)
    assert list(shown.sources)[-1] == "11 more sources"
    assert len(shown.sources) == 20
    assert shown.articles == all_of.articles
    sums = [sum(numbers.pairs.values(), collections.Counter()) for numbers in (shown, all_of)]
    assert sums[0] == sums[1]
    assert all_of.largest(30) is all_of


@pytest.mark.parametrize(
    ("months", "unit", "first", "last", "number"),
    [
        (["2023-11", "2024-02"], "month", "2023-11", "2024-02", 4),
        (["2021-01", "2023-12"], "month", "2021-01", "2023-12", 36),
        (["2021-01", "2024-01"], "year", "2021", "2024", 4),
        (["2001-01", "2024-01"], "year", "2001", "2024", 24),
        (["1970-01", "2000-12", "2024-01"], "year", "until 2000", "2024", 25),
        (["0001-01", "2024-01"], "year", "until 2000", "2024", 25),
    ],
)
def test_columns_have_no_gap_and_are_few(months: list[str], unit: str, first: str, last: str, number: int) -> None:
    found, periods, counts = by_period(Numbers({"dwn": source(dict.fromkeys(months, 3))}, {}))
    assert (found, periods[0], periods[-1], len(periods)) == (unit, first, last, number)
    assert sum(counts.values()) == 3 * len(months)
    assert {period for _, period in counts} <= set(periods)


def test_pictures_name_every_source_and_number(numbers: Numbers) -> None:
    for name, draw in pictures.PICTURES.items():
        drawn = svg.svg(draw(numbers))
        assert set(numbers.sources) <= set(texts(drawn)), name
        assert not re.search(r"<script|<foreignObject|href=|url\(|\son\w+=", drawn), "an image has to need nothing"
    counts = texts(svg.svg(pictures.articles(numbers)))
    assert {str(each.articles) for each in numbers.sources.values()} <= set(counts)
    assert f"{numbers.articles} articles in all" in counts
    shares = texts(svg.svg(pictures.shares(numbers)))
    assert {f"{each.with_author} of {each.articles}" for each in numbers.sources.values()} <= set(shares)


@pytest.mark.parametrize("lake", [made(1, ["2024-05"]), made(30, [f"2023-{n:02}" for n in range(1, 13)])],
                         ids=["small", "large"])  # fmt: skip
def test_pictures_of_small_and_large_lakes_show_all(lake: Numbers) -> None:
    shown = lake.largest(pictures.SOURCES)
    drawn = svg.svg(pictures.overview(lake))
    assert drawn == svg.svg(pictures.overview(lake)), "the same numbers give the same bytes"
    for name in shown.sources:
        assert texts(drawn).count(name) >= 4, f"{name} has a row in every picture"
    assert f"{lake.articles:,} articles in all" in texts(drawn)


def test_lengths_beyond_the_axis_are_drawn_at_its_end() -> None:
    odd = Numbers({"dwn": source({"2024-05": 4}, {0: 1, 3: 1, 700: 1, 90_000: 1})}, {})
    root = ElementTree.fromstring(svg.svg(pictures.lengths(odd)))
    positions = [float(n) for each in root.iter() for n in re.findall(r"-?\d+(?:\.\d+)?", each.get("d", ""))]
    assert max(positions) < 500
    assert sum(odd.sources["dwn"].length_classes()) == 4


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_axes_of_small_numbers_have_each_number_once(number: int) -> None:
    few = Numbers({"dwn": source({"2024-05": number})}, {})
    for draw in (pictures.articles, pictures.lengths):
        drawn = ElementTree.fromstring(svg.svg(draw(few)))
        axes = [each for each in drawn.iter(f"{SVG}g") if "titled 'articles" in each.get("aria-label", "")]
        assert len(axes) == 1
        ticks = [text.text for text in axes[0].iter(f"{SVG}text") if (text.text or "").isdigit()]
        assert len(ticks) == len(set(ticks)) >= 2


def test_the_command_writes_pictures_and_numbers(newsroom_lake: Path, numbers: Numbers, tmp_path: Path) -> None:
    done = run("report", "--data", newsroom_lake / "data", "--to", tmp_path / "out")
    assert done.exit_code == 0, done.output
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"articles.svg", "shares.svg", "lengths.svg", "shared-text.svg", "report.svg", "report.json"}
    written = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert written["articles"] == numbers.articles == sum(each["articles"] for each in written["sources"])
    assert (tmp_path / "out" / "report.svg").stat().st_size < 100_000
    write_report(numbers, tmp_path / "out", "png")
    assert (tmp_path / "out" / "articles.png").read_bytes().startswith(b"\x89PNG")


def test_without_articles_and_with_another_format_the_command_says_what_to_do(numbers: Numbers, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="make run"):
        write_report(collect(Lake.open(str(tmp_path))), tmp_path)
    with pytest.raises(ValueError, match="svg, png"):
        write_report(numbers, tmp_path, "pdf")


def test_the_readmes_picture_shows_the_demos_lake(numbers: Numbers) -> None:
    """Of another extractor the lengths may differ a little; CONTRIBUTING says how the picture is made again."""
    drawn = (PROJECT / "docs" / "report.svg").read_text("utf-8")
    assert len(drawn) < 100_000
    shown = texts(drawn)
    assert f"{numbers.articles} articles in all" in shown
    assert set(numbers.sources) <= set(shown)
    assert 'src="docs/report.svg"' in (PROJECT / "README.md").read_text("utf-8")
