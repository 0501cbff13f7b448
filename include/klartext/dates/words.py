"""The words of ``words.yaml`` and ``month_names.yaml``, folded."""

from __future__ import annotations

import functools
from typing import Any

from klartext.dates.tokens import fold
from klartext.package_data import read_yaml

_LONG, _LONG_IN_OTHER_SCRIPTS = 4, 3
"""Letters of a name of a month that hardly is another word in a language that is not the text's."""


@functools.cache
def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(__file__, name)
    return data


def _data() -> dict[str, Any]:
    return _read("words.yaml")


def _names() -> dict[str, Any]:
    return _read("month_names.yaml")


@functools.cache
def _folded(key: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _data()[key].split())


@functools.cache
def months() -> dict[str, int]:
    """Every name and abbreviation of a month in the commonest languages, with its number."""
    found = {fold(word): number for number, names in _data()["months"].items() for word in names.split()}
    # Hebrew writes "in May" and "of May" as one word
    hebrew = [(word, number) for word, number in found.items() if "א" <= word[0] <= "ת"]
    return found | {f"{prefix}{word}": number for word, number in hebrew for prefix in "בל"}


@functools.cache
def months_in(language: str | None) -> dict[str, int]:
    """The names of months that a text in a language may have; ``language`` is an ISO 639-1 code, None if unknown.

    Of a language that is not the text's only those names count that are long, or in another script, and name no other
    month in a commoner language.
    """
    everywhere, own = _months_by_language()
    return everywhere | own[language] if language in own else everywhere


@functools.cache
def all_months() -> frozenset[str]:
    """Names and abbreviations of months in every language, those too that are another word in most."""
    everywhere, own = _months_by_language()
    return frozenset(everywhere).union(*own.values())


@functools.cache
def _months_by_language() -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    everywhere = dict(months())
    own = {language: dict(names) for language, names in _data()["months_in_language"].items()}
    for language, by_month in _names()["months"].items():
        for number, names in enumerate(by_month.split(","), 1):
            for word in map(fold, names.split()):
                is_clear = len(word) >= (_LONG if word.isascii() else _LONG_IN_OTHER_SCRIPTS)
                if not is_clear or everywhere.setdefault(word, number) != number:
                    own.setdefault(language, {}).setdefault(word, number)
    return everywhere, own


@functools.cache
def jalali_months() -> dict[str, int]:
    """The months of the Iranian calendar."""
    return {fold(word): number for number, word in enumerate(_data()["jalali_months"].split(), 1)}


def weekdays() -> frozenset[str]:
    """Names and abbreviations of weekdays in the commonest languages."""
    return _folded("weekdays")


@functools.cache
def all_weekdays() -> frozenset[str]:
    """Names and abbreviations of weekdays."""
    return weekdays() | frozenset(map(fold, _names()["weekdays"].split()))


def fillers() -> frozenset[str]:
    """Words that may stand between the parts of a date and change nothing."""
    return _folded("fillers")


@functools.cache
def units() -> dict[str, str]:
    """Every name of a unit of time with its English singular."""
    return {fold(word): unit for unit, names in _data()["units"].items() for word in names.split()}


def ones() -> frozenset[str]:
    """Words for one before a unit."""
    return _folded("ones")


def about() -> frozenset[str]:
    """Words that say that a number is not exact."""
    return _folded("about")


@functools.cache
def ago_before() -> frozenset[tuple[str, ...]]:
    """Phrases before "3 hours" that say that it is past, as tuples of words."""
    return frozenset(tuple(fold(phrase).split()) for phrase in _data()["ago_before"])


@functools.cache
def ago_around() -> frozenset[tuple[str, ...]]:
    """Phrases before "3 hours" that say that it is past only with one of :func:`ago_after` behind it."""
    return frozenset(tuple(fold(phrase).split()) for phrase in _data()["ago_around"])


@functools.cache
def ago_after() -> frozenset[tuple[str, ...]]:
    """Phrases behind "3 hours" that say that it is past, as tuples of words."""
    return frozenset(tuple(fold(phrase).split()) for phrase in _data()["ago_after"])


@functools.cache
def ago_whole() -> dict[str, str]:
    """Words that are a unit and "ago" in one, with the unit."""
    return {fold(word): unit for word, unit in _data()["ago_whole"].items()}


@functools.cache
def near_days() -> dict[str, int]:
    """Words for today, yesterday and the day before, with how many days they are back."""
    names = ("today", "yesterday", "day_before_yesterday")
    return {word: days for days, name in enumerate(names) for word in _folded(name)}


@functools.cache
def halves() -> dict[str, int]:
    """Words for the half of the day, with the hour at which it begins."""
    return dict.fromkeys(_folded("am"), 0) | dict.fromkeys(_folded("pm"), 12)


def zones() -> dict[str, int]:
    """Abbreviations of time zones with their offset from UTC in minutes."""
    zones: dict[str, int] = _data()["zones"]
    return zones


def zones_by_place() -> dict[str, dict[str, int]]:
    """What an ambiguous abbreviation means, by the publisher's time zone or a language."""
    places: dict[str, dict[str, int]] = _data()["zones_by_place"]
    return places


def zone_names() -> dict[str, str]:
    """Names of zones that leave open whether it is summer, with the name in the IANA database."""
    names: dict[str, str] = _data()["zone_names"]
    return names


@functools.cache
def aliases() -> tuple[tuple[str, str], ...]:
    """Writings that the splitting into words would take apart, and what is read instead."""
    return tuple((fold(written), fold(meant)) for written, meant in _data()["aliases"].items())


def eras() -> dict[str, int]:
    """Eras of Japan and Taiwan with what is added to their years."""
    eras: dict[str, int] = _data()["eras"]
    return eras
