"""The words of ``words.yaml``, folded."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

from klartext.dates.tokens import fold


@functools.cache
def _data() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml is there
    data: dict[str, Any] = yaml.load((Path(__file__).parent / "words.yaml").read_text("utf-8"), loader)
    return data


@functools.cache
def _folded(key: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _data()[key].split())


@functools.cache
def months(language: str | None = None) -> dict[str, int]:
    """Every name and abbreviation of a month with its number; ``language`` is an ISO 639-1 code."""
    special = _data()["months_in_language"].get(language)
    if language is not None:
        return months() | special if special else months()
    found = {fold(word): number for number, names in _data()["months"].items() for word in names.split()}
    # Hebrew writes "in May" as one word
    return found | {f"ב{word}": number for word, number in found.items() if "א" <= word[0] <= "ת"}


@functools.cache
def jalali_months() -> dict[str, int]:
    """The months of the Iranian calendar."""
    return {fold(word): number for number, word in enumerate(_data()["jalali_months"].split(), 1)}


def weekdays() -> frozenset[str]:
    """Names and abbreviations of weekdays."""
    return _folded("weekdays")


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


@functools.cache
def ago_before() -> frozenset[tuple[str, ...]]:
    """Phrases before "3 hours" that say that it is past, as tuples of words."""
    return frozenset(tuple(fold(phrase).split()) for phrase in _data()["ago_before"])


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
    """Words for today and yesterday, with how many days they are back."""
    return dict.fromkeys(_folded("today"), 0) | dict.fromkeys(_folded("yesterday"), 1)


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
