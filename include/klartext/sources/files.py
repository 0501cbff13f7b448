"""Reads source files, and finds the source that an address belongs to."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from pydantic import ValidationError

from klartext import urls
from klartext.sources.model import Addresses, Discover, Fetching, Layout, Section, Source, TeaserRules

PROJECT = Path(__file__).resolve().parents[3]
DEFAULT_DIRECTORIES = PROJECT / "include" / "sources"


class SourceError(ValueError):
    """A source file that cannot be used; the message names file, field and what is allowed."""


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
    """The keys that are allowed at a place of a source file."""
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
    """Reads one source file; ``rules`` may still name another source. Raises :class:`SourceError`."""
    try:
        data: Any = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: file: not YAML: {error}") from error
    except OSError as error:
        raise SourceError(f"{path}: file: cannot be read: {error.strerror}") from error
    except ValueError as error:  # PyYAML makes dates of what looks like one
        raise SourceError(f"{path}: file: contains a date that does not exist: {error}") from error
    if not isinstance(data, dict):
        raise SourceError(f"{path}: file: must be a mapping with at least slug, name and hosts")
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
                problems.append(
                    SourceError(
                        f"{path}: slug: {source.slug!r} is in {places[source.slug]} too; each slug is allowed once"
                    )
                )
                continue
            sources[source.slug], places[source.slug] = source, path
    lenders = {slug: source.rules for slug, source in sources.items() if isinstance(source.rules, list)}
    for slug in sorted(sources.keys() - lenders.keys()):
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
    """The source with a slug: from its file, else a default for a registered domain, without rules.

    Raises :class:`SourceError` if this source's own file cannot be used; other files do not matter.
    """
    sources, problems = load_usable()
    if slug in sources:
        return sources[slug]
    for folder in directories():
        for problem in problems:
            if str(problem).startswith(f"{folder / slug}.yaml: "):
                raise problem
    return Source(slug=slug, name=slug, hosts=[slug])


@functools.cache
def _by_host(named: str | None) -> dict[str, Source]:
    """The sources by host; ``named`` is KLARTEXT_SOURCES."""
    return {name: source for source in load(directories()).values() for name in urls.host_names(source.hosts)}


def of_url(url: str) -> Source:
    """The source that an address belongs to: by its host, else a default for the registered domain, without rules.

    Raises :class:`SourceError` if a source file cannot be used, and ValueError for what is no address.
    """
    parts = urlsplit(url)
    known = _by_host(os.environ.get("KLARTEXT_SOURCES"))
    host = urls.normalize_host(parts.hostname or "")
    source = known.get(parts.netloc.lower()) or known.get(host)
    if source:
        return source
    domain = urls.registered_domain(url)
    slug = re.sub(r"[^a-z0-9.-]+", "-", domain).strip(".-") or "unknown"
    hosts = dict.fromkeys([parts.netloc.lower() or domain, domain, f"www.{domain}"])
    return Source(slug=slug, name=domain, hosts=list(hosts))
