"""Notices are recognised, articles about them are not, and hostile texts take linear time."""

from __future__ import annotations

import re
import time

import pytest

from klartext.validate import notices
from klartext.validate.notices import CONSENT, PAYWALL, NoticeKind, notice_share

CONSENTS = (
    "Wir verwenden auf dieser Seite Cookies und ähnliche Verfahren.",
    "Cookies akzeptieren",
    "Mit Ihrer Einwilligung zeigen wir Ihnen hier Inhalte eines Partners.",
    "An dieser Stelle finden Sie externe Inhalte, die wir erst nach einem Klick laden.",
    "Mit Werbung weiter",
    "Privatsphäre-Einstellungen",
    "We and our partners store cookies on your device.",
)
PAYWALLS = (
    "Dieser Text ist nur für unsere Abonnenten lesbar.",
    "Weiterlesen mit dem Probemonat",
    "Mit einem Abo erhalten Sie Zugriff auf alle Texte.",
    "Jetzt abonnieren",
    "Sie haben bereits ein Konto?",
    "Sie zahlen danach nur 9,90 € im Monat.",
    "Monatlich kündbar",
    "Subscribe now to continue, we need your support.",
)
NEWS = (
    "Der Rat der Gemeinde hat am Montag beschlossen, den Deich zu erhöhen.",
    "Die Behörde prüft seit dem Frühjahr, ob Verlage ohne Einwilligung der Leserinnen und Leser Daten übermittelten.",
    "„Wir verwenden Cookies“, heißt es in dem Schreiben der Stadtwerke an die Kundschaft vom Dienstag.",
)


@pytest.mark.parametrize(
    ("kind", "sentence"), [*((CONSENT, text) for text in CONSENTS), *((PAYWALL, text) for text in PAYWALLS)]
)
def test_a_notice_is_all_of_its_text(kind: NoticeKind, sentence: str) -> None:
    assert notice_share(kind, sentence) == 1.0


@pytest.mark.parametrize("sentence", NEWS)
def test_news_are_no_notice(sentence: str) -> None:
    assert (notice_share(CONSENT, sentence), notice_share(PAYWALL, sentence)) == (0.0, 0.0)


def test_only_the_sentences_of_a_notice_count() -> None:
    text = f"{NEWS[0]}\n{PAYWALLS[0]}"
    assert notice_share(PAYWALL, text) == pytest.approx(len(PAYWALLS[0]) / len(text))


def test_the_parts_of_a_phrase_have_to_be_near_and_in_order() -> None:
    near, far = "Cookies " + "x" * 70 + " zustimmen", "Cookies " + "x" * 90 + " zustimmen"
    phrase = CONSENT.phrases[1]
    assert phrase.is_in(near)
    assert not phrase.is_in(far)
    assert not phrase.is_in("zustimmen, dann Cookies")
    assert phrase.is_in(f"{far} und {near}")


def test_quotes_are_left_out_within_a_line() -> None:
    assert notices._without_quotes('a „b“ c "d" e »f« g') == "a  c  e  g"
    assert notices._without_quotes("a „b\nc“ d") == "a „b\nc“ d"
    assert notices._without_quotes(f"„{'x' * 400}“") == ""
    assert notices._without_quotes(f"„{'x' * 401}“") == f"„{'x' * 401}“"
    assert notices._without_quotes("„„„ offen") == "„„„ offen"


PIECES = [
    "abonn", "registrier", "akzeptier", "datenschutz", "personenbezogene", "cookies ", "„", "»", '"', "a", " ", ". ",
    "weiterlesen ", "danach € ", "nur für ", "Sie haben bereits ", "\n", "der text ist ", "inhalt", "verwenden ",
]  # fmt: skip


@pytest.mark.parametrize("kind", [CONSENT, PAYWALL], ids=["consent", "paywall"])
@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_hostile_texts_take_linear_time(kind: NoticeKind, piece: str) -> None:
    """100 kB in well under a second; before, 4 kB took 25 s."""
    text = (piece * (100_000 // len(piece))) + " cookie abo"
    start = time.process_time()
    share = notice_share(kind, text)
    assert time.process_time() - start < 2
    assert 0 <= share <= 1


def test_no_expression_has_an_unbounded_repetition_before_another_part() -> None:
    patterns = [part.pattern for kind in (CONSENT, PAYWALL) for phrase in kind.phrases for part in phrase.parts]
    assert len(patterns) > 20
    assert [p for p in patterns if re.search(r"[*+](?![|)]|$)", p)] == []
