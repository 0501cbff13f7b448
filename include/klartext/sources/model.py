"""The keys of a source file.

The sections follow the steps. Unknown keys, selectors that do not parse, patterns that do not compile and times that
do not exist are refused with the file, the field and what is allowed.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from cssselect import GenericTranslator, SelectorError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from klartext import urls


def _css(value: str) -> str:
    try:
        GenericTranslator().css_to_xpath(value)
    except SelectorError as error:
        raise ValueError(f"no CSS selector: {error}") from error
    return value


def _value_css(value: str) -> str:
    css, attribute = split_value(value)
    if "::" in css or (attribute is not None and not re.fullmatch(r"[\w-]+", attribute)):
        raise ValueError("no CSS selector with ::attr(name) for an attribute")
    return _css(css) and value


def split_value(value: str) -> tuple[str, str | None]:
    """The selector of a value, and the name of the attribute if it ends in ``::attr(name)``, as Scrapy has it."""
    css, found, rest = value.partition("::attr(")
    return (css, rest.removesuffix(")").strip()) if found and rest.endswith(")") else (value, None)


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return value


def _numbered(value: str) -> str:
    if "number" not in re.compile(_pattern(value)).groupindex:
        raise ValueError("the pattern needs a group (?P<number>…)")
    return value


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("an address begins with http:// or https://")
    return value


def _template(value: str) -> str:
    try:
        filled = value.format(day=dt.date(2024, 5, 31))
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError("only {day} may stand in braces, as {day:%Y-%m-%d}") from error
    return _address(filled) and value


_zone_names = functools.cache(available_timezones)  # each call reads a thousand files


def _zone(value: str) -> str:
    if value not in _zone_names():
        raise ValueError("a name of the IANA time zone database, as Europe/Berlin")
    return value


Css = Annotated[str, AfterValidator(_css)]
CssValue = Annotated[str, AfterValidator(_value_css)]
Pattern = Annotated[str, AfterValidator(_pattern)]
NumberPattern = Annotated[str, AfterValidator(_numbered)]
Address = Annotated[str, AfterValidator(_address)]
Template = Annotated[str, AfterValidator(_template)]
Zone = Annotated[str, AfterValidator(_zone)]
ParameterName = Annotated[str, Field(pattern=r"^[^\s&=;#*]+\*?$", description="as cid, or mc_* for all that begin so")]
Age = Annotated[str, Field(pattern=r"^[1-9]\d{0,4}[mhd]$", description="as 30m, 6h or 7d")]
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Section(BaseModel):
    """A part of a source file; a key that is not named here is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Discover(Section):
    """Where to find what the publisher published. ``{day:%Y-%m-%d}`` in an address stands for each day of the interval.

    The last three are origins that are not the publisher's own: its pages in Common Crawl's CC-NEWS, in the Wayback
    Machine, and what the teasers on its pages lead to.
    """

    feeds: list[Address] = []
    news_sitemaps: list[Address] = []
    dated_sitemaps: list[Template] = []
    recent_days: Annotated[int, Field(ge=1, description="how many days back feeds and news sitemaps reach")] = 3
    expects_articles: bool | None = None  # whether a run that finds none is an error; unset, the weeks before decide
    cc_news: bool = False
    wayback: bool = False
    teasers: bool = False

    @property
    def addresses(self) -> list[str]:
        """All addresses of the publisher that are requested."""
        return [*self.feeds, *self.news_sitemaps, *self.dated_sitemaps]


class Addresses(Section):
    """Which addresses are articles. Patterns are searched in the normal form of the address."""

    article: Pattern = r"."
    number: NumberPattern | None = None
    exclude: list[Pattern] = []
    ignore_parameters: Annotated[
        list[ParameterName],
        Field(description="query parameters that do not select the page at this publisher, such as cid or mc_*"),
    ] = []


class Fetching(Section):
    """How pages are requested. ``memento`` is for a server that serves past states (RFC 7089)."""

    delay: Annotated[float, Field(ge=0, le=600, description="seconds between two requests")] = 2.0
    limit: Annotated[int, Field(ge=1, description="pages that a batch may request")] = 5000
    memento: bool = False
    revisit: Annotated[list[Age], Field(description="ages at which a page is fetched once more, as 6h")] = []
    tdm: Annotated[
        Literal["record", "obey"], Field(description="what to do where text and data mining is reserved")
    ] = "record"

    @property
    def ages(self) -> list[dt.timedelta]:
        """The ages of :attr:`revisit`, youngest first."""
        return sorted(dt.timedelta(**{_UNITS[age[-1]]: int(age[:-1])}) for age in self.revisit)


class TeaserRules(Section):
    """Cards that lead to other articles: ``item`` is one card, the rest is looked for inside of it."""

    item: Css
    title: Css | None = None
    kicker: Css | None = None
    link: Css = "a[href]"
    section: Css | None = None
    date: Css | None = None
    text: Css | None = None


class Layout(Section):
    """How pages are built that were captured from a day on. Every selector is CSS; what is left out is found by the
    generic rules."""

    valid_from: dt.date
    body: list[Css] = []
    title: Css | None = None
    kicker: Css | None = None
    lead: Css | None = None
    lead_in_description: bool = False
    authors: Css | None = None
    section: Css | None = None
    topics: Css | None = None
    published: Css | None = None
    word_count: CssValue | None = None  # the publisher's own count; unset, that of JSON-LD
    remove: list[Css] = []
    paywall: list[Css] = []
    teasers: list[TeaserRules] = []

    @functools.cached_property
    def selectors(self) -> tuple[Css, ...]:
        """Every selector, those of the cards included."""
        found = [value for part in (self, *self.teasers) for _, value in part]
        texts = (text for value in found for text in (value if isinstance(value, list) else [value]))
        return tuple(split_value(text)[0] for text in texts if isinstance(text, str))

    @functools.cached_property
    def places(self) -> tuple[tuple[str, Css], ...]:
        """The key and the selector of every place on a page; of teasers only that of the card itself. Several selectors
        of the body are also there as one, which matches where any of them does."""
        own = ((key, value) for key, value in self if key not in ("valid_from", "teasers"))
        named = ((key, css) for key, value in own for css in (value if isinstance(value, list) else [value]))
        found = [(key, split_value(css)[0]) for key, css in named if isinstance(css, str)]
        bodies = [("body", ", ".join(self.body))] if self.body else []
        return tuple(dict.fromkeys([*found, *bodies, *(("teasers", card.item) for card in self.teasers)]))


class Source(Section):
    """A publisher.

    ``time_zone`` is that of times which state none, and of ``month``. The default is for source files; a publisher
    without a file has the time zone of its domain's country (:func:`klartext.sources.zone_of_domain`).
    """

    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    name: str
    hosts: Annotated[list[str], Field(min_length=1)]
    time_zone: Zone = "Europe/Berlin"
    language: Annotated[str | None, Field(pattern=r"^[a-z]{2}$")] = None  # unset, articles of any language are accepted
    since: dt.date = dt.date(2016, 8, 1)
    until: dt.date | None = None  # the first day that is not fetched any more
    schedule: str = "0 4 * * *"
    deadline_hours: Annotated[
        float, Field(gt=0, le=24 * 14, description="hours after its interval by which a scheduled run has a batch")
    ] = 6.0
    discover: Discover = Discover()
    addresses: Addresses = Addresses()
    fetch: Fetching = Fetching()
    rules: str | list[Layout] = []

    @model_validator(mode="after")
    def _dated(self) -> Source:
        if isinstance(self.rules, list):
            days = [layout.valid_from for layout in self.rules]
            if days != sorted(set(days)):
                raise ValueError("rules stand in the order of valid_from, each day once")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The publisher's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def is_made_up(self) -> bool:
        """True for a source that was made up for a domain, which is its name, because there is no source file."""
        return self.name == self.slug and "." in self.slug

    @property
    def layouts(self) -> list[Layout]:
        """The dated rules, oldest first; empty for a source that has none."""
        assert isinstance(self.rules, list), "borrowed rules are resolved by load()"
        return self.rules

    def layout(self, day: dt.date) -> Layout | None:
        """The rules that held on a day; the oldest for a day before them."""
        held = [layout for layout in self.layouts if layout.valid_from <= day]
        return held[-1] if held else next(iter(self.layouts), None)

    def is_article(self, url: str) -> bool:
        """True if an address in normal form is one of an article that is wanted."""
        return bool(re.search(self.addresses.article, url)) and not any(
            re.search(pattern, url) for pattern in self.addresses.exclude
        )

    def should_be_article(self, url: str | None) -> bool:
        """True if a captured page should be an article by its address, which may be unknown or broken. An imported file
        may have front pages and feeds too."""
        try:
            return url is None or self.is_article(self.normalize_url(url))
        except ValueError:
            return True

    def rules_name(self, layout: Layout) -> str:
        """What the column ``rules`` has for articles that were read with one of the dated rules."""
        return f"{self.slug} {layout.valid_from}"

    def normalize_url(self, url: str) -> str:
        """The normal form of an address (:func:`klartext.urls.normalize`), without the parameters that this publisher
        uses for other things than pages. Raises ValueError for what is no http(s) address."""
        return urls.normalize(url, self.addresses.ignore_parameters)

    def page_key(self, url: str) -> str:
        """What all addresses of a page have in common (:func:`klartext.urls.page_key`) at this publisher."""
        return urls.page_key(url, self.addresses.ignore_parameters)

    def article_id(self, url: str) -> str:
        """``slug:number`` where the publisher's addresses carry a number of the article, else ``slug:`` and a hash of
        the address, which is in normal form."""
        if self.addresses.number and (found := re.search(self.addresses.number, url)):
            return f"{self.slug}:{found['number']}"
        if self.addresses.ignore_parameters:
            url = self.normalize_url(url)
        return f"{self.slug}:{hashlib.sha256(urls.without_scheme(url).encode()).hexdigest()[:16]}"
