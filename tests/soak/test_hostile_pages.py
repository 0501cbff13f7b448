"""Pages of a megabyte that repeat one thing: each takes seconds, and not by the square of its size."""

from __future__ import annotations

import time

import pytest

from klartext.extract.page import NoArticle
from support import sample_pages

pytestmark = pytest.mark.soak
_LINE = "Der Deichverband rechnet mit einer Bauzeit von sechs Jahren, sofern das Wetter es zulässt. "
_SIZES = (1_500, 6_000)
"""How often each is repeated; four times as much may take ten times as long, and not sixteen times."""


def _seconds(inside: str) -> float:
    html = sample_pages.page(sample_pages.lines(inside=inside))
    begin = time.process_time()
    try:
        sample_pages.read(html)
    except NoArticle as refused:
        assert refused.reason == "no-text"
    return time.process_time() - begin


@pytest.mark.parametrize(
    "part",
    [
        "Zeile {0} der Liste<br><br>",
        _LINE + "{0}<br><br>",
        "<p>Zeile {0}",
        "<div>Zeile {0} der Liste</div>",
        "<ul><li>Punkt {0} der Liste</ul>",
        "<li>Punkt {0} der Liste",
        "<li><a href='/region/ort-{0}.html'>Ein Ort mit Namen {0}</a>",
        "<h1>Titel {0} einer Seite</h1>",
        "Zeile {0}<br><br><img src='/{0}.jpg'>",
    ],
)
def test_time_grows_with_the_size(part: str) -> None:
    _seconds("")  # imports
    less, more = (_seconds("".join(part.format(n) for n in range(size))) for size in _SIZES)
    assert more < max(2.0, 10 * less)
