"""What a careful reader takes from each page, made from the articles' data.

``python -m newsroom.gold`` writes ``gold/<slug>.jsonl``, a line for each page in its newest version, and
``gold/<slug>.earlier.jsonl`` with the versions before, which have the same addresses. ``fetched_at`` is the end of the
version's day: when a daily batch sees it.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from newsroom.model import FIRST_PORT, HERE, HOST, LAST_MOMENT, Article, Site, end_of_day, load


def _utc(moment: dt.datetime, form: str) -> str:
    return moment.astimezone(dt.UTC).strftime(form)


def gold_line(site: Site, article: Article, base: str) -> dict[str, Any]:
    """One page. The headline counts with and without its kicker; a wire service is no author."""
    seen = end_of_day(article.changed)
    label = article.number or article.path.rpartition("/")[2]
    titles = [article.title]
    if article.kicker:
        titles.append(f"{article.kicker}: {article.title}")
    return {
        "name": f"{site.slug}_{label}_{seen:%Y_%m_%d}",
        "publisher": site.name,
        "url": base + article.path,
        "fetched_at": _utc(seen, "%Y-%m-%dT%H:%M:%SZ"),
        "titles": titles,
        "lead": [article.lead] if article.lead else [],
        "lines": article.lines,
        "neutral": [],
        "authors": article.authors,
        "published_at": _utc(article.published, "%Y-%m-%dT%H:%M:%S+00:00"),
        "topics": article.topics,
    }


def gold_lines(site: Site, base: str, earlier: bool = False) -> list[dict[str, Any]]:
    """The newest version of each page in the order of publication, or the versions before them."""
    newest = [a for a in site.as_of(LAST_MOMENT) if a.in_gold]
    older = [v for v in site.versions if v.in_gold and v not in newest]
    wanted = sorted(older if earlier else newest, key=lambda a: (a.published, a.path))
    return [gold_line(site, article, base) for article in wanted]


def files() -> dict[Path, str]:
    """Every gold file with its content; addresses are those of the committed source files."""
    found = {}
    for site in load():
        base = f"http://{HOST}:{FIRST_PORT - 1 + site.place}"
        for earlier, ending in ((False, "jsonl"), (True, "earlier.jsonl")):
            lines = [json.dumps(line, ensure_ascii=False) for line in gold_lines(site, base, earlier)]
            if lines:
                found[HERE / "gold" / f"{site.slug}.{ending}"] = "\n".join(lines) + "\n"
    return found


def main() -> int:
    """Writes the expected results of all sites; returns the exit code."""
    for path, text in files().items():
        path.write_text(text, "utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
