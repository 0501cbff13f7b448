"""The boilerplate of publishers: text that recurs in their articles, as a note about the agency or a weather report.

It is no shared text: a shingle that is in five articles and more of a publisher, of four days and more, is left out of
all of them. The publisher is the source; in ``other``, the source of all hosts without a file, it is the site.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from klartext.link.shingles import Hashes, Numbers

ARTICLES, DAYS = 5, 4
"""Articles, and days of publication, from which a shingle is boilerplate."""


def find(hashes: Hashes, starts: Numbers, days: Numbers) -> Hashes:
    """The shingles that are boilerplate, sorted.

    Args:
        hashes: the shingles of all articles of a publisher, one article after the other.
        starts: where each article begins; the last number is the length of ``hashes``.
        days: the day of each article, as a number.
    """
    if len(np.unique(days)) < DAYS or len(days) < ARTICLES:
        return hashes[:0]
    ordered = np.sort(hashes)
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(ordered) else ordered
    often = ordered[first[np.diff(np.append(first, len(ordered))) >= ARTICLES]]  # an article may have it twice
    if not len(often):
        return often
    place = np.searchsorted(often, hashes)
    place[place == len(often)] = 0
    of_article = np.repeat(np.arange(len(days)), np.diff(starts))
    found = often[place] == hashes
    place, of_article = place[found], of_article[found]
    enough = _distinct(place, of_article, len(often)) >= ARTICLES
    return often[enough & (_distinct(place, days[of_article], len(often)) >= DAYS)]


def _distinct(place: Numbers, values: Numbers, count: int) -> Numbers:
    """For each place the number of different values."""
    low = int(values.min(initial=0))
    width = int(values.max(initial=0)) - low + 1
    return np.bincount(np.unique(place * width + (values - low)) // width, minlength=count)


def is_in(hashes: Hashes, boilerplate: Hashes) -> npt.NDArray[np.bool_]:
    """True for each shingle that is boilerplate, given sorted."""
    if not len(boilerplate):
        return np.zeros(len(hashes), bool)
    place = np.searchsorted(boilerplate, hashes)
    place[place == len(boilerplate)] = 0
    return np.equal(boilerplate[place], hashes)
