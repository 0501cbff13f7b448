"""What German publishers put where a text should be: consent notices and paywalls, line by line."""

from __future__ import annotations

import re

CONSENT = re.compile(
    r"""
    (verwenden|nutzen|setzen|akzeptier\w+|erlaub\w+|ablehnen) .{0,80} \b(cookies?|tracking|tracker)\b
  | \bcookies?\b .{0,80} (akzeptier|zustimm|ablehn|verwend|einstellung|aktivier|zulass)
  | (zustimmung|einwilligung|einverständnis) .{0,120} (datenschutz|cookies?|daten\w*|inhalte?|widerruf|anbieter|partner)
  | (datenschutz\w*|personenbezogene\w*\ daten) .{0,120}
    (zustimm|einwillig|einverstanden|akzeptier|verarbeit|übermittel)
  | (externe[rsn]?|redaktionelle[rsn]?|dieser?)\ (inhalt\w*) .{0,60}
    (nicht\ (angezeigt|verfügbar|geladen)|anzeigen|laden)
  | mit\ werbung\ (weiter|und\ tracking) | werbefrei(es)?\ (abo|lesen|weiter)
  | (alle|allen?\ cookies)\ (akzeptieren|zustimmen|ablehnen) | zustimmen\ und\ weiter
  | privatsphäre[- ]einstellungen | cookie[- ](einstellungen|richtlinie|hinweis)
  | \b(we|our\ partners)\b .{0,60} \b(cookies|personal\ data)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)

PAYWALL = re.compile(
    r"""
    (nur|exklusiv)\ (für|mit) .{0,40} (abonnent|abonnement|\babos?\b|plus\b|registrierte|mitglieder)
  | (weiterlesen|weiter\ zu\ lesen|vollen?\ zugriff|unbegrenzt|alle\ artikel|ganzen\ (artikel|text)|diesen\ artikel)
    .{0,80} (\babos?\b|abonn|test\w*|registrier|anmeld|einlogg|kostenlos|monat|woche|€|euro\b|freischalt)
  | (\babos?\b|abonn\w+|probemonat|testmonat|registrier\w+|anmeld\w+|freischalt\w*) .{0,80}
    (weiterlesen|weiter\ zu\ lesen|zugriff|zugang|unbegrenzt|alle\ artikel|ganzen\ (artikel|text)|kündbar|kündigen)
  | (jetzt|gleich|hier)\ (abonnieren|abo\ (abschließen|testen)|registrieren|anmelden|einloggen|kostenlos\ testen)
  | (sie\ (haben|sind)|du\ (hast|bist))\ (bereits|schon)\ .{0,30}(abonn|konto|registriert|\babo\b)
  | (bereits|schon)\ (abonnent|registriert|kunde|digital-?abo)
  | (monatlich|jederzeit)\ kündbar | danach\ .{0,20}(€|euro)\ .{0,20}(monat|woche)
  | (dieser|der)\ (artikel|beitrag|text|inhalt)\ (ist|steht)\ .{0,40}(kostenpflichtig|abonn|registriert|bezahl)
  | (subscribe|log\ in|sign\ up)\ .{0,40}(to\ continue|to\ read|unlimited)
    """,
    re.IGNORECASE | re.VERBOSE,
)


_WORDS = {
    CONSENT: (
        "cookie", "track", "zustimm", "einwillig", "einverst", "datenschutz", "personenbezogen", "inhalt", "werbung",
        "werbefrei", "akzeptier", "ablehnen", "privatsphäre", "personal data",
    ),
    PAYWALL: (
        "nur für", "nur mit", "exklusiv", "weiterlesen", "weiter zu lesen", "zugriff", "zugang", "unbegrenzt",
        "artikel", "text ist", "text steht", "beitrag", "inhalt", "abo", "registrier", "anmeld", "einlogg", "kostenlos",
        "konto", "kund", "kündbar", "danach", "subscribe", "log in", "sign up",
    ),
}  # fmt: skip
"""Without one of these in it, no line matches: looking for them first is ten times as fast."""


_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_READER = re.compile(
    r"\b(Ihre?[nmrs]?|Ihnen|[Ww]ir|[Uu]nsere?[nmrs]?|[Dd]u|[Dd]eine?[nmrs]?|[Yy]ou|[Ww]e)\b|[a-z]+en Sie\b"
    r"|\b(akzeptieren|zustimmen|abonnieren|testen|anmelden|weiterlesen|freischalten)\b"
)


_QUOTED = re.compile(r"„[^“”\n]{0,400}[“”]|\"[^\"\n]{0,400}\"|»[^«\n]{0,400}«")
_LABEL = 60
"""Characters up to which a sentence can be a button or a label, which speak to nobody."""


def _notice(pattern: re.Pattern[str], sentence: str) -> bool:
    return bool(pattern.search(sentence)) and (len(sentence) <= _LABEL or bool(_READER.search(sentence)))


def share(pattern: re.Pattern[str], text: str) -> float:
    """Which part of the characters stands in sentences of a notice, from 0 to 1.

    A notice speaks to the reader; an article about cookies or subscriptions does so only where it quotes somebody.
    """
    small = text.lower()
    for word in _WORDS[pattern]:
        if word in small:
            break
    else:
        return 0.0
    sentences = _SENTENCE.split(_QUOTED.sub("", text))
    return sum(len(sentence) for sentence in sentences if _notice(pattern, sentence)) / max(1, len(text))
