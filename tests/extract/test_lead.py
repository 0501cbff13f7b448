from __future__ import annotations

import pytest

from support import sample_pages
from support.sample_pages import HOUSES, LEAD, STORY

SAID = f'<meta name="description" content="{LEAD}">'
SEO = '<meta name="description" content="Deich Nordkrog 2024: Bau, Kosten, Zeitplan. Alles, was man wissen muss.">'


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(
    ("shown", "head"),
    [
        (f"<p>{LEAD}</p>", SAID),
        (f'<div class="x7">{LEAD}</div>', SAID),
        (f"<h2>{LEAD}</h2>", SAID),
        (f"<p><strong>{LEAD}</strong></p>", SAID),
        (f"<p>Nordkrog. {LEAD}</p>", SAID),
        (f"<p>{LEAD}</p>", f'<meta property="og:description" content="{LEAD}">'),
        (f"<p>{LEAD}</p>", sample_pages.ld(description=LEAD)),
        (f"<p>{LEAD}</p>", f'<meta name="description" content="{LEAD[:90]}...">'),
        (f'<p class="vorspann">{LEAD}</p>', SEO),
        (f'<div class="article-lead"><p>{LEAD}</p></div>', ""),
        (f'<p class="standfirst">{LEAD}</p>', ""),
        (f"<p><b>{LEAD}</b></p>", SEO),
    ],
    ids=[
        "description", "description in div", "description as heading", "description in bold", "place before it",
        "og", "json-ld", "description cut off", "class, seo text as description", "wrapper's class", "class", "bold",
    ],
)  # fmt: skip
def test_the_lead_stands_apart_from_the_text(shown: str, head: str, house: str) -> None:
    made = sample_pages.read(sample_pages.page(top=shown, head=head, house=house))
    assert made.article.lead is not None
    assert made.article.lead.removeprefix("Nordkrog. ") == LEAD
    assert sample_pages.text(made) == STORY


def test_a_lead_at_the_head_of_the_text() -> None:
    made = sample_pages.read(sample_pages.page(sample_pages.lines([LEAD, *STORY]), head=SAID))
    assert (made.article.lead, sample_pages.text(made)) == (LEAD, STORY)


@pytest.mark.parametrize("house", HOUSES)
def test_a_description_that_the_page_does_not_show_is_no_lead(house: str) -> None:
    made = sample_pages.read(sample_pages.page(head=SEO, house=house))
    assert (made.article.lead, sample_pages.text(made)) == (None, STORY)


@pytest.mark.parametrize("house", HOUSES)
def test_a_page_without_a_lead_keeps_its_first_paragraph(house: str) -> None:
    made = sample_pages.read(sample_pages.page(house=house))
    assert (made.article.lead, sample_pages.text(made)) == (None, STORY)


def test_a_caption_above_the_text_is_no_lead() -> None:
    picture = "<figure><img src='/d.jpg'><figcaption>Bürgermeisterin Gesa Thomsen heftet im Saal der alten Schule den "
    picture += "Plan an die Wand.</figcaption></figure>"
    made = sample_pages.read(sample_pages.page(top=picture))
    assert (made.article.lead, sample_pages.text(made)) == (None, STORY)


def test_a_lead_in_points() -> None:
    points = ["Der Deich wächst um zwei Meter und wird breiter.", "Das Land zahlt neun Zehntel der Kosten dafür."]
    shown = '<ul class="summary">' + "".join(f"<li>{point}</li>" for point in points) + "</ul>"
    made = sample_pages.read(sample_pages.page(top=shown))
    assert (made.article.lead, sample_pages.text(made)) == (" ".join(points), STORY)


def test_a_heading_below_the_headline_is_the_lead_of_a_page_that_describes_itself_with_its_first_paragraph() -> None:
    subtitle = "Der Deichverband von Nordkrog will im Sommer bauen, obwohl die Schafe dann auf der Krone stehen"
    head = f'<meta name="description" content="{STORY[0]}">'
    made = sample_pages.read(sample_pages.page(top=f"<h2>{subtitle}</h2>", head=head, house="semantic"))
    assert made.article.lead == subtitle
    assert sample_pages.text(made) == STORY


@pytest.mark.parametrize("name", ["author-tooltip", "newsletter-signup", "wp-caption", "breadcrumbs"])
def test_a_sentence_in_a_box_that_is_named_for_something_else_is_no_lead(name: str) -> None:
    sentence = "Ein Satz, der zwischen der Überschrift und dem Text steht und von anderem handelt."
    box = f'<div class="{name}"><p>{sentence}</p></div>'
    made = sample_pages.read(sample_pages.page(top=box, house="bare"))
    assert made.article.lead is None
    plain = sample_pages.read(sample_pages.page(top=box.replace(name, "x7"), house="bare"))
    assert plain.article.lead is not None


def test_one_item_of_a_list_is_no_lead() -> None:
    items = "".join(
        f"<li>Der {n}. Punkt einer Liste, die über dem Text steht und ihn kurz fasst.</li>" for n in (1, 2, 3)
    )
    made = sample_pages.read(sample_pages.page(top=f"<ul>{items}</ul>", house="bare"))
    assert made.article.lead is None


def test_a_lead_far_from_the_text_that_the_text_repeats_is_only_the_lead() -> None:
    lead = LEAD[:62]
    top = f'<div class="x1"><div class="x2"><p class="x3">{lead}</p></div></div>'
    made = sample_pages.read(sample_pages.page(sample_pages.lines([lead, *STORY]), top=top, house="bare"))
    assert (made.article.lead, sample_pages.text(made)) == (lead, STORY)


@pytest.mark.parametrize("lead", ["", f'<p class="excerpt">{LEAD}</p>'])
@pytest.mark.parametrize("name", ["image-description", "image__caption text-summary"])
def test_what_describes_an_image_is_no_lead(name: str, lead: str) -> None:
    caption = "Bürgermeisterin Gesa Thomsen heftet im Saal der alten Schule den Plan an die Wand, der Deich wächst."
    top = f'{lead}<div class="x1"><img src="/d.jpg"></div><div class="{name}">{caption}</div><p>Von Gesa Petersen</p>'
    made = sample_pages.read(sample_pages.page(top=top, head=SEO))
    assert made.article.lead == (LEAD if lead else None)
    assert sample_pages.text(made) == STORY


def test_what_stands_in_a_caption_too_is_no_lead() -> None:
    caption = "Bürgermeisterin Gesa Thomsen heftet im Saal der alten Schule den Plan an die Wand, der Deich wächst."
    top = f'<figure><img src="/d.jpg"><figcaption>{caption}</figcaption></figure><div class="x1">{caption}</div>'
    made = sample_pages.read(sample_pages.page(top=top, head=SEO))
    assert (made.article.lead, sample_pages.text(made)) == (None, STORY)
