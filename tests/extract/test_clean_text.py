from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.extract import clean_text
from klartext.extract.clean_text import count_words, letters, squeeze, weight


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (" Ein\n\tSatz ", "Ein Satz"),
        ("10\u202f000\u00a0Euro", "10 000 Euro"),
        ("Deich\u00adbau\u200b, \ufeffneu\u2060!", "Deichbau, neu!"),
        ("\u202aRechts\u202c \u200eLinks", "Rechts Links"),
        ("\x93Ja\x94 \x80 5 \x81", "“Ja” € 5"),
        ("eins\x00zwei\x1fdrei\x7f", "eins zwei drei"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\N{MAN}\u200d\N{ROCKET}", "\N{MAN}\u200d\N{ROCKET}"),
        ("Zeile\u2028Zeile", "Zeile Zeile"),
        ("Deich\U000e0001\U000e0041\U000e0042 neu", "Deich neu"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e007f Wales", "\U0001f3f4\U000e0067\U000e0062\U000e007f Wales"),
    ],
)
def test_text_without_what_no_reader_sees(text: str, wanted: str) -> None:
    assert squeeze(text) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("Der Deich wächst.", 3),
        ("H2O und CO2", 3),
        ("堤防が高くなる", 7),
        ("新堤壩，新標準。", 6),
        ("제방이 높다", 5),
        ("เขื่อน", 4),
        ("Der 堤防 wächst", 4),
    ],
)
def test_words_are_counted_in_every_script(text: str, words: int) -> None:
    assert count_words(text) == words


def test_no_letter_that_weighs_more_is_taken_for_a_plain_one() -> None:
    every = [chr(number) for number in (*range(0xD800), *range(0xE000, 0x3_1000))]
    patterns = (clean_text._DENSE, clean_text._UNSPACED)
    special = [letter for letter in every if any(pattern.match(letter) for pattern in patterns)]
    assert len(special) > 50_000
    assert [letter for letter in special if clean_text._is_spaced(letter)] == []
    assert clean_text._is_spaced("Der „Deich“ wächst – für 5 €…")


def test_a_dense_script_weighs_more() -> None:
    assert weight("Der Deich") == 9
    assert weight("堤防が高い") == 12
    assert weight("Дамба") == 5


@given(st.text())
def test_cleaning_is_stable(text: str) -> None:
    once = squeeze(text)
    assert squeeze(once) == once
    assert letters(letters(text)) == letters(text) == "".join(re.findall(r"\w+", text.lower()))
    assert count_words(text) >= 0 and weight(text) >= len(text)


@given(st.text(alphabet="ab1_-.,'ß–“ \n\u00a0"))
def test_words_are_what_stands_between_marks(text: str) -> None:
    assert count_words(text) == len(re.findall(r"\w+", text))
