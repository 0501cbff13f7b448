"""Months of the current view, written without publishing, for tests of what is computed from them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from typing import Any

import pyarrow as pa

from klartext import model
from klartext.lake import Lake
from klartext.link import shingles, window
from klartext.link.window import Window
from klartext.model import Article
from support.sample_rows import article, moment

NONE = model.schema(model.Shingles).empty_table()


def prose(seed: object, count: int) -> list[str]:
    """Words that no other seed gives in this order."""
    chance = random.Random(str(seed))
    return ["".join(chance.choices("bdfgklmnrst", k=2)) + "e" + chance.choice("lmnrst") for _ in range(count)]


def page(number: int, text: str | list[str], day: str = "2024-05-01", source: str = "dwn", **more: Any) -> Article:
    """An article of a source with this text, published on this day, and no lead."""
    words = text if isinstance(text, str) else " ".join(text)
    values: dict[str, Any] = {"lead": None, "agencies": [], "published_at": moment(f"{day}T08:{number % 60:02}")}
    values |= {"article_id": f"{source}:{number}", "publisher": source, "site": f"{source}.example", "text": words}
    return article(number, **(values | more))


def view(*articles: Article) -> pa.Table:
    """The articles as rows of ``articles``."""
    more = [{"version_count": 1, "first_fetched_at": each.fetched_at, "changed_at": None} for each in articles]
    rows = [dataclasses.asdict(each) | values for each, values in zip(articles, more, strict=True)]
    return model.table(model.Current, rows)


def write(lake: Lake, source: str, month: str, *articles: Article) -> None:
    """Replaces the current view of a month; without articles removes it."""
    assert lake.replace_month_if_unchanged(source, month, lake.month_stat(source, month), view(*articles))


def window_of(*articles: Article, before: tuple[Article, ...] = ()) -> Window:
    """The window of a month with these articles, and those of the month before."""
    names = sorted({each.article_id.split(":")[0] for each in (*articles, *before)})

    def rows(source: str, of: tuple[Article, ...]) -> pa.Table:
        own = [each for each in of if each.article_id.split(":")[0] == source]
        return shingles.make_rows(view(*own), dt.UTC) if own else NONE  # type: ignore[arg-type]

    return window.load((source, rows(source, before), rows(source, articles)) for source in names)
