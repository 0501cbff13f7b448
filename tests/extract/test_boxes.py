"""What the box around a line says of it, by its tag, role, name and other lines; and when it says nothing."""

from __future__ import annotations

import pytest

from support import sample_pages
from support.sample_pages import STORY


def test_an_article_within_the_text_that_holds_paragraphs_is_a_part_of_it() -> None:
    answers = [
        f"Die {n}. Antwort des Verbandes ist so lang wie ein Absatz des Textes: Der Deich wird bis zum Herbst erhöht, "
        "dann ruht der Bau, weil im Winter kein Klei eingebaut werden darf, und im Frühjahr geht es am Siel weiter."
        for n in (1, 2, 3)
    ]
    part = f"<article>{''.join(f'<p>{line}</p>' for line in answers)}</article>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=part), house="bare"))
    assert [line for line in sample_pages.text(made) if line in answers] == answers


def test_a_class_that_the_paragraphs_share_says_nothing() -> None:
    body = sample_pages.lines(inside="<p>Am Siel von Nordkrog ruht der Bau bis zum April des nächsten Jahres.</p>")
    paid = sample_pages.read(sample_pages.page(body.replace("<p>", '<p class="paywall">')))
    assert sample_pages.text(paid) == sample_pages.text(sample_pages.read(sample_pages.page(body)))


def test_what_a_site_hides_from_search_engines_is_no_text() -> None:
    foreign = (
        "<noindex><div><h6>Kurier-Netz</h6><a href='https://x.example/1'>Die Fähre fährt mit Strom</a></div></noindex>"
    )
    assert sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=foreign)))) == STORY


def test_a_choice_of_answers_is_no_text() -> None:
    answers = "".join(f'<div><input type="radio" name="a" value="{n}"> <p>{n} Meter</p></div>' for n in (7, 8, 9))
    poll = f'<div class="x1"><p>Wie hoch soll der Deich von Nordkrog am Ende wohl werden?</p>{answers}</div>'
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=poll)))
    assert sample_pages.text(made) == STORY
    assert sample_pages.rules_of(made, "Wie hoch soll der Deich") <= {"feedback", ""}


def test_what_its_role_calls_complementary_is_beside_the_text() -> None:
    facts = "".join(f"<li>Der {n}. Abschnitt ist {n}00 Meter lang und wird im Sommer gebaut.</li>" for n in range(2, 8))
    box = f'<hk-box role="complementary" class="x2"><h3>Was gebaut wird</h3><ul>{facts}</ul></hk-box>'
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=box)))
    assert sample_pages.text(made) == STORY
    assert sample_pages.rules_of(made, "Der 3. Abschnitt") == {"aside"}


_BEHIND = "Im Herbst stimmt der Gemeinderat noch einmal über den Plan ab, so hat es der Landrat in Hallum verlangt"


@pytest.mark.parametrize("box", ['<div class="subscription">{}</div>', "<article>{}</article>"])
def test_what_the_json_ld_has_as_the_text_is_no_noise(box: str) -> None:
    inside = box.format(f"<p>{_BEHIND}</p>")
    body = sample_pages.ld(articleBody=" ".join([*STORY, _BEHIND]))
    plain, stated = (
        sample_pages.read(sample_pages.page(sample_pages.lines(inside=inside), head=h)) for h in ("", body)
    )
    assert _BEHIND not in sample_pages.text(plain)
    assert _BEHIND in sample_pages.text(stated)


def test_a_class_names_the_text_behind_a_paywall() -> None:
    html = sample_pages.lines(inside=f'<div class="paywall"><p>{_BEHIND}</p></div>')
    assert _BEHIND in sample_pages.text(sample_pages.read(sample_pages.page(html)))


def test_an_offer_is_a_box_beside_the_text_however_short_the_text_is() -> None:
    lines = ["Mit der Anmeldung im Hafen", "Zeitung am Abend vorher", "Alle Texte ohne Grenze", "Briefe aus Nordkrog"]
    offer = (
        "<div><div><p>Für Abonnenten: exklusiv für unsere Abonnenten.</p><dl>"
        f"<dt>{lines[0]}</dt>{''.join(f'<dd>{line}</dd>' for line in lines[1:])}</dl></div></div>"
    )
    made = sample_pages.read(sample_pages.page(sample_pages.lines(STORY[:2], after=offer)))
    assert sample_pages.text(made) == STORY[:2]


@pytest.mark.parametrize("field", [
    'type="email"', 'name="emailAddress"', 'type="text" placeholder="Ihre E-Mail-Adresse"', 'id="newsletter_mail"',
])  # fmt: skip
def test_a_box_that_asks_for_an_email_address_is_an_offer(field: str) -> None:
    said = "Was an der Küste geschah, steht jeden Morgen um sechs in einem Brief aus Nordkrog und Hallum, seit 2014."
    offer = f"<div><p>{said}</p><form><input {field}></form></div>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=offer)))
    assert sample_pages.text(made) == STORY


def test_a_name_for_the_width_of_the_screen_is_no_paywall() -> None:
    points = ["Zwei Meter höher als jetzt", "Breit genug für einen Radweg", "Teurer als die Abgrabung"]
    part = (
        f'<div class="full-width@tp- grid@tl+__cell"><ul>{"".join(f"<li>{point}</li>" for point in points)}</ul></div>'
    )
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=part)))
    assert [line for line in sample_pages.text(made) if line not in STORY] == points


def test_items_of_a_headline_and_a_text_below_it_are_teasers() -> None:
    item = (
        "<li><a href='/region/{0}.html'>Die Fähre nach Hallum fährt im {0}. Jahr</a> <span>Zwei Jahre lang wurde "
        "umgebaut, nun legt das Schiff wieder ab, und die Insel feiert.</span></li>"
    )
    teasers = f"<ul>{''.join(map(item.format, range(3)))}</ul>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=teasers)))
    assert sample_pages.text(made) == STORY
    works = teasers.replace("/region/", "#")
    assert len(sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=works))))) > len(STORY)
