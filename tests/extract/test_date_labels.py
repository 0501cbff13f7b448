"""What the words beside a date say of it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from klartext import dates
from klartext.extract import date_labels


def roles(line: str) -> list[str | None]:
    found = dates.find_in_text(
        line, zone=ZoneInfo("Europe/Rome"), now=dt.datetime(2024, 5, 20, tzinfo=dt.UTC), language="it"
    )
    assert len(found) == 1
    return [date_labels.role(found[0])]


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Pubblicato il 14 maggio 2024", "published"), ("Aggiornato: 14 maggio 2024", "modified"),
        ("Nuovo ponte sul canale 14 maggio 2024", ""), ("Evento: 14 maggio 2024", ""), ("Events 14 maggio 2024", None),
        ("© Corriere del Porto 14 maggio 2024", None), ("14 maggio 2024 meeting", None),
    ],
)  # fmt: skip
def test_the_words_nearest_to_a_date_name_its_role(line: str, role: str | None) -> None:
    assert roles(line) == [role]


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("fino 14 maggio 2024", None), ("Chiuso dal 14 maggio 2024", None), ("open from 14 May 2024", None),
        ("da Mario Sabbia 14 maggio 2024", ""), ("from Wiebke Petersen 14 May 2024", ""),
        ("14 maggio 2024 da Redazione", ""), ("14 May 2024 Since Monday the bridge is open", ""),
    ],
)  # fmt: skip
def test_a_preposition_counts_only_right_before_a_date(line: str, role: str | None) -> None:
    assert roles(line) == [role]


@pytest.mark.parametrize("words", [3, 20])
def test_a_line_of_many_words_has_no_role_and_still_may_name_something_else(words: int) -> None:
    for begin, other in (("Seite drucken", False), ("Copyright", True)):
        line = " ".join([begin, "14.05.2024", *["Karte"] * words])
        found = dates.find_in_text(line, zone=ZoneInfo("Europe/Berlin"), language="de")[0]
        assert date_labels.is_of_something_else(found) is other
        assert date_labels.role(found) == (None if other or words > 12 else "")
