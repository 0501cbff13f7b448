"""A source file: everything that Klartext knows of one publisher, checked when it is read.

The sections follow the steps. Unknown keys, selectors that do not parse, patterns that do not compile and times that
do not exist are refused with the file, the field and what is allowed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import yaml
from cssselect import GenericTranslator, SelectorError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_DIRECTORIES = PROJECT / "include" / "sources"


class SourceError(ValueError):
    """A source file that cannot be used; the message names file, field and what is allowed."""


def _css(value: str) -> str:
    try:
        GenericTranslator().css_to_xpath(value)
    except SelectorError as error:
        raise ValueError(f"no CSS selector: {error}") from error
    return value


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


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("a name of the IANA time zone database, as Europe/Berlin")
    return value


Css = Annotated[str, AfterValidator(_css)]
Pattern = Annotated[str, AfterValidator(_pattern)]
NumberPattern = Annotated[str, AfterValidator(_numbered)]
Address = Annotated[str, AfterValidator(_address)]
Template = Annotated[str, AfterValidator(_template)]
Zone = Annotated[str, AfterValidator(_zone)]


class Section(BaseModel):
    """A part of a source file; a key that is not named here is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Discover(Section):
    """Where the publisher says what it published. In an address, ``{day:%Y-%m-%d}`` stands for each day asked."""

    feeds: list[Address] = []
    news_sitemaps: list[Address] = []
    dated_sitemaps: list[Template] = []
    recent_days: Annotated[int, Field(ge=1, description="how far back feeds and news sitemaps speak")] = 3


class Addresses(Section):
    """Which addresses are articles. Patterns are searched in the folded address."""

    article: Pattern = r"."
    number: NumberPattern | None = None
    exclude: list[Pattern] = []


class Fetching(Section):
    """How the publisher is asked. ``memento`` is for a server that keeps its past (RFC 7089)."""

    delay: Annotated[float, Field(ge=0, le=600, description="seconds between two requests")] = 2.0
    limit: Annotated[int, Field(ge=1, description="pages a batch may ask for")] = 5000
    memento: bool = False


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
    modified: Css | None = None
    remove: list[Css] = []
    paywall: list[Css] = []
    teasers: list[TeaserRules] = []


class Source(Section):
    """A publisher."""

    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    name: str
    hosts: Annotated[list[str], Field(min_length=1)]
    time_zone: Zone = "Europe/Berlin"
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "de"
    since: dt.date = dt.date(2016, 8, 1)
    until: dt.date | None = None  # the first day of which nothing is asked any more
    schedule: str = "0 4 * * *"
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
        return ZoneInfo(self.time_zone)

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
        """Whether a folded address is one of an article that is wanted."""
        return bool(re.search(self.addresses.article, url)) and not any(
            re.search(pattern, url) for pattern in self.addresses.exclude
        )


def _explain(path: Path, error: ValidationError) -> SourceError:
    lines = []
    for problem in error.errors(include_url=False):
        field = ".".join(
            str(part) for part in problem["loc"] if not str(part).startswith(("list[", "str", "function-"))
        )
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = f"unknown key; allowed are {', '.join(_allowed(problem['loc'][:-1]))}"
        lines.append(f"{path}: {field or 'file'}: {message}")
    return SourceError("\n".join(dict.fromkeys(lines)))


def _allowed(place: Iterable[int | str]) -> list[str]:
    """Keys that may stand at a place of a source file."""
    sections: Mapping[str, type[Section]] = {
        "discover": Discover,
        "addresses": Addresses,
        "fetch": Fetching,
        "rules": Layout,
        "teasers": TeaserRules,
    }
    named = [sections[part] for part in place if isinstance(part, str) and part in sections]
    return sorted((named[-1] if named else Source).model_fields)


def read(path: Path) -> Source:
    """One source file; ``rules`` may still name another source."""
    try:
        data: Any = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: file: no YAML: {error}") from error
    except OSError as error:
        raise SourceError(f"{path}: file: cannot be read: {error.strerror}") from error
    except ValueError as error:  # PyYAML makes dates of what looks like one
        raise SourceError(f"{path}: file: a date that does not exist: {error}") from error
    if not isinstance(data, dict):
        raise SourceError(f"{path}: file: a mapping with at least slug, name and hosts")
    try:
        source = Source.model_validate(data)
    except ValidationError as error:
        raise _explain(path, error) from error
    if source.slug != path.stem:
        raise SourceError(f"{path}: slug: {source.slug!r} must be the file's name without .yaml")
    return source


def directories() -> list[Path]:
    """Folders of source files: ``KLARTEXT_SOURCES``, separated as PATH is, or ``include/sources``."""
    named = os.environ.get("KLARTEXT_SOURCES")
    return [Path(part) for part in named.split(os.pathsep)] if named else [DEFAULT_DIRECTORIES]


def load_usable(folders: Iterable[Path] | None = None) -> tuple[dict[str, Source], list[SourceError]]:
    """The sources that can be used by slug, and what is wrong with the other files."""
    sources: dict[str, Source] = {}
    places: dict[str, Path] = {}
    problems: list[SourceError] = []
    for folder in directories() if folders is None else folders:
        if not folder.is_dir():
            problems.append(SourceError(f"{folder}: no such folder of source files; KLARTEXT_SOURCES names them"))
        for path in sorted(folder.glob("*.yaml")):
            try:
                source = read(path)
            except SourceError as problem:
                problems.append(problem)
                continue
            if source.slug in sources:
                problems.append(SourceError(f"{path}: slug: {source.slug!r} stands in {places[source.slug]} too"))
                continue
            sources[source.slug], places[source.slug] = source, path
    lenders = {slug: source.rules for slug, source in sources.items() if isinstance(source.rules, list)}
    for slug in sources.keys() - lenders.keys():
        source = sources.pop(slug)
        if source.rules in lenders:
            sources[slug] = source.model_copy(update={"rules": lenders[str(source.rules)]})
        else:
            problems.append(
                SourceError(
                    f"{places[slug]}: rules: {source.rules!r} has no rules of its own; "
                    f"allowed are a list of layouts or one of {', '.join(sorted(lenders))}"
                )
            )
    return dict(sorted(sources.items())), problems


def load(folders: Iterable[Path] | None = None) -> dict[str, Source]:
    """All sources by slug. Raises :class:`SourceError` for the first file that cannot be used."""
    sources, problems = load_usable(folders)
    if problems:
        raise problems[0]
    return sources


def of_slug(slug: str) -> Source:
    """The source of a batch: of its file, else one made up for a registered domain, without rules."""
    return load().get(slug) or Source(slug=slug, name=slug, hosts=[slug])


@functools.cache
def _by_host(folders: tuple[Path, ...]) -> dict[str, Source]:
    return {host: source for source in load(folders).values() for host in source.hosts}


def of_url(url: str) -> Source:
    """The source an address belongs to: by its host, else one made up for the registered domain, without rules."""
    parts = urlsplit(url)
    known = _by_host(tuple(directories()))
    source = known.get(parts.netloc.lower()) or known.get((parts.hostname or "").lower())
    if source:
        return source
    from klartext.urls import registered_domain

    domain = registered_domain(url)
    with contextlib.suppress(UnicodeError):  # a name that is none: what is not allowed in a slug goes below
        domain = domain.encode("idna").decode()
    slug = re.sub(r"[^a-z0-9.-]+", "-", domain).strip(".-") or "unknown"
    hosts = dict.fromkeys([parts.netloc.lower() or domain, domain, f"www.{domain}"])
    return Source(slug=slug, name=registered_domain(url), hosts=list(hosts))
