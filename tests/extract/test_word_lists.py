"""Notices by their words, and sentences of the news that only speak of such things, which are none."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext.extract import bylines, word_lists

SENTENCES = """\
Darüber berichtet der „Spiegel“.
Zuerst hatte darüber die Bild-Zeitung berichtet.
Bereits 300 Teilnehmer haben sich für den Lauf registriert, teilte der Veranstalter am Montag mit.
Der Makler erhält eine Provision von drei Prozent des Kaufpreises, wie aus dem Vertrag hervorgeht.
Das Hilfsangebot für Geflüchtete wird nach Angaben der Stadt gut angenommen und soll verlängert werden.
Am Abend diskutieren sie über die Zukunft des Vereins und den Bau der neuen Halle am Stadtrand.
„Wir haben unsere Prognose nach unten korrigiert“, sagte der Vorstandsvorsitzende am Dienstag in Frankfurt.
Das Angebot gilt nur für Mitglieder des Vereins und ihre Familien, sagte eine Sprecherin der Stadtwerke.
Wie die Polizei mitteilte, wurde der Mann schon auf dem Konto der Bank gesucht.
Die Deutsche Bahn will mit dem neuen Abo sechs Millionen Kunden gewinnen, bereits jetzt wechselten viele Abonnenten.
Jetzt will der Verlag die Zeitung auch digital verkaufen, jeder dritte Leser habe schon ein Abonnement.
Über dieses Thema wird am Mittwoch im Bundestag debattiert.
Der Sender ARD hatte am 3. Mai 2024 um 20.15 Uhr über den Fall berichtet.
Die Gemeinde will nun die Kommentarfunktion auf ihrer Seite abschalten, weil dort gehetzt wurde.
Der Newsletter der Behörde erscheint jeden Montag und wird von 3000 Menschen gelesen.
Auf Instagram folgten ihr zuletzt mehr als zwei Millionen Menschen, auf Tiktok noch mehr.
Die App der Bahn lässt sich kostenlos herunterladen, klagt aber über viele Fehler.
Das Foto: ein Mann im Regen, die Hände in den Taschen.
Quelle der Verunreinigung sei vermutlich ein Leck, sagte der Bürgermeister.
Text und Musik stammen von dem Komponisten selbst.
Stand heute sind 30 Menschen verletzt worden.
Von Hamburg bis München gab es Proteste.
Der Autor des Buches ist in Köln aufgewachsen, wo er bis heute lebt.
Über den Autor ist wenig bekannt, nur dass er in Bremen geboren wurde.
Mit Material von drei Kameras rekonstruierten die Ermittler den Hergang.
Weiterlesen will das Buch trotzdem niemand, der es einmal weggelegt hat.
Hintergrund: Seit 2015 streiten die Länder über die Verteilung der Mittel.
Hintergrund ist ein Streit um die Finanzierung.
Die Kritik ist eine Übersetzung des Zorns in Zahlen, schreibt die Zeitung.
Die Redaktion zog um, die Produktion blieb in Kiel.
Die Polizei hat Hinweise. Melden will sich der Mann nicht.
Am 3.3. beginnt der Bau
12.03.2020: Erster Toter
Sie können den Antrag online stellen, indem Sie auf der Seite des Amtes auf „Weiter“ klicken.
"""


@pytest.mark.parametrize("sentence", SENTENCES.splitlines())
def test_news_about_such_things_is_no_notice(sentence: str) -> None:
    assert word_lists.rule_of_line(sentence) is None
    assert not bylines.is_credit(sentence)


NOTICES = {
    "Mit Agenturmaterial.": "agency-credit",
    "Übersetzung: Gesa Thomsen, Redaktion: Ole Brodersen, Schlussredaktion: Inken Paulsen, Fotos: Nis Petersen und "
    "Heike Lund": "agency-credit",
    "Der Deich wächst: . In: Hafenkurier, 20.10.2025, https://www.hafenkurier.example/4711 (abgerufen am: 21.10.2025)":
    "agency-credit",
    "Dieser Artikel ist eine Übersetzung, im Original stand er im Fischerblatt von Süderbrook.": "feedback",
    "Sie wohnen am Deich und haben Hinweise zum Thema? Melden Sie sich vertraulich bei unserem Reporter.": "feedback",
    "Das Fischerblatt ist eine Partnermarke. Sie können diesen Inhalt sehen, weil wir Texte tauschen.": "feedback",
    "In diesem Artikel sind Affiliate-Links enthalten. " + "Sie führen zu den Seiten der Händler in Nordkrog. " * 7:
    "feedback",
    "When you buy through our links, the Harbour Courier may earn a commission.": "feedback",
    "Následuje obsah vložený z jiného webu.": "consent",
}  # fmt: skip


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_is_known_by_its_words(notice: str) -> None:
    assert word_lists.rule_of_line(notice.strip()) == NOTICES[notice]


@pytest.mark.parametrize("rule", [part.rule for part in word_lists.lines() if part.needs])
@settings(max_examples=150)
@given(data=st.data())
def test_the_letters_that_a_rule_needs_hide_nothing_that_its_patterns_match(rule: str, data: st.DataObject) -> None:
    part = next(part for part in word_lists.lines() if part.rule == rule)
    pattern = data.draw(st.sampled_from(word_lists.patterns(rule, "anywhere")))
    line = data.draw(st.from_regex(re.compile(pattern, re.IGNORECASE), fullmatch=True))
    assert any(letters in line.lower() for letters in part.needs), f"{pattern!r} matches {line!r}"


_NEEDS = sorted({need for part in word_lists.lines() for need in part.needs})


@given(st.lists(st.one_of(st.sampled_from(_NEEDS), st.text(max_size=5)), max_size=8).map("".join))
def test_the_letters_that_rules_need_are_found_where_a_line_has_them(line: str) -> None:
    assert word_lists.needs_of(line) == {need for need in _NEEDS if need in line.lower()}
