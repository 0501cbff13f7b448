"""What the press holds: sites, and articles as files that a person can read and write.

A site is a folder: ``site.yaml``, ``template.html.j2`` and ``articles/*.md``. An article file is one version of one
page: YAML between two lines of dashes, then the body in blocks (see :mod:`newsroom.blocks`). Two files with the same
``path`` are two versions of the page; the later one holds from its ``modified`` on.
"""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict

from newsroom.blocks import Block, parse, plain

HERE = Path(__file__).resolve().parent
ZONE = ZoneInfo("Europe/Berlin")
HOST = "127.0.0.1"
FIRST_PORT = 8801
"""The port of the first site in the committed source files; the others follow it."""
DAYS = (dt.date(2024, 5, 14), dt.date(2024, 5, 15), dt.date(2024, 5, 16))
LAST_MOMENT = dt.datetime(2024, 5, 16, 21, 59, 59, tzinfo=dt.UTC)
"""The state that is shown to those who do not ask for another one: the end of the last day in Berlin."""


class Part(BaseModel):
    """A part of a file; a key that is not named here is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Picture(Part):
    """The picture above an article; ``credit`` as the site prints it, without its brackets or signs."""

    name: str
    caption: str
    credit: str


class Comment(Part):
    """What a reader wrote under an article."""

    name: str
    text: str


class Article(Part):
    """One version of one page. Times have their offset; ``path`` is the address without scheme and host."""

    path: str
    number: int | None = None
    kicker: str | None = None
    title: str
    seo_title: str | None = None
    description: str | None = None
    lead: str | None = None
    authors: list[str] = []
    agencies: list[str] = []
    credit: str | None = None
    section: str
    topics: list[str] = []
    published: AwareDatetime
    modified: AwareDatetime | None = None
    access: Literal["free", "paid"] = "free"
    picture: Picture | None = None
    charset: str = "utf-8"
    template: str = "template.html.j2"
    in_gold: bool = True
    self_card: bool = False
    comments: list[Comment] = []
    blocks: list[Block] = []

    @property
    def changed(self) -> dt.datetime:
        """From when on this version is what the site shows."""
        return self.modified or self.published

    @property
    def lines(self) -> list[str]:
        """Subheadings, paragraphs and list items in order, without markup."""
        return [plain(line) for block in self.blocks for line in block.lines]

    @property
    def words(self) -> int:
        """The number of words of the text."""
        return sum(len(line.split()) for line in self.lines)


class Card(Part):
    """A teaser for a page that lies before the three days; the page itself is never requested."""

    path: str
    number: int | None = None
    kicker: str | None = None
    title: str
    lead: str
    section: str


class Gone(Part):
    """A page that feed and sitemaps still name and that is not there any more."""

    path: str
    title: str
    published: AwareDatetime

    @property
    def changed(self) -> dt.datetime:
        """When it was published: it does not change."""
        return self.published


class Feed(Part):
    """The feed: its form, and what is hung on each link (tracking), without the question mark."""

    path: str
    form: Literal["rss", "atom"]
    query: str = ""


class Dated(Part):
    """The sitemap of what was published when. ``day``: one file a day; ``day-index``: an index a day that points to a
    file; ``month-index``: an index a year that points to files by month; ``all``: one file."""

    path: str
    form: Literal["day", "day-index", "month-index", "all"]
    clock: bool = True


class Site(Part):
    """A publisher. ``place`` orders the sites: the first stands on the first port, and so on."""

    slug: str
    place: int
    name: str
    tagline: str
    sections: dict[str, str]
    trending: list[str] = []
    feed: Feed
    news_sitemap: str
    dated_sitemap: Dated
    disallow: list[str] = []
    cards: list[Card] = []
    videos: list[Card] = []
    gone: list[Gone] = []
    versions: list[Article] = []

    def as_of(self, moment: dt.datetime) -> list[Article]:
        """Each page that was there at a moment, in its newest version of then, newest first."""
        pages: dict[str, Article] = {}
        for version in sorted(self.versions, key=lambda v: v.changed):
            if version.changed <= moment:
                pages[version.path] = version
        return sorted(pages.values(), key=lambda a: (a.published, a.path), reverse=True)

    def find(self, path: str, moment: dt.datetime) -> Article | None:
        """The article at a path as it is at a moment; None if there is none."""
        return next((a for a in self.as_of(moment) if a.path == path), None)

    def listed(self, moment: dt.datetime) -> list[Article | Gone]:
        """What feed and sitemaps name at a moment, newest first: pages that are gone and forbidden among them."""
        gone = [g for g in self.gone if g.published <= moment]
        return sorted([*self.as_of(moment), *gone], key=lambda a: (a.published, a.path), reverse=True)


def end_of_day(moment: dt.datetime) -> dt.datetime:
    """The last second of a moment's day in Berlin, in UTC: when a daily batch sees the press."""
    day = moment.astimezone(ZONE).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(), ZONE).astimezone(dt.UTC) - dt.timedelta(seconds=1)


def read_article(path: Path) -> Article:
    """An article file. Raises ValueError with the file's name for one that cannot be read."""
    try:
        _, head, body = path.read_text("utf-8").split("---\n", 2)
        data: dict[str, Any] = yaml.safe_load(head)
        return Article(**data, blocks=parse(body))
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from error


def read_site(folder: Path) -> Site:
    """A site from its folder. Raises ValueError with the file's name for an article that cannot be read."""
    data: dict[str, Any] = yaml.safe_load((folder / "site.yaml").read_text("utf-8"))
    versions = [read_article(path) for path in sorted((folder / "articles").glob("*.md"))]
    return Site(slug=folder.name, **data, versions=versions)


@functools.cache
def load() -> tuple[Site, ...]:
    """The sites in the order of their ports."""
    sites = [read_site(path.parent) for path in (HERE / "sites").glob("*/site.yaml")]
    return tuple(sorted(sites, key=lambda site: site.place))
