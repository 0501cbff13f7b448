"""Captions go, whatever they are called."""

from __future__ import annotations

import pytest

from support import sample_pages
from support.sample_pages import HOUSES, STORY

_CAPTION = "Der Schäfer Ole Brodersen auf dem alten Deich, im Hintergrund liegt die Schleuse von Nordkrog."
_IMAGE = '<picture><img src="/schaf.jpg" alt=""></picture>'
_FILM = sample_pages.ld(
    description=_CAPTION, name="Ein Schäfer und sein Deich", contentUrl="https://film.example/471.mp4"
)


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(
    "markup",
    [f'<p><img src="/schaf.jpg"><br><em>{_CAPTION}</em></p>',
     f'<p><img src="/schaf.jpg"><small>{_CAPTION}</small></p>',
     f'<div class="x1"><span>{_IMAGE}</span><p>{_CAPTION}</p><p>Foto: Hinnerk Petersen/Hafenkurier</p></div>',
     f'<div class="x1">{_IMAGE}<p>Bild: Hinnerk Petersen</p><p>{_CAPTION}</p></div>',
     f'<div class="x1"><div>{_IMAGE}</div>{_FILM}<span>{_CAPTION} <time>19.05.2024</time></span></div>'],
    ids=["italics", "small type", "above its credit", "below its credit", "with the data of a film"],
)  # fmt: skip
def test_a_caption_is_known_by_its_place(markup: str, house: str) -> None:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=markup), house=house))
    assert sample_pages.text(made) == STORY
    assert sample_pages.rules_of(made, _CAPTION[:40]) <= {"caption", ""}


def test_a_paragraph_with_an_image_and_one_word_in_italics_is_text() -> None:
    text = "Die alte Schleuse, von den Leuten <em>dat Siel</em> genannt, bleibt stehen und bekommt neue Tore aus Eiche."
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=f'<p><img src="/siel.jpg"> {text}</p>')))
    assert any(line.startswith("Die alte Schleuse") for line in sample_pages.text(made))
