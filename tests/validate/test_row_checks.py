"""Every row check: a row that fails it and no other, beside good rows that pass them all."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from klartext import model
from klartext.lake import tables
from klartext.sources import Layout, Source
from klartext.validate import check_rows, checks, read_rows
from support.sample_rows import SOURCE, TEXT, article, moment, teaser

SENTENCE = "Der Rat der Gemeinde hat in seiner Sitzung am Montag mit großer Mehrheit beschlossen, den Deich zu erhöhen."
CARD = "Nach dem Sturm der vergangenen Woche legt die Fähre wieder zweimal am Tag ab, sagt die Reederei."
COOKIES = """Der Gerichtshof hat entschieden, dass Betreiber von Websites ohne Einwilligung keine Cookies setzen dürfen.
Das Urteil betrifft vor allem Anbieter von Werbung, die mit Cookies das Verhalten der Nutzer verfolgen.
Wer auf „Alle akzeptieren“ klickt, gibt nach Ansicht der Richter keine wirksame Zustimmung zu allen Cookies.
„Wir begrüßen die Klarheit“, sagte die Landesbeauftragte für Datenschutz. Die Branche will in Berufung gehen."""
SUBSCRIPTIONS = """Der Verlag verlangt für sein Digitalabo künftig zwölf Euro im Monat statt zehn.
Ein Probemonat gibt Zugang zu allen Artikeln, danach ist das Abo monatlich kündbar.
Rund 40.000 Abonnenten zahlen bislang für den vollen Zugriff, teilte das Haus am Mittwoch mit.
Die Gewerkschaft kritisierte, dass die Einnahmen nicht in die Redaktionen fließen; dort fielen zuletzt 30 Stellen weg.
Der Umsatz mit gedruckten Zeitungen ging im vergangenen Jahr um sieben Prozent zurück, der mit Anzeigen um zehn."""

BAD: list[tuple[str, dict[str, Any]]] = [
    *((f"{name.replace('_', '-')}-missing", {name: None}) for name in model.required(model.Article)
      if name not in ("text", "article_id", "version_id")),
    ("version-id-missing", {"version_id": ""}),
    ("article-id-missing", {"article_id": " "}),
    ("title-missing", {"title": " \n"}),
    ("text-missing", {"text": None, "version_id": "v"}),
    ("access-unknown", {"access": "open"}),
    ("published-precision-unknown", {"published_precision": "hour"}),
    ("published-from-unknown", {"published_from": "guess"}),
    ("article-id-of-another-source", {"article_id": "zeit:1"}),
    ("address-outside-source", {"url": "https://example.org/1/umbau"}),
    ("address-outside-source", {"canonical_url": "https://www.zeit.de/politik/2024-05/umbau"}),
    ("published-after-capture", {"published_at": moment("2024-05-02T05:01")}),
    ("published-before-source", {"published_at": moment("1970-01-01T00:00")}),
    ("word-count-wrong", {"word_count": 0}),
    ("title-too-short", {"title": "Ja"}),
    ("title-too-long", {"title": "Sehr " * 60 + "lang"}),
    ("title-is-site-name", {"title": "DEUTSCHE Wirtschafts  Nachrichten"}),
    ("title-is-site-name", {"title": "www.deutsche-wirtschafts-nachrichten.de"}),
    ("text-too-short", {"text": SENTENCE}),
    ("text-too-short", {"text": "Wirtschaftsnachrichtendienstleistungsgesellschaft " * 10}),
    ("text-too-short", {"text": "Mehr mit Plus.", "access": "paid"}),
    ("text-too-long", {"text": "\n".join(f"{n}. {SENTENCE}" for n in range(10_000))}),
    ("text-is-consent-notice", {"text": "\n".join([
        "Wir und unsere 174 Partner verwenden auf dieser Seite Cookies und ähnliche Verfahren.",
        "Mit einem Klick auf den Knopf geben Sie Ihre Einwilligung, dass Daten an unsere Partner übermittelt werden.",
        "Näheres steht in der Erklärung zum Datenschutz; dort können Sie jederzeit der Nutzung nicht mehr zustimmen.",
    ])}),
    ("text-is-paywall-notice", {"text": "\n".join([
        "Diesen Artikel weiterlesen mit einem Abo: der erste Monat ist für neue Leserinnen und Leser umsonst.",
        "Jetzt kostenlos testen und alle Artikel unbegrenzt lesen, danach nur 9,90 Euro im Monat, jederzeit kündbar.",
        "Sie haben bereits ein Konto? Dann melden Sie sich bitte hier an und lesen gleich weiter.",
    ])}),
    ("text-is-paywall-notice", {"text": "Jetzt abonnieren und diesen Artikel freischalten.", "access": "paid"}),
    ("text-repeats-itself", {"text": f"{TEXT}\n{TEXT}"}),
    ("characters-broken", {"text": TEXT.encode().decode("cp1252", "replace")}),
    ("characters-broken", {"title": "BÃ¼rger stimmen ab"}),
    ("characters-broken", {"lead": "Er sagte: â€žNein.â€œ"}),
    ("characters-broken", {"title": "Ein\x00Titel"}),
    ("characters-broken", {"text": TEXT.replace("ü", "\ufffd")}),
    ("teaser-in-text", {"text": f"{TEXT}\nMehr dazu: {CARD}"}),
    ("teaser-in-text", {"text": f"{TEXT}\n{CARD.upper()}"}),
    ("language-of-another-source", {"language": "tr"}),
    ("text-shorter-than-stated", {"stated_word_count": 300}),  # the text has 70 words
    ("text-longer-than-stated", {"text": "\n".join(f"{n}. {SENTENCE}" for n in range(20)), "stated_word_count": 90}),
]  # fmt: skip

GOOD: list[dict[str, Any]] = [
    {},
    {"lead": None, "kicker": None, "authors": [], "agencies": [], "topics": [], "images": [], "section": None},
    {"published_at": None, "modified_at": None, "published_precision": None, "published_from": None},
    {"language": None, "discovered_from": None},
    {"published_at": moment("2024-05-02T04:59")},  # a clock that is ahead
    {"published_at": moment("1999-03-01T00:00")},  # an archive
    {"text": SENTENCE, "access": "paid"},  # all that is shown before the paywall
    {"text": f"{SENTENCE} {SENTENCE.replace('Deich', 'Damm')}"},  # a short wire item
    {"title": "Wut"},
    {"url": "https://deutsche-wirtschafts-nachrichten.de:443/1/x"},
    {"text": f"{TEXT}\nUm alle Inhalte zu sehen, akzeptieren Sie bitte Cookies."},  # one line is no notice
    {"text": TEXT + " Die Seite des Gerichts verwendet Cookies, und ohne Einwilligung gibt sie keine Daten weiter."},
    {"text": COOKIES},
    {"text": SUBSCRIPTIONS},
    {"text": TEXT.replace("ü", "\ufffd", 2)},  # the publisher's own page has lost two letters
    {"title": "Ärger um „Ä“: São Tomé, Şişli, İzmir – 20 °C", "lead": "Señor Ångström sagt: „Â, Ê und Ô!“"},
    {"text": f"{TEXT}\nGut so!\nGut so!\nGut so!"},
    {"text": "\n".join(f"{n}. {SENTENCE}" for n in range(500))},  # a live blog
    {"stated_word_count": 70},
    {"stated_word_count": 210},  # with captions, boxes and comments: roughly true
    {"stated_word_count": 3},  # hardly a count
    {"stated_word_count": 900, "access": "paid"},  # of what is behind the paywall
]  # fmt: skip


def test_each_bad_row_fails_its_check_and_no_other() -> None:
    rows = [article(n, **changes) for n, (_, changes) in enumerate(BAD)]
    cards = [teaser(n, text=CARD) for n in range(len(BAD))]
    checked = check_rows(rows, SOURCE, cards)
    assert checked.accepted.num_rows == 0
    found = [row["reasons"] for row in checked.rejected.to_pylist()]
    assert found == [[code] for code, _ in BAD]


def test_good_rows_pass() -> None:
    rows = [article(n, **changes) for n, changes in enumerate(GOOD)]
    checked = check_rows(rows, SOURCE, [teaser(n, text=CARD) for n in range(len(GOOD))])
    assert [row["reasons"] for row in checked.rejected.to_pylist()] == []
    assert checked.accepted.equals(model.table(model.Article, rows))


@pytest.mark.parametrize(("stated", "code"), [(30, None), (70, None), (110, None), (170, "text-shorter-than-stated")])
def test_a_count_at_a_place_that_the_source_names_is_believed(stated: int, code: str | None) -> None:
    layout = Layout(valid_from=dt.date(2016, 8, 1), word_count="#article::attr(data-wordcount)")
    named = SOURCE.model_copy(update={"rules": [layout]})
    rows = [article(1, stated_word_count=stated)]
    assert [row["reasons"] for row in check_rows(rows, named).rejected.to_pylist()] == ([[code]] if code else [])
    assert check_rows(rows, SOURCE).rejected.num_rows == 0


def test_there_is_a_bad_row_for_every_code() -> None:
    assert {code for code, _ in BAD} | {"repeated-page"} == {check.code for check in checks.row_checks()}


def test_an_undated_text_at_many_addresses_is_one_page_served_for_all() -> None:
    same = {"text": TEXT, "published_at": None, "published_from": None}
    few = [article(n, **same) for n in range(3)]
    mixed = check_rows([*few, article(7, text=TEXT)], SOURCE)
    assert mixed.accepted["article_id"].to_pylist() == ["dwn:7"]
    assert check_rows(few, SOURCE).rejected.num_rows == 0
    dated = [article(n, text=TEXT) for n in range(6)]
    assert check_rows(dated, SOURCE).rejected.num_rows == 0, "an article at several addresses has its time"
    many = check_rows([article(n, **same) for n in range(4)], SOURCE).rejected.to_pylist()
    assert [row["reasons"] for row in many] == [["repeated-page"]] * 4


def test_a_row_keeps_all_of_itself_and_gets_every_reason() -> None:
    row = article(1, title="Ja", text="Kurz.", language="en")
    checked = check_rows([row], SOURCE)
    (reject,) = checked.rejected.to_pylist()
    assert reject["stage"] == "validate"
    assert reject["reasons"] == ["language-of-another-source", "text-too-short", "title-too-short"]
    assert "too few characters for an article (5)" in reject["detail"]
    whole = model.table(model.Article, [row]).to_pylist()[0]
    assert {name: reject[name] for name in whole} == whole


def test_no_rows_are_no_problem() -> None:
    checked = check_rows([], SOURCE)
    assert (checked.accepted.num_rows, checked.rejected.num_rows) == (0, 0)


def test_a_card_may_say_what_the_article_says_that_it_shows() -> None:
    rows = [article(1, text=f"{CARD}\n{TEXT}"), article(2, text=f"Wie berichtet: {CARD} {TEXT}")]
    address = "https://deutsche-wirtschafts-nachrichten.de/1/umbau-des-gueterbahnhofs"
    cards = [
        teaser(1, text=CARD, is_self=True, target_url=address),
        teaser(1, text=CARD, target_url=address),
        teaser(3, text=CARD, target_url=address),  # on another page, where it leads to the first article
    ]
    assert check_rows(rows, SOURCE, cards).rejected.num_rows == 0


def test_another_pages_card_that_is_a_line_of_the_text_was_left_in_it() -> None:
    rows = [article(1, text=f"{TEXT}\n{CARD}")]
    (reject,) = check_rows(rows, SOURCE, [teaser(3, text=CARD)]).rejected.to_pylist()
    assert reject["reasons"] == ["teaser-in-text"]


def test_a_short_card_proves_nothing() -> None:
    assert check_rows([article(1)], SOURCE, [teaser(1, text="Zehn Jahre Anlauf")]).rejected.num_rows == 0


def test_rows_are_held_against_the_source_of_their_address() -> None:
    address = "https://www.faz.net/aktuell/umbau-19.html"
    rows = [
        article(1),
        article(2, url=address, canonical_url=address, article_id="faz.net:19"),
        article(3, url=address, canonical_url=address.replace("www.", "m."), article_id="dwn:3"),
        article(4, title="Ja"),
    ]
    checked = check_rows(rows)
    assert checked.accepted["article_id"].to_pylist() == ["dwn:1", "faz.net:19"]
    assert [(row["article_id"], row["reasons"]) for row in checked.rejected.to_pylist()] == [
        ("dwn:3", ["article-id-of-another-source"]),
        ("dwn:4", ["title-too-short"]),
    ]


def test_a_host_counts_with_its_port() -> None:
    source = Source(slug="probe", name="Probe", hosts=["127.0.0.1:8101"])
    rows = [
        article(n, url=f"http://127.0.0.1:{port}/1", canonical_url="http://127.0.0.1:8101/1", article_id="probe:1")
        for n, port in enumerate((8101, 8102))
    ]
    checked = check_rows(rows, source)
    assert checked.accepted["url"].to_pylist() == ["http://127.0.0.1:8101/1"]


def test_checking_says_nothing_on_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    check_rows([article(1), article(2, title="Ja")], SOURCE)
    assert capfd.readouterr() == ("", "")


# Files of rows


def test_rows_come_back_from_files_as_they_were(tmp_path: Path) -> None:
    rows = model.table(model.Article, [article(1), article(2, published_at=None, lead=None)])
    parquet, lines = tmp_path / "a.parquet", tmp_path / "a.jsonl"
    parquet.write_bytes(tables.to_parquet("articles", rows))
    written = [json.dumps(row, default=lambda value: value.isoformat(), ensure_ascii=False) for row in rows.to_pylist()]
    lines.write_text("\n".join(written) + "\n", "utf-8")
    assert read_rows(parquet).equals(rows)
    assert read_rows(lines).equals(rows)


@pytest.mark.parametrize(
    "line", ["{", "[]", '"text"', '{"published_at": "gestern"}', '{"word_count": "viele"}', '{"authors": "Jörg"}']
)
def test_a_line_that_is_no_row_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"title": "Gut"}\n' + line + "\n", "utf-8")
    with pytest.raises(ValueError, match=r"rows\.jsonl, line 2: "):
        read_rows(path)


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1 cut off")
    with pytest.raises(ValueError, match=r"rows\.parquet: "):
        read_rows(path)
