"""Every kind of noise on a page of our own: it goes, and not a word of the article with it."""

from __future__ import annotations

import pytest

from klartext.extract import word_lists
from klartext.sources import Source
from support import sample_pages
from support.noise_samples import NOISE, SAYS_SO
from support.sample_pages import HEADINGS, HOUSES, STORY

NAMED = Source.model_validate(
    {"slug": "hafenkurier", "name": "Hafenkurier", "hosts": ["www.hafenkurier.example"],
     "rules": [{"valid_from": "2020-01-01", "body": [".article-body"]}]}
)  # fmt: skip
DECIDES = {
    "related teasers, cards below the text": "teaser-card",
    "related teasers, one link alone": "teaser-link",
    "related teasers, announced link": "teaser-link",
    "related teasers, list of links": "teaser-link",
    "related teasers, a card in an aside": "aside",
    "consent placeholder": "consent",
    "embed placeholder": "consent",
    "embed placeholder, short": "consent",
    "agency line": "agency-credit",
    "source line": "broadcast-note",
    "agency in brackets": "agency-credit",
    "copyright line": "agency-credit",
    "rights": "agency-credit",
    "feedback": "feedback",
    "disclaimer": "feedback",
    "caption without figure": "caption",
    "credit alone": "agency-credit",
    "subscription box": "subscription",
    "newsletter box": "newsletter",
    "newsletter line": "newsletter",
    "app line": "newsletter",
    "channel line": "newsletter",
    "broadcast note": "broadcast-note",
    "video note": "broadcast-note",
    "biography": "author-biography",
    "biography in a box": "byline",
    "comments": "comments",
    "advertisement": "advertisement",
    "a quote pulled out": "repeated",
}
"""What stands inside a named body is nobody's to drop but the rules': the rule that has to take it."""


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("kind", NOISE)
def test_noise_goes_and_nothing_else(kind: str, house: str) -> None:
    noise = NOISE[kind]
    made = sample_pages.read(noise.on(house))
    assert sample_pages.text(made) == STORY
    assert made.article.lead is None
    assert made.disbelieved == []
    for words in noise.words:
        assert any(words in line.text for line in made.lines), "what the test puts on the page is seen and told"


@pytest.mark.parametrize("kind", [kind for kind, noise in NOISE.items() if noise.where in ("inside", "after")])
def test_noise_in_a_named_body_goes_by_its_rule(kind: str) -> None:
    made = sample_pages.read(NOISE[kind].on("semantic"), source=NAMED)
    assert sample_pages.text(made) == STORY
    told = {
        line.rule for line in made.lines if not line.keep and any(words in line.text for words in NOISE[kind].words)
    }
    assert DECIDES.get(kind, "") in told


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize("what", SAYS_SO)
def test_a_paragraph_that_only_speaks_of_such_things_stays(what: str, house: str) -> None:
    story = [*STORY[:5], SAYS_SO[what], *STORY[5:]]
    assert sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(story), house=house))) == story


def test_every_such_paragraph_at_once() -> None:
    story = [*STORY[:5], *SAYS_SO.values(), *STORY[5:]]
    assert sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(story)))) == story


def test_a_rule_that_would_take_more_than_a_third_does_nothing_and_is_reported() -> None:
    # a site whose paragraphs all carry a class that elsewhere names a box of teasers
    body = "\n".join(f'<div class="newsbox"><p>{line}</p></div>' for line in STORY if line not in sample_pages.HEADINGS)
    made = sample_pages.read(sample_pages.page(body))
    assert sample_pages.text(made) == [line for line in STORY if line not in sample_pages.HEADINGS]
    assert made.disbelieved == ["teaser-card"]


def test_every_decision_says_its_rule() -> None:
    noise = "".join(one.markup for one in NOISE.values() if one.where == "inside" and "div" not in one.markup)
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=noise)))
    assert sample_pages.text(made) == STORY
    assert all(line.rule for line in made.lines if line.keep)
    rules = {line.text: line.rule for line in made.lines if line.rule and not line.keep}
    assert rules["Lesen Sie auch: Ein Moor wird nass und keiner ist dagegen"] == "teaser-link"
    assert rules["Abonnieren Sie hier unseren kostenlosen Newsletter von der Küste."] == "newsletter"
    assert rules["Im Video: So hoch stand das Wasser im Januar"] == "broadcast-note"


def test_a_bold_heading_behind_a_quote_is_no_name() -> None:
    quote = "<blockquote>„Ein Schaf ist auf der Marsch nicht zu Hause.“</blockquote>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=f"{quote}<p><b>Der Weg des Klei</b></p>")))
    assert "Der Weg des Klei" in sample_pages.text(made)
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=f"{quote}<p>Ole Brodersen, Schäfer</p>")))
    assert sample_pages.rules_of(made, "Ole Brodersen, Schäfer") == {"quote-credit"}


def test_a_long_paragraph_may_stand_there_three_times() -> None:
    said = (
        "Das Bild der Kamera am Siel gehört dem Deichverband, der sie mit Spenden unterhält. Wer es an anderer Stelle "
        "zeigen will, fragt <a href='/verband'>beim Verband</a> in Nordkrog nach, der in der Regel zustimmt, wenn der "
        "Ort genannt wird."
    )
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=f"<p>{said}</p>" * 3)))
    assert sample_pages.rules_of(made, "Das Bild der Kamera am Siel").isdisjoint({"recurring"})
    short = "<p class='hinweis'>Mehr dazu <a href='/verband'>beim Verband</a> in Nordkrog</p>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=short * 3)))
    assert sample_pages.rules_of(made, "Mehr dazu beim Verband") == {"recurring"}


def test_a_heading_may_stand_in_lists_of_headings_too() -> None:
    contents = f'<ul class="inhalt"><li><a href="#damm">{HEADINGS[0]}</a></li></ul>'
    made = sample_pages.read(sample_pages.page(sample_pages.lines(), top=contents, below=contents))
    assert HEADINGS[0] in sample_pages.text(made)


def test_a_quote_may_hold_items_and_labels_of_its_own() -> None:
    items = ["Klei für die Binnenseite aus der Marsch", "Grassoden für die Krone des Deiches"]
    quote = (
        "<blockquote><p>„Was wir brauchen, steht seit Jahren fest und kostet weniger als eine Brücke.“</p><ul>"
        f"<li>{items[0]}</li><li>{items[1]}</li></ul><p>Der Weg des Klei</p><p>Er kommt aus der Grube bei Süderbrook, "
        "fährt mit der Schute bis zum Siel und wird dort in Lagen von zwei Handbreit eingebaut.</p></blockquote>"
    )
    kept = sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=quote))))
    assert [line for line in kept if line in (*items, "Der Weg des Klei")] == [*items, "Der Weg des Klei"]


def test_a_name_under_a_quote_may_have_an_office_below_it() -> None:
    signed = (
        "<blockquote><p>„Wir bauen höher.“</p><div>Ole Brodersen</div><div>Deichgraf in Nordkrog</div></blockquote>"
    )
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=signed)))
    assert sample_pages.rules_of(made, "Ole Brodersen") == sample_pages.rules_of(made, "Deichgraf") == {"quote-credit"}


def test_a_numbered_heading_is_no_date() -> None:
    for heading in ("4. Maintain the dike", "9. Augmented reality"):
        assert word_lists.rule_of_line(heading) is None
    assert word_lists.rule_of_line("Stand: 4. Mai 2024, 6:00 Uhr") == "dateline"


@pytest.mark.parametrize(
    "notice",
    [
        "Beiträge von Gästen müssen nicht der Meinung der Redaktion entsprechen.",
        "Der Text gibt nicht unbedingt die Meinung der Redaktion wieder.",
        "免责声明：本文只代表作者的看法。",
        "2、本网转载其他媒体之稿件，意在提供服务。",
        "① 凡本網注明來源者，版權均屬本網。",
        "Küstenrundfunk Nordkrog, Am Siel 3. All Rights Reserved.",
        "Where not otherwise specified, this work is free to share",
        "Оцените, пожалуйста, статью.",
    ],
)
def test_what_a_publisher_does_not_answer_for_is_said_beside_the_text(notice: str) -> None:
    assert word_lists.rule_of_line(notice) in ("feedback", "agency-credit")


@pytest.mark.parametrize("copies", [2, 3])
@pytest.mark.parametrize("short", ["", "<ul><li>Baubeginn im März</li><li>Fertig in sechs Jahren</li></ul>"])
def test_of_a_text_that_the_page_has_for_each_width_of_the_screen_one_copy_stays(copies: int, short: str) -> None:
    once = sample_pages.lines(inside=short)
    twice = "".join(f'<div class="variant-{n}"><div class="x9">{once}</div></div>' for n in range(copies))
    made = sample_pages.read(sample_pages.page(twice))
    assert made.article.text == sample_pages.read(sample_pages.page(once)).article.text
    assert ("Baubeginn im März" in made.article.text) == bool(short)


def test_lists_of_facts_that_repeat_a_few_lines_keep_them() -> None:
    facts = "".join(
        f"<h3>Abschnitt {n}</h3><ul><li>Höhe acht Meter</li><li>Klei vom anderen Ufer</li></ul>" for n in (1, 2)
    )
    text = sample_pages.read(sample_pages.page(sample_pages.lines(inside=facts))).article.text
    assert text.count("Höhe acht Meter\nKlei vom anderen Ufer") == 2


def test_what_the_entries_of_a_list_have_in_common_stays_and_what_is_shown_twice_goes() -> None:
    common = "Der Eintritt ist frei, eine Anmeldung im Rathaus von Nordkrog ist nicht nötig."
    entry = (
        "<h3>{0}. Rundgang</h3><p>Der {0}. Rundgang beginnt um {0} Uhr am Siel und führt über den Deich.</p><p>{1}</p>"
    )
    entries = "".join(entry.format(n, common) for n in (2, 3, 4))
    text = sample_pages.read(sample_pages.page(sample_pages.lines(inside=entries))).article.text
    assert text.count(common) == 3
    copied = f"<p>{common}</p><p>Zwischen zwei Rundgängen öffnet das Museum am Hafen.</p>"
    text = sample_pages.read(
        sample_pages.page(sample_pages.lines(inside=copied, after=f"<p>{common}</p>"))
    ).article.text
    assert text.count(common) == 2
    boxed = f'<div class="x7"><strong>{common}</strong></div>'
    text = sample_pages.read(sample_pages.page(sample_pages.lines(inside=copied, after=boxed))).article.text
    assert text.count(common) == 1


def test_parts_of_a_plan_that_have_most_of_their_lines_in_common_stay_whole() -> None:
    common = ["Montag: zwei Runden auf dem Deich, danach dehnen", "Mittwoch: eine Runde mit Gewicht in den Schuhen"]
    weeks = [
        [f"Die Woche {n} der Vorbereitung", *common, f"Sonntag: {n + 7} Kilometer durch das Watt"] for n in range(5)
    ]
    plan = "".join(f"<h3>{head}</h3>" + "".join(f"<p>{line}</p>" for line in days) for head, *days in weeks)
    made = sample_pages.read(sample_pages.page(sample_pages.lines(STORY[:2], after=plan)))
    assert sample_pages.text(made) == [*STORY[:2], *(line for week in weeks for line in week)]


def test_a_line_that_points_to_a_link_leads_away() -> None:
    words = "Wie ein Deich gebaut wird, zeigt unsere große Karte der Küste mit allen Baustellen des Sommers"
    linked = words.replace("unsere große", '<a href="/karte.html">unsere große').replace("Küste", "Küste</a>")
    inside = f"<p>&gt;&gt; {linked}.</p>"
    made = sample_pages.read(sample_pages.page(sample_pages.lines(inside=inside)))
    assert sample_pages.text(made) == STORY
    assert sample_pages.rules_of(made, words) == {"teaser-link"}
    unlinked = f"<p>&gt;&gt; {words}.</p>"
    assert words in sample_pages.read(sample_pages.page(sample_pages.lines(inside=unlinked))).article.text


def test_an_address_that_an_embedded_post_leaves_is_no_line_of_the_text() -> None:
    address = "https://netz.example/deichverband/status/4711?lang=de"
    assert (
        sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=f"<p>{address}</p>")))) == STORY
    )
    works = f"<ul><li>{address}</li><li>Gesa Thomsen: Deiche, Nordkrog 2019</li></ul>"
    assert address in sample_pages.text(sample_pages.read(sample_pages.page(sample_pages.lines(inside=works))))
