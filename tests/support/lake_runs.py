"""Runs over the newsroom's days and an import: once for real, and then again and again from what was captured.

The first pass asks the press and does every step. What discovery found, what the publisher answered, and what
extraction and validation put into staging is remembered; a run of a wild lake puts the same there, file by file.
Moving captures, the account of a replay, publishing, curating and whatever heals are the real thing each time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import newsroom
from klartext import sources
from klartext.batch import Batch
from klartext.curate import curate
from klartext.discover import discover_batch
from klartext.extract import extract_batch
from klartext.fetch import fetch_batch, import_warc
from klartext.lake import Lake
from klartext.link import link_pending
from klartext.publish import publish_batch
from klartext.sources import Layout, Source
from klartext.validate import validate_batch
from support.sample_lake import CHANGES, contents, watched

BERLIN = ZoneInfo("Europe/Berlin")
INTERVALS = [((14, 4), (15, 4)), ((15, 4), (16, 4)), ((14, 12), (16, 23))]
"""Two days of the schedule, and a backfill that overlaps both; days and hours of May 2024."""
RULES = ("of now", "of before")


def batches(source: Source) -> list[Batch]:
    moments = [[dt.datetime(2024, 5, *end, tzinfo=BERLIN) for end in ends] for ends in INTERVALS]
    return [Batch.of_interval(source, start, end) for start, end in moments]


def other_rules(source: Source) -> Source:
    """The source as it was described before: every second paragraph was taken for noise."""
    layouts = [
        Layout(**{**layout.model_dump(), "remove": [*layout.remove, "p:nth-of-type(2)"]}) for layout in source.layouts
    ]
    return source.model_copy(update={"rules": layouts})


@dataclasses.dataclass
class World:
    """The press as it was met: batches with their captures, and what the steps made of them by step and rules."""

    sources: dict[str, Source]
    batches: list[Batch] = dataclasses.field(default_factory=list)
    captures: dict[str, list[bytes]] = dataclasses.field(default_factory=dict)
    staged: dict[tuple[str, str, str], dict[str, bytes | None]] = dataclasses.field(default_factory=dict)
    file: Path | None = None
    imported: list[Batch] = dataclasses.field(default_factory=list)
    """The batches of the WARC file that was imported."""

    @classmethod
    def met(cls, press: newsroom.Press, lake: Lake, slugs: list[str]) -> World:
        """One pass over all batches in their order, by all steps; it also is the lake of that pass."""
        known = sources.load()
        world = cls({slug: known[slug] for slug in slugs})
        for source in world.sources.values():
            for batch in batches(source):
                world._meet(lake, batch, source)
        return world

    def meet_import(self, lake: Lake, file: Path) -> None:
        """Imports a WARC file into the lake of the clean pass, by all steps."""
        self.file = file
        for batch in import_warc(lake, file):
            self.imported.append(batch)
            self._meet_rows(lake, batch, {RULES[0]: sources.of_slug(batch.source)})

    def _meet(self, lake: Lake, batch: Batch, source: Source) -> None:
        self.batches.append(batch)
        self._remember(lake, batch, "discover", RULES[0], lambda lake: discover_batch(lake, batch, source))
        fetch_batch(lake, batch, source)
        self.captures[batch.name] = [lake.storage.read(name) or b"" for name in lake.raw_files(batch)]
        describes = {RULES[0]: source}
        if len(self.batches) % len(INTERVALS) == 0:  # one is enough, it takes seconds
            describes = {RULES[1]: other_rules(source)} | describes
        self._meet_rows(lake, batch, describes)

    def _meet_rows(self, lake: Lake, batch: Batch, describes: dict[str, Source]) -> None:
        """The steps from the captures on, by the rules of each description, and those after them once."""
        for rules, described in describes.items():
            for step, work in (("extract", extract_batch), ("validate", validate_batch)):
                self._remember(lake, batch, step, rules, functools.partial(work, batch=batch, source=described))
        for key in publish_batch(lake, batch)["partitions"]:
            curate(lake, *key.split("|"))
        assert link_pending(lake).failed == {}

    def _remember(self, lake: Lake, batch: Batch, step: str, rules: str, work: Callable[[Lake], object]) -> None:
        """Does a step, and keeps the files that it changed."""
        changed: list[str] = []
        work(watched(lake, lambda verb, name: changed.append(name) if verb in CHANGES else None))
        self.staged[batch.name, step, rules] = {name: lake.storage.read(name) for name in changed}

    def run_import(self, lake: Lake) -> None:
        """A run of the import, up to publishing."""
        assert self.file is not None
        found = import_warc(lake, self.file)
        assert found == self.imported, "the same file gives the same batches"
        for batch in found:
            for step in ("extract", "validate"):
                self._put(lake, batch, step, RULES[0])
            publish_batch(lake, batch)

    def run(self, lake: Lake, batch: Batch, rules: str = RULES[0], *, replay: bool = False) -> set[str]:
        """A run up to publishing; gives the partitions to be rebuilt."""
        if not replay:
            self._put(lake, batch, "discover", RULES[0])
            if not lake.raw_files(batch) and not list(lake.scratch_folder(batch).glob("*.warc.gz")):
                for number, content in enumerate(self.captures[batch.name]):
                    (lake.scratch_folder(batch) / f"fetch-{number}.warc.gz").write_bytes(content)
        fetch_batch(lake, batch, self.sources[batch.source], replay=True)
        for step in ("extract", "validate"):
            self._put(lake, batch, step, rules)
        return set(publish_batch(lake, batch)["partitions"])

    def _put(self, lake: Lake, batch: Batch, step: str, rules: str) -> None:
        """What the step put there; by the rules of now where it was never done by others."""
        made = self.staged.get((batch.name, step, rules)) or self.staged[batch.name, step, RULES[0]]
        for name, content in made.items():
            lake.storage.remove(name) if content is None else lake.storage.put(name, content)


def tables(lake: Lake) -> dict[str, str]:
    """What consumers read of articles, and every version: names and digests."""
    return contents(lake, "lake/articles") | contents(lake, "lake/versions")


def linked_tables(lake: Lake) -> dict[str, str]:
    """As :func:`tables`, and what articles share."""
    folders = ("lake/shared_text", "lake/keep", "index/shingles")
    return tables(lake) | {name: digest for folder in folders for name, digest in contents(lake, folder).items()}


def press_at(press: newsroom.Press, folder: Path) -> str:
    """The newsroom's source files; a value for KLARTEXT_SOURCES."""
    return f"{sources.DEFAULT_DIRECTORIES}:{press.sources(folder)}"
