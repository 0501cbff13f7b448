"""Recognising texts that are consent notices or paywalls of German or English publishers, sentence by sentence.

Every kind of notice is a list of phrases, and a phrase a sequence of expressions with a limited number of characters
between them. The expressions have no unbounded repetition, and each is searched for once, so the time is linear in the
length of the text.
"""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import re

import pyarrow as pa
import pyarrow.compute as pc


@dataclasses.dataclass(frozen=True, slots=True)
class Phrase:
    """Expressions that follow each other. ``gaps`` are the most characters between the end of one, at the end of its
    word, and the begin of the next."""

    parts: tuple[re.Pattern[str], ...]
    gaps: tuple[int, ...]

    def is_in(self, sentence: str) -> bool:
        """True if the expressions are in the sentence, in this order and distance."""
        reached: list[tuple[int, int]] = [found.span() for found in self.parts[0].finditer(sentence)]
        for part, gap in zip(self.parts[1:], self.gaps, strict=True):
            if not reached:
                return False
            starts = [start for start, _ in reached]
            furthest = list(itertools.accumulate((end for _, end in reached), max))
            following = []
            for found in part.finditer(sentence):
                before = bisect.bisect_left(starts, found.start())
                if before and found.start() <= furthest[before - 1] + gap:
                    following.append(found.span())
            reached = following
        return bool(reached)


@dataclasses.dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice. A text without any of the ``words`` has none of the ``phrases``: looking for words is ten times
    as fast."""

    words: tuple[str, ...]
    phrases: tuple[Phrase, ...]


def _phrase(*parts: str | int) -> Phrase:
    patterns = [part for part in parts if isinstance(part, str)]
    return Phrase(
        tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns),
        tuple(part for part in parts if isinstance(part, int)),
    )


CONSENT = NoticeKind(
    words=(
        "cookie", "track", "zustimm", "einwillig", "einverst", "datenschutz", "personenbezogen", "inhalt", "werbung",
        "werbefrei", "akzeptier", "ablehnen", "privatsphäre", "personal data",
    ),
    phrases=(
        _phrase(r"verwenden|nutzen|setzen|(?:akzeptier|erlaub)\w+|ablehnen", 80, r"\b(?:cookies?|tracking|tracker)\b"),
        _phrase(r"\bcookies?\b", 80, r"akzeptier|zustimm|ablehn|verwend|einstellung|aktivier|zulass"),
        _phrase(r"zustimmung|einwilligung|einverständnis", 120,
                r"datenschutz|cookies?|daten|inhalte?|widerruf|anbieter|partner"),
        _phrase(r"datenschutz\w*|personenbezogene\w{0,2} daten", 120,
                r"zustimm|einwillig|einverstanden|akzeptier|verarbeit|übermittel"),
        _phrase(r"(?:externe[rsn]?|redaktionelle[rsn]?|dieser?) inhalt\w*", 60,
                r"nicht (?:angezeigt|verfügbar|geladen)|anzeigen|laden"),
        _phrase(r"mit werbung (?:weiter|und tracking)|werbefrei(?:es)? (?:abo|lesen|weiter)"
                r"|(?:alle|allen? cookies) (?:akzeptieren|zustimmen|ablehnen)|zustimmen und weiter"
                r"|privatsphäre[- ]einstellungen|cookie[- ](?:einstellungen|richtlinie|hinweis)"),
        _phrase(r"\b(?:we|our partners)\b", 60, r"\b(?:cookies|personal data)\b"),
    ),
)  # fmt: skip

PAYWALL = NoticeKind(
    words=(
        "nur für", "nur mit", "exklusiv", "weiterlesen", "weiter zu lesen", "zugriff", "zugang", "unbegrenzt",
        "artikel", "text ist", "text steht", "beitrag", "inhalt", "abo", "registrier", "anmeld", "einlogg", "kostenlos",
        "konto", "kund", "kündbar", "danach", "subscribe", "log in", "sign up",
    ),
    phrases=(
        _phrase(r"(?:nur|exklusiv) (?:für|mit)", 40,
                r"abonnent|abonnement|\babos?\b|plus\b|registrierte|mitglieder"),
        _phrase(r"weiterlesen|weiter zu lesen|vollen? zugriff|unbegrenzt|alle artikel|ganzen (?:artikel|text)"
                r"|diesen artikel", 80,
                r"\babos?\b|abonn|test|registrier|anmeld|einlogg|kostenlos|monat|woche|€|euro\b|freischalt"),
        _phrase(r"\babos?\b|(?:abonn|registrier|anmeld)\w+|probemonat|testmonat|freischalt\w*", 80,
                r"weiterlesen|weiter zu lesen|zugriff|zugang|unbegrenzt|alle artikel|ganzen (?:artikel|text)|kündbar"
                r"|kündigen"),
        _phrase(r"(?:jetzt|gleich|hier) "
                r"(?:abonnieren|abo (?:abschließen|testen)|registrieren|anmelden|einloggen|kostenlos testen)"
                r"|(?:bereits|schon) (?:abonnent|registriert|kunde|digital-?abo)|(?:monatlich|jederzeit) kündbar"),
        _phrase(r"(?:sie (?:haben|sind)|du (?:hast|bist)) (?:bereits|schon) ", 30,
                r"abonn|konto|registriert|\babo\b"),
        _phrase(r"danach ", 20, r"(?:€|euro) ", 20, r"monat|woche"),
        _phrase(r"(?:dieser|der) (?:artikel|beitrag|text|inhalt) (?:ist|steht) ", 40,
                r"kostenpflichtig|abonn|registriert|bezahl"),
        _phrase(r"(?:subscribe|log in|sign up) ", 40, r"to continue|to read|unlimited"),
    ),
)  # fmt: skip

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_READER = re.compile(
    r"\b(?:Ihre?[nmrs]?|Ihnen|[Ww]ir|[Uu]nsere?[nmrs]?|[Dd]u|[Dd]eine?[nmrs]?|[Yy]ou|[Ww]e)\b|[a-z]en Sie\b"
    r"|\b(?:akzeptieren|zustimmen|abonnieren|testen|anmelden|weiterlesen|freischalten)\b"
)
"""Words with which a notice addresses the reader."""
_LABEL = 60
"""Characters up to which a sentence may be a button or a label, which does not address the reader."""
_OPENING = re.compile(r'[„"»]')
_CLOSING = {"„": re.compile(r"[“”\n]"), '"': re.compile(r'["\n]'), "»": re.compile(r"[«\n]")}
_QUOTE_LENGTH = 400


def may_have_notice(kind: NoticeKind, texts: pa.Array) -> pa.Array:
    """For each text false if :func:`notice_share` is surely 0, because it has none of the words."""
    lowered = pc.utf8_lower(texts).fill_null("")
    return pc.match_substring_regex(lowered, "|".join(map(re.escape, kind.words)))


def notice_share(kind: NoticeKind, text: str) -> float:
    """The share of a text's characters in sentences of a kind of notice, from 0 to 1.

    A notice addresses the reader; an article about cookies or subscriptions does so only in quotes, which are left out.
    """
    lowered = text.lower()
    if not any(word in lowered for word in kind.words):
        return 0.0
    sentences = _SENTENCE.split(_without_quotes(text))
    return sum(len(sentence) for sentence in sentences if _is_notice(kind, sentence)) / max(1, len(text))


def _is_notice(kind: NoticeKind, sentence: str) -> bool:
    lowered = sentence.lower()
    if not any(word in lowered for word in kind.words):
        return False
    addresses_reader = len(sentence) <= _LABEL or bool(_READER.search(sentence))
    return addresses_reader and any(phrase.is_in(sentence) for phrase in kind.phrases)


def _without_quotes(text: str) -> str:
    """The text without quotes within a line of up to 400 characters, quotation marks included."""
    kept, end = [], 0
    next_closing = dict.fromkeys(_CLOSING, 0)  # by opening mark, the next closing mark or end of line
    for opening in _OPENING.finditer(text):
        start, mark = opening.start(), opening[0]
        if start < end:
            continue
        if next_closing[mark] <= start:
            found = _CLOSING[mark].search(text, start + 1)
            next_closing[mark] = found.start() if found else len(text)
        closing = next_closing[mark]
        if closing <= start + 1 + _QUOTE_LENGTH and text[closing : closing + 1] not in ("", "\n"):
            kept.append(text[end:start])
            end = closing + 1
    return "".join([*kept, text[end:]])
