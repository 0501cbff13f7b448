"""Pages of Kontorblatt of a week of 2016 and one of 2017: the site has them no more, only archives do.

One page a day, in two layouts by turns: the earlier one has the day in the address and the text in ``.entry-content``,
the later one a number in the address and the text in ``.art-content``. Both state the lead in the description only.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any

import yaml

from newsroom.model import HERE, ZONE, Site

SLUG = "kontorblatt"
LAYOUTS = ("2016.html.j2", "2017.html.j2")
HOLDERS = ("cc-news", "wayback")
"""The archives. Of three pages one is in both, one in the first, one in the second."""


@dataclasses.dataclass(frozen=True, slots=True)
class PastPage:
    """A page that only archives have: ``holders`` are those that do, ``others`` the pages that its cards lead to."""

    path: str
    number: int
    template: str
    section: str
    title: str
    lead: str
    paragraphs: tuple[str, ...]
    published: dt.datetime
    holders: tuple[str, ...]
    others: tuple[PastPage, ...] = ()

    @property
    def words(self) -> int:
        """The number of words of the text."""
        return sum(len(line.split()) for line in self.paragraphs)

    @property
    def offset(self) -> str:
        """The offset of the publisher's clock from UTC at that time, as ``+02:00``."""
        return self.published.astimezone(ZONE).isoformat()[-6:]


@functools.cache
def load() -> tuple[PastPage, ...]:
    """All pages, oldest first."""
    data = yaml.safe_load((HERE / "sites" / SLUG / "past.yaml").read_text("utf-8"))
    pages = []
    for year in data["years"]:
        week = [_page(story, year, day) for day, story in enumerate(data["stories"])]
        pages += [dataclasses.replace(page, others=_others(week, day)) for day, page in enumerate(week)]
    return tuple(pages)


def _page(story: dict[str, Any], year: dict[str, Any], day: int) -> PastPage:
    facts = {
        "town": year["towns"][day], "woman": year["women"][day], "man": year["men"][day], **year["figures"],
    }  # fmt: skip
    number = year["number"] + 17 * day
    published = dt.datetime.combine(year["begins"], dt.time(8, 12 + day, 5), ZONE) + dt.timedelta(days=day)
    template = LAYOUTS[day % len(LAYOUTS)]
    path = f"/{published:%Y/%m/%d}/{story['slug']}/" if template == LAYOUTS[0] else f"/{number}/{story['slug']}"
    return PastPage(
        path=path,
        number=number,
        template=template,
        section=story["section"],
        title=story["title"].format(**facts),
        lead=story["lead"].format(**facts),
        paragraphs=tuple(line.format(**facts) for line in story["paragraphs"]),
        published=published.astimezone(dt.UTC),
        holders=(HOLDERS, HOLDERS[:1], HOLDERS[1:])[day % 3],
    )


def _others(week: Sequence[PastPage], day: int) -> tuple[PastPage, ...]:
    return tuple(week[(day + step) % len(week)] for step in (1, 2, 3))


def render(site: Site, page: PastPage, base: str) -> bytes:
    """The page as it was served."""
    from newsroom.pages import environment

    template = environment(HERE / "sites" / site.slug).get_template(page.template)
    html: str = template.render(site=site, page=page, base=base, section=site.sections[page.section])
    return html.encode()
