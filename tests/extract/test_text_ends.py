"""The ends of a text: cards of other articles, headings over links, menus in tables."""

from __future__ import annotations

import pytest

from klartext.sources import Source
from support import sample_pages
from support.sample_pages import HOUSES, STORY

_OTHERS = {
    "Die Fähre nach Hallum fährt bald mit Strom": "Zwei Jahre lang wurde umgebaut, nun legt sie wieder ab.",
    "Ein Moor wird nass und keiner ist dagegen": "In Süderbrook haben sich Bauern und Naturschützer verbündet.",
    "Die Glocke von Nordkrog klingt wieder": "Ein Gießer aus dem Binnenland hat den Sprung in der Glocke verschweißt.",
}
_LONG = "Davon hat der Verband im Winter berichtet, und die Leute im Koog reden bis heute an jedem Tresen darüber. " * 6


def _cards(link: bool = True, more: str = "") -> str:
    heading = '<h3><a href="/region/{n}.html">{title}</a></h3>' if link else "<h3>{title}</h3>"
    return "".join(
        f"<div>{heading.format(n=n, title=title)}<p>{text}</p>{more}</div>"
        for n, (title, text) in enumerate(_OTHERS.items())
    )


@pytest.mark.parametrize("house", HOUSES)
def test_cards_behind_the_text_go_whatever_they_are_called(house: str) -> None:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=f"<div>{_cards()}</div>"), house=house))
    assert sample_pages.text(made) == STORY
    assert {rule for text in _OTHERS.values() for rule in sample_pages.rules_of(made, text)} <= {"teaser-card", ""}


@pytest.mark.parametrize(("link", "more"), [(False, ""), (True, f"<p>{_LONG}</p><p>{_LONG}</p>")])
def test_parts_with_headings_are_no_cards(link: bool, more: str) -> None:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=_cards(link, more))))
    assert set(_OTHERS.values()) < set(sample_pages.text(made))


def test_a_heading_over_a_list_of_links_goes_with_it() -> None:
    items = "".join(
        f'<li>{text[:30]} <a href="/region/{n}.html">{title}</a></li>'
        for n, (title, text) in enumerate(_OTHERS.items())
    )
    noise = f"<h3>Was an der Küste geschieht</h3><ul>{items}</ul>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=noise)))
    assert sample_pages.rules_of(made, "Ein Moor wird nass") == {"link-list"}
    assert sample_pages.text(made) == STORY


def test_a_table_of_one_row_is_a_menu_and_one_of_two_is_data() -> None:
    cells = "".join(
        f"<td>{name}</td>" for name in ("Startseite des Kuriers", "Nordkrog und Hallum", "Wetter an der Küste")
    )
    menu = f"<table><tr>{cells}</tr></table>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=menu)))
    assert sample_pages.text(made) == STORY
    rows = {"Pegel am Siel im Mai": "3,40 Meter", "Pegel am Siel im Juni": "3,10 Meter"}
    data = "".join(f"<tr><td>{month}</td><td>{height}</td></tr>" for month, height in rows.items())
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=f"<table>{data}</table>")))
    assert sample_pages.text(made)[len(STORY) :] == [f"{month} | {height}" for month, height in rows.items()]


def test_a_heading_above_the_last_paragraph_stays_though_that_ends_without_a_full_stop() -> None:
    end = "Der Verband bittet alle Anlieger, die Kamera am Siel nicht zu verstellen, und dankt (Stand vom Mai)"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=f"<h3>Was noch zu tun ist</h3><p>{end}</p>")))
    assert sample_pages.text(made)[len(STORY) :] == ["Was noch zu tun ist", end]


def test_a_heading_goes_with_the_request_below_it() -> None:
    asks = "<h3>In eigener Sache</h3><p>Haben Sie einen Fehler im Text gefunden? Dann schreiben Sie uns.</p>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=asks)))
    assert sample_pages.text(made) == STORY


def test_a_line_of_many_words_between_bars_is_a_menu() -> None:
    menu = "<div><table><tr><td>" + " | ".join(f"Ort {name}" for name in "abcdefghijkl") + "</td></tr></table></div>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=menu)))
    assert sample_pages.text(made) == STORY


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("line", ["Eine Chronik in neun Jahren", "Vier Fragen an die Bürgermeisterin:"])
def test_a_short_paragraph_that_opens_the_text_stays(line: str, house: str) -> None:
    made = sample_pages.read(sample_pages.page(f"<p>{line}</p>{sample_pages.lines()}", house=house))
    assert sample_pages.text(made) == [line, *STORY]


@pytest.mark.parametrize(
    "line",
    ["<p>Hinrich Petersen</p>", "<p>Von Hinrich Petersen</p>", "<p>Zuletzt geändert: 14.05.2024, 8:10 Uhr</p>",
     '<p><img src="/deich.jpg"></p><p>Das Siel am Tag danach</p>'],
)  # fmt: skip
def test_a_byline_a_day_and_a_caption_above_the_text_go(line: str) -> None:
    made = sample_pages.read(sample_pages.page(line + sample_pages.lines(), house="semantic"))
    assert sample_pages.text(made) == STORY


def test_a_heading_behind_the_text_stays_with_its_list() -> None:
    dates = ["März: die ersten Schuten legen an", "Juni: die Schafe ziehen um", "Oktober: die erste Lage Klei"]
    listed = "<h2>Der Zeitplan</h2><ul>" + "".join(f"<li>{date}</li>" for date in dates) + "</ul>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=listed), house="semantic"))
    assert sample_pages.text(made) == [*STORY, "Der Zeitplan", *dates]


def test_where_the_text_is_rows_the_first_and_the_last_stay() -> None:
    details = [[f"{n}.", f"{STORY[0][:70]} {n}", "53,84 Sek."] for n in range(2, 12)]
    rows = [["1.", "Nordkrog II", "50,88"], *details, ["12.", "Hallum", "n. a"]]
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    made = sample_pages.read(sample_pages.page(f"<table>{table}</table>"))
    assert sample_pages.text(made) == [" | ".join(row) for row in rows]


@pytest.mark.parametrize(
    ("ending", "stays"), [("Schule.", True), ("Schule.“", True), ("Schule?", False), ("Schule", False)]
)
def test_a_line_set_as_a_heading_that_states_something_ends_a_text(ending: str, stays: bool) -> None:
    named = Source.model_validate(
        {"slug": "hafenkurier", "name": "Hafenkurier", "hosts": ["www.hafenkurier.example"],
         "rules": [{"valid_from": "2020-01-01", "body": [".article-body"]}]}
    )  # fmt: skip
    last = f"Der Deichverband tagt am 3. Juni in der alten {ending}"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=f"<h3>{last}</h3>")), source=named)
    assert sample_pages.text(made) == ([*STORY, last] if stays else STORY)


def test_a_last_sentence_with_a_name_behind_it_stays_in_a_script_without_spaces() -> None:
    story = [
        f"{n}月的大潮之后，北堤村的村民在老学校的礼堂里讨论了新的堤坝，会议一直开到了半夜才结束。" * 2
        for n in range(1, 6)
    ]
    last = "潮水还会来，堤坝总要修！（记者 林海）"
    made = sample_pages.read(sample_pages.page("".join(f"<p>{line}</p>" for line in [*story, last])))
    assert sample_pages.text(made)[-1] == last


def test_many_short_lines_that_the_text_begins_with_stay() -> None:
    times = [f"{day:02}.03.2024 um 8 Uhr am Siel" for day in range(1, 7)]
    listed = "".join(f"<p>{line}</p>" for line in times)
    made = sample_pages.read(sample_pages.page(listed + sample_pages.lines()))
    assert sample_pages.text(made) == [*times, *STORY]
    few = "<p>Von Gesa Thomsen</p><p>20.05.2024 Nordkrog</p>"
    assert sample_pages.text(sample_pages.read(sample_pages.page(few + sample_pages.lines()))) == STORY


def test_a_line_that_announces_what_is_not_there_goes() -> None:
    after = (
        "<p>Was der Bau der Gemeinde Nordkrog in den nächsten Jahren abverlangen wird:</p><div><a href='/1'>1</a></div>"
    )
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=after)))
    assert sample_pages.text(made) == STORY
