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
from klartext.sources.time_zones import zone_of_domain

PROJECT = Path(__file__).resolve().parents[3]
DEFAULT_DIRECTORIES = PROJECT / "include" / "sources"
OTHER = Source(slug="other", name="other", hosts=["other"], time_zone="UTC")
"""The source of all hosts that no source file names, see :mod:`klartext.sources.ownership`. It has no file.

Its sites are in many time zones: its days and months are those of UTC. Times that a page states without a zone are read
in the zone of its site.
"""


class SourceError(ValueError):
    """A source file that cannot be used; the message names file, field and what is allowed.

    Args:
        hosts: the hosts that the file names; where its list of hosts cannot be read, all that it mentions.
    """

    def __init__(self, message: str, hosts: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.hosts = tuple(hosts)


def _explain(path: Path, error: ValidationError, hosts: Iterable[str]) -> SourceError:
    lines = []
    for problem in error.errors(include_url=False):
        field = ".".join(
            str(part) for part in problem["loc"] if not str(part).startswith(("list[", "str", "function-"))
        )
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = f"unknown key; allowed are {', '.join(_allowed(problem['loc'][:-1]))}"
        lines.append(f"{path}: {field or 'file'}: {message}")
    return SourceError("\n".join(dict.fromkeys(lines)), hosts)


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


def _mentioned_hosts(content: bytes) -> list[str]:
    """What may be names of hosts in a file, whatever its syntax: no other address is to be taken for one without a
    source file."""
    words = re.findall(r"[\w.:-]+", content.decode("utf-8", "replace"))
    return [word for word in dict.fromkeys(words) if "." in word]


def read(path: Path) -> Source:
    """Reads one source file; ``rules`` may still name another source. Raises :class:`SourceError`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: file: cannot be read: {error.strerror}") from error
    hosts = _mentioned_hosts(content)
    try:
        data: Any = yaml.safe_load(content.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"{path}: file: not YAML: {error}", hosts) from error
    except ValueError as error:  # PyYAML makes dates of what looks like one
        raise SourceError(f"{path}: file: contains a date that does not exist: {error}", hosts) from error
    if not isinstance(data, dict):
        raise SourceError(f"{path}: file: must be a mapping with at least slug, name and hosts", hosts)
    try:
        source = Source.model_validate(data)
    except ValidationError as error:
        named = data.get("hosts")
        if isinstance(named, list) and all(isinstance(host, str) for host in named):
            hosts = named
        raise _explain(path, error, hosts) from error
    if source.slug == OTHER.slug:
        problem = f"{path}: slug: {OTHER.slug!r} is the source of all hosts without a file; choose another"
        raise SourceError(problem, source.hosts)
    if source.slug != path.stem:
        raise SourceError(f"{path}: slug: {source.slug!r} must be the file's name without .yaml", source.hosts)
    return source


def directories() -> list[Path]:
    """Folders of source files: ``KLARTEXT_SOURCES``, separated as PATH is, or ``include/sources``."""
    return list(_directories(os.environ.get("KLARTEXT_SOURCES")))


@functools.lru_cache(maxsize=16)  # each page asks for its source
def _directories(named: str | None) -> tuple[Path, ...]:
    return tuple(Path(part) for part in named.split(os.pathsep)) if named else (DEFAULT_DIRECTORIES,)


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
                        f"{path}: slug: {source.slug!r} is in {places[source.slug]} too; each slug is allowed once",
                        source.hosts,
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
                    f"allowed are a list of layouts or one of {', '.join(sorted(lenders))}",
                    source.hosts,
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
    """The source with a slug: from its file, :data:`OTHER`, else a default for a registered domain, without rules and
    in the time zone of the domain's country (:mod:`klartext.sources.time_zones`).

    Raises :class:`SourceError` if this source's own file cannot be used; other files do not matter.
    """
    if slug == OTHER.slug:
        return OTHER
    sources, problems = load_usable()
    if slug in sources:
        return sources[slug]
    for folder in directories():
        for problem in problems:
            if str(problem).startswith(f"{folder / slug}.yaml: "):
                raise problem
    return Source(slug=slug, name=slug, hosts=[slug], time_zone=zone_of_domain(slug))


class _Hosts:
    """What source files name by host: the sources that can be used, and for the others what is wrong with them."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        usable, problems = load_usable(folders)
        self._found: dict[str, Source | SourceError] = {}
        all_files: list[Source | SourceError] = [*usable.values(), *problems]
        for named in all_files:
            for host in sorted(urls.host_names(named.hosts)):
                self._found.setdefault(host, named)
        self._without_www: dict[str, Source | SourceError] = {}
        for host, named in self._found.items():
            self._without_www.setdefault(host.removeprefix("www."), named)

    def find(self, url: str) -> Source | SourceError | None:
        """By the host of an address with its port, without it, or by that of its normal form, which is the same for
        ``m.beispiel.de`` and ``beispiel.de``. Raises ValueError for what is no address."""
        parts = urlsplit(url)
        for host in (parts.netloc.lower(), urls.normalize_host(parts.hostname or "")):
            if found := self._found.get(host):
                return found
        try:
            normal = urlsplit(urls.normalize(url)).netloc
        except ValueError:
            return None
        return self._without_www.get(normal.removeprefix("www."))


_hosts = functools.lru_cache(maxsize=16)(_Hosts)


def find_by_host(url: str) -> Source | None:
    """The source whose file names the host of an address; None if there is none, or its file cannot be used.

    Raises ValueError for what is no address.
    """
    found = _hosts(tuple(directories())).find(url)
    return None if isinstance(found, SourceError) else found


def has_file(source: Source) -> bool:
    """True for a source that a source file defines, as :func:`of_url` returns it."""
    found = (find_by_host(f"https://{host}/") for host in source.hosts)
    return any(each is not None and each.slug == source.slug for each in found)


def of_url(url: str) -> Source:
    """The source that an address belongs to: by its host, else the default for the registered domain (:func:`of_slug`).

    Raises:
        SourceError: the source file that names the host cannot be used; other files do not matter.
        ValueError: it is no address.
    """
    parts = urlsplit(url)
    return _of_netloc(f"{parts.scheme or 'https'}://{parts.netloc}", _directories(os.environ.get("KLARTEXT_SOURCES")))


@functools.lru_cache(maxsize=10_000)
def _of_netloc(address: str, folders: tuple[Path, ...]) -> Source:
    """The source of an address that has no path."""
    found = _hosts(folders).find(address)
    if isinstance(found, SourceError):
        raise found
    if found:
        return found
    domain, netloc = urls.registered_domain(address), urlsplit(address).netloc.lower()
    slug = re.sub(r"[^a-z0-9.-]+", "-", domain).strip(".-") or "unknown"
    hosts = list(dict.fromkeys([netloc or domain, domain, f"www.{domain}"]))
    return Source(slug=slug, name=domain, hosts=hosts, time_zone=zone_of_domain(slug))
