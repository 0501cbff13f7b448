"""Shared text measured: what is found in a made corpus of which it is known, and what it costs at size.

    python -m bench.shared_text [--found] [--cost]

The corpus has articles of eight sources in two months: unrelated ones, pairs that share text after edits, series of
templates, live blogs, and the standing text of each source on all of its pages. The cost is that of `klartext link` in
a process of its own, on a lake of a disk.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from klartext import model
from klartext.lake import Lake
from klartext.link import pairs, shingles, window

SOURCES = [f"paper{n}" for n in range(8)]
FIRST = dt.datetime(2023, 3, 1, 6, tzinfo=dt.UTC)
DAYS = 61
LIMITS = {"0.8 and more": 0.99, "0.5 to 0.8": 0.98, "0.3 to 0.5": 0.95, "0.15 to 0.3": 0.0}
PRECISION = 0.97


@dataclasses.dataclass
class Made:
    """An article of the corpus. ``words`` are its words with what they were copied from: article and position."""

    source: str
    day: int
    words: list[tuple[str, tuple[int, int] | None]]


class Corpus:
    """Made articles, and the pairs that share text by construction, with their share of the shorter article."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        syllables = ["ba", "ke", "li", "mo", "nu", "ra", "sei", "tau", "vor", "zen", "schi", "dro", "gel", "hup"]
        words = ["".join(self.random.choices(syllables, k=self.random.randint(1, 4))) for _ in range(12_000)]
        self.vocabulary = sorted(set(words))
        self.weights = list(itertools.accumulate(1 / (n + 8) for n in range(len(self.vocabulary))))
        self.phrases = [self.plain(self.random.randint(5, 9)) for _ in range(300)]
        self.articles: list[Made] = []
        self.copied: dict[tuple[int, int], int] = {}

    def plain(self, count: int) -> list[str]:
        return self.random.choices(self.vocabulary, cum_weights=self.weights, k=count)

    def sentence(self) -> list[str]:
        """Words of its own, in one of four sentences with one of the phrases that all writers use."""
        found = self.plain(self.random.randint(7, 24))
        return [*found, *self.random.choice(self.phrases)] if self.random.random() < 0.25 else found

    def text(self, count: int) -> list[tuple[str, tuple[int, int] | None]]:
        found: list[str] = []
        while len(found) < count:
            found += self.sentence()
        return [(word, None) for word in found]

    def add(self, source: str, day: int, words: list[tuple[str, tuple[int, int] | None]]) -> int:
        self.articles.append(Made(source, day, words))
        return len(self.articles) - 1

    def unrelated(self, count: int) -> None:
        for _ in range(count):
            length = int(self.random.lognormvariate(5.6, 0.6)) + 60
            self.add(self.random.choice(SOURCES), self.random.randrange(DAYS), self.text(length))

    def sharing(self, count: int, low: float, high: float) -> None:
        """Pairs of which the later has a part of the earlier one, with words changed, left out and put in between, and
        sentences in another order, beside text of its own."""
        for _ in range(count):
            length = self.random.randint(140, 600)
            day = self.random.randrange(DAYS - 12)
            origin = self.add(self.random.choice(SOURCES), day, self.text(length))
            source = self.articles[origin].words
            share = self.random.uniform(low, high)
            begin, taken = (
                self.random.randrange(max(1, int(len(source) * (1 - share) / 2) + 1)),
                int(len(source) * share),
            )
            copied = [(word, (origin, begin + n)) for n, (word, _) in enumerate(source[begin : begin + taken])]
            cut = [copied[n : n + 30] for n in range(0, len(copied), 30)]
            if self.random.random() < 0.3:
                self.random.shuffle(cut)
            edited: list[tuple[str, tuple[int, int] | None]] = []
            for piece in cut:
                edited += self.edited(piece)
                if self.random.random() < 0.25:
                    edited += [(word, None) for word in self.sentence()]
            own = max(0, int(taken / share) - len(edited)) if self.random.random() < 0.5 else 0
            other = self.random.choice([s for s in SOURCES if s != self.articles[origin].source])
            copy = self.add(other, day + self.random.randrange(12), [*self.text(own), *edited] if own else edited)
            self.copied[origin, copy] = sum(place is not None for _, place in edited)

    def edited(self, piece: list[tuple[str, tuple[int, int] | None]]) -> list[tuple[str, tuple[int, int] | None]]:
        """Some 30 words, of which one in 25 is changed, left out, or has a new one beside it."""
        found: list[tuple[str, tuple[int, int] | None]] = []
        for word in piece:
            chance = self.random.random() * 25
            if chance < 0.5:
                found.append((self.plain(1)[0], None))
            elif chance < 0.75:
                found += [word, (self.plain(1)[0], None)]
            elif chance > 1:
                found.append(word)
        return found

    def little(self, count: int) -> None:
        """Pairs that share a few words only, as a name with its title or a short quote."""
        for _ in range(count):
            shared = self.text(12)[:18]
            for _ in range(2):
                own = self.text(self.random.randint(160, 400))
                place = self.random.randrange(len(own))
                self.add(self.random.choice(SOURCES), self.random.randrange(DAYS), own[:place] + shared + own[place:])

    def templates(self) -> None:
        """A weather report and a market report a day of each source: one sentence in three changes."""
        for source in SOURCES:
            for _ in range(2):
                frame = [self.plain(self.random.randint(8, 16)) for _ in range(14)]
                for day in range(0, DAYS, 2):
                    report = [self.sentence() if self.random.random() < 0.34 else line for line in frame]
                    self.add(source, day, [(word, None) for line in report for word in line])

    def live_blogs(self) -> None:
        """A live blog a day of each source, with standing text before and after entries of its own."""
        for source in SOURCES[:4]:
            head, foot = self.text(70), self.text(60)
            for day in range(DAYS):
                self.add(source, day, [*head, *self.text(900), *foot])

    def standing_text(self) -> None:
        """Adds the standing text of a source to each of its articles, and changes nothing else."""
        notes = {source: self.text(35) for source in SOURCES}
        for article in self.articles:
            article.words = [*article.words, *notes[article.source]]

    def shares(self) -> dict[tuple[int, int], float]:
        """The pairs that share text, with the share of the shorter article."""
        return {
            pair: words / min(len(self.articles[number].words) for number in pair)
            for pair, words in self.copied.items()
        }

    def view(self, source: str, month: str) -> pa.Table:
        """The articles of a source and month as rows of the current view."""
        rows = []
        for number, article in enumerate(self.articles):
            moment = FIRST + dt.timedelta(days=article.day, minutes=number % 600)
            if article.source == source and f"{moment:%Y-%m}" == month:
                rows.append(row(source, number, moment, " ".join(word for word, _ in article.words)))
        return model.table(model.Current, rows)


def row(source: str, number: int, moment: dt.datetime, text: str) -> dict[str, object]:
    """A row of the current view."""
    address = f"https://{source}.example/{number}"
    return {
        "article_id": f"{source}:{number}", "version_id": f"{source}:{number}:1", "url": address,
        "canonical_url": address, "site": f"{source}.example", "publisher": source, "title": f"Nummer {number}",
        "text": text, "authors": [], "agencies": [], "topics": [], "images": [], "published_at": moment,
        "published_precision": "minute", "access": "free", "word_count": len(text.split()), "fetched_at": moment,
        "capture": {"file": "raw/x.warc.gz", "offset": number, "digest": "sha1:0"}, "extractor": "bench",
        "rules": "bench", "version_count": 1, "first_fetched_at": moment,
    }  # fmt: skip


def made(seed: int = 20230301) -> Corpus:
    corpus = Corpus(seed)
    for low, high in ((0.85, 1.0), (0.55, 0.85), (0.35, 0.6), (0.2, 0.4)):
        corpus.sharing(240, low, high)
    corpus.little(300)
    corpus.templates()
    corpus.live_blogs()
    corpus.unrelated(5000 - len(corpus.articles))
    corpus.standing_text()
    return corpus


def measure_found(console: Console) -> bool:
    """Recall by true share, precision, and the error of the shares."""
    corpus = made()
    zone = ZoneInfo("UTC")
    shares = corpus.shares()
    by_source = [
        (source, *(shingles.make_rows(corpus.view(source, month), zone) for month in ("2023-03", "2023-04")))
        for source in SOURCES
    ]
    whole = window.load(by_source)
    whole.first = 0  # pairs of the first month too
    found = pairs.rows(whole, pairs.find(whole)).to_pylist()
    numbers = {tuple(sorted(int(row[name].split(":")[1]) for name in ("article_id", "other_id"))): row for row in found}
    console.print(f"{len(corpus.articles)} articles, {len(numbers)} pairs found")
    table = Table("true share of the shorter", "pairs", "found", "at least", box=None)
    good = True
    for (name, least), (low, high) in zip(LIMITS.items(), [(0.8, 2), (0.5, 0.8), (0.3, 0.5), (0.15, 0.3)], strict=True):
        wanted = [pair for pair, share in shares.items() if low <= share < high]
        recall = sum(pair in numbers for pair in wanted) / len(wanted)
        good &= recall >= least
        table.add_row(name, str(len(wanted)), f"{recall:.4f}", str(least))
    console.print(table)
    right = sum(pair in shares for pair in numbers)
    good &= right >= PRECISION * len(numbers)
    errors = [
        abs(max(row["share_of_this"], row["share_of_other"]) - shares[pair])
        for pair, row in numbers.items() if pair in shares
    ]  # fmt: skip
    console.print(f"precision {right / len(numbers):.4f} (at least {PRECISION}); mean error of the share "
                  f"{sum(errors) / len(errors):.3f}")  # fmt: skip
    return good


def _lake_rows(source: str, month: int, numbers: range, corpus: Corpus) -> pa.Table:
    """Articles of a month at size: one in eight shares text with one of another source."""
    rows = []
    begin = dt.datetime(2023, month, 1, 5, tzinfo=dt.UTC)
    for number in numbers:
        shared = random.Random(f"{month} {number // 3 * 3}") if number % 8 < 2 else None
        words = [word for word, _ in corpus.text(280)]
        if shared:  # the same for all sources
            common = [shared.choice(corpus.vocabulary) for _ in range(120)]
            words = [*words[:160], *common]
        moment = begin + dt.timedelta(minutes=(number * 7) % (27 * 1440))
        rows.append(row(source, month * 1_000_000 + number, moment, " ".join(words)))
    return model.table(model.Current, rows)


def measure_cost(console: Console) -> bool:
    """CPU and memory of 10,000 articles from nothing, and of a day of 3,000 against 100,000."""
    corpus = Corpus(7)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for name, first, then, limit in (("small", 500, 0, 40.0), ("large", 5000, 300, 30.0)):
            lake = Lake.open(f"{folder}/{name}")
            views = [
                (s, m, _lake_rows(s, m, range(first), corpus)) for s in (f"big{n}" for n in range(10)) for m in (3, 4)
            ]
            for source, month, view in views:
                lake.replace_month_if_unchanged(source, f"2023-0{month}", None, view)
            cpu, seconds, memory = _link(f"{folder}/{name}")
            console.print(f"{2 * 10 * first} articles: {cpu:.1f} s CPU, {seconds:.1f} s, {memory / 1e9:.2f} GB")
            if then:
                for source, month, view in views:
                    if month == 4:
                        more = pa.concat_tables([view, _lake_rows(source, 4, range(first, first + then), corpus)])
                        before = lake.month_stat(source, "2023-04")
                        lake.replace_month_if_unchanged(source, "2023-04", before, more)
                cpu, seconds, memory = _link(f"{folder}/{name}")
                console.print(f"{10 * then} more: {cpu:.1f} s CPU, {seconds:.1f} s, {memory / 1e9:.2f} GB")
                good &= memory <= 2e9
            console.print(f"at most {limit} s CPU")
            good &= cpu <= limit
    return good


def _link(root: str) -> tuple[float, float, int]:
    """CPU seconds, seconds and bytes of memory of linking everything in a process of its own."""
    begin = time.monotonic()
    child = subprocess.Popen([Path(sys.executable).parent / "klartext", "link", "--data", root])
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"klartext link ended with {status}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss * 1024


def parts(arguments: argparse.Namespace) -> Iterator[bool]:
    console = Console(width=110)
    if arguments.found or not arguments.cost:
        yield measure_found(console)
    if arguments.cost or not arguments.found:
        yield measure_cost(console)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--found", action="store_true", help="only what is found")
    parser.add_argument("--cost", action="store_true", help="only what it costs")
    sys.exit(0 if all(list(parts(parser.parse_args()))) else 1)
