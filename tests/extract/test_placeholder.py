"""Pages that are served in place of an article, in several languages, and short articles that are none."""

from __future__ import annotations

import dataclasses

import pytest

from klartext.extract import document
from klartext.extract.blocks import blocks
from klartext.extract.page import NoArticle, extract
from klartext.extract.placeholder import find_placeholder
from support import sample_pages
from support.sample_pages import LEAD, STORY, TITLE

NAVIGATION = "".join(f'<li><a href="/ressort-{n}/">Ressort {n}</a></li>' for n in range(12))
FORM = '<form action="/sso"><input name="u"><input type="password" name="p"><button>OK</button></form>'


def page(title: str, body: str, head: str = "") -> str:
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def reason(html: str, **capture: str) -> str | None:
    doc = document.parse(sample_pages.capture(html, **capture))
    found = find_placeholder(doc, blocks(doc.body))
    return found.reason if found else None


PLACEHOLDERS = {
    "consent, German": (
        "consent-page",
        page("Hafenkurier: Ihre Wahl", "<h1>Weiter mit Werbung oder im Abo</h1>"
             "<p>Besuchen Sie unsere Seite wie gewohnt mit Werbung und Cookies. Die Zustimmung ist jederzeit "
             "widerrufbar, Einzelheiten stehen in der Erklärung zum Datenschutz.</p>"
             "<p>Wir und bis zu 140 Partner verarbeiten personenbezogene Daten, etwa mit Cookies und Tracking.</p>"
             "<button>Einwilligen und weiter</button>"),
    ),
    "consent, French, long": (
        "consent-page",
        page("Vos choix", "<h1>Vos données personnelles, vos choix</h1>" + "".join(
            f"<p>Avec votre consentement, nos partenaires et nous ({n}) utilisons des cookies et des traceurs pour "
            "mesurer l'audience de ce site et pour vous montrer des annonces qui vous ressemblent.</p>"
            for n in range(12)) + "<button>Tout accepter</button>"),
    ),
    "consent, Polish": (
        "consent-page",
        page("Zgoda", "<h2>Szanujemy Twoją prywatność</h2><p>Za Twoją zgodą my i nasi partnerzy używamy plików "
             "cookie na tym urządzeniu.</p><p>Podstawą przetwarzania danych osobowych jest zgoda, którą możesz "
             "cofnąć.</p><button>Zgadzam się</button>"),
    ),
    "challenge": ("challenge-page", page("Just a moment...", '<div id="x"></div><script src="/c.js"></script>')),
    "challenge by its script": (
        "challenge-page",
        page("hafenkurier.example", '<p>Bitte warten</p><script>window._cf_chl_opt={"v":1}</script>'),
    ),
    "captcha, Russian": ("challenge-page", page("Ой!", "<h1>Подтвердите, что я не робот</h1><form></form>")),
    "script, German": (
        "script-page",
        page("Hafenkurier", "<h1>Hinweis</h1><p>Bitte aktivieren Sie JavaScript, um diese Seite zu sehen.</p>"),
    ),
    "script, Japanese": ("script-page", page("港", "<p>このページを表示するにはJavaScriptを有効にしてください。</p>")),
    "empty, filled by a script": (
        "script-page", page("Hafenkurier", '<div id="root"></div><script src="/app.js"></script>')
    ),
    "noscript": (
        "script-page",
        page("Hafenkurier", "<noscript>You need to enable JavaScript to run this app.</noscript><div id='x'></div>"
             "<script src='/app.js'></script>"),
    ),
    "login, German": (
        "login-page", page("Anmelden – Hafenkurier", f"<nav><ul>{NAVIGATION}</ul></nav><h1>Anmelden</h1>{FORM}")
    ),
    "login, Spanish": ("login-page", page("Diario", f"<h1>Inicia sesión</h1>{FORM}<p>¿Olvidaste tu clave?</p>")),
    "login, a language without words": ("login-page", page("Leht", f"<h1>Logi sisse</h1>{FORM}")),
    "error, German": (
        "error-page",
        page("Hafenkurier", f"<nav><ul>{NAVIGATION}</ul></nav><h1>Seite nicht gefunden</h1><p>Die gesuchte Seite gibt "
             "es leider nicht mehr. Vielleicht hilft die Suche.</p>"),
    ),
    "error, English": ("error-page", page("503 Service Unavailable", "<h1>Service Unavailable</h1><p>Guru</p>")),
    "error, Czech": ("error-page", page("Noviny", "<h1>Stránka nenalezena</h1><p>Zkuste hledat jinde.</p>")),
    "error, a number alone": ("error-page", page("Lehti", "<h1>404</h1><p>Etusivulle</p>")),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACEHOLDERS)
def test_a_page_served_in_place_of_an_article_is_known_by_its_kind(name: str) -> None:
    expected, html = PLACEHOLDERS[name]
    assert reason(html) == expected
    with pytest.raises(NoArticle) as refused:
        extract(sample_pages.capture(html), sample_pages.SOURCE)
    assert refused.value.reason == expected
    assert refused.value.reading is not None
    assert refused.value.reading.matched is None, "it says nothing about the rules"


SHORT = f"<h1>{TITLE}</h1><p>{STORY[0]}</p>"
ARTICLES = {
    "a whole article": sample_pages.page(),
    "one about a consent page": page("Cookies: Gericht rügt Verlag", "<article><h1>Gericht rügt Cookie-Banner</h1>"
        + "".join(f"<p>Das Gericht hält die Einwilligung in Cookies für unwirksam. {line}</p>" for line in STORY)
        + "</article>", '<meta property="article:published_time" content="2024-05-20T10:00:00+02:00">'),
    "its start before a paywall": page(TITLE, f"{SHORT}<div class='paywall'>Jetzt anmelden{FORM}</div>",
        '<meta property="og:type" content="article">'),
    "a short one with a login in the head of the page": page(
        TITLE, f"<header>Anmelden{FORM}</header><ul>{NAVIGATION}</ul>{SHORT}<p>{STORY[1]}</p>",
        sample_pages.ld(datePublished="2024-05-20T09:00:00+02:00")),
    "one with the script of a guard": page(
        TITLE, f"{SHORT}<p>{' '.join(STORY)}</p><script>window._cf_chl_opt={{}}</script>"),
    "one with a note about scripts": page(
        TITLE, f"<noscript>Bitte JavaScript aktivieren</noscript>{SHORT}<p>{' '.join(STORY)}</p>"),
    "a missing person": page("Vermisster Segler nicht gefunden", f"<h1>Vermisster nicht gefunden</h1><p>{LEAD}</p>"),
    "the line 404": page("Bus 404 fährt wieder", f"<h1>Bus 404 fährt wieder</h1><p>{STORY[0]}</p>"),
}  # fmt: skip


MENU = "".join(f'<li><a href="/ressort-{n}/">Ressort {n}</a></li>' for n in range(50))
ARTICLES |= {
    "short, with a check for robots at the comments": page(
        TITLE, f"<ul>{MENU}</ul><h1>{TITLE}</h1><p>{LEAD}</p><form><div class='g-recaptcha'></div></form>"),
    "short, with a form to log in above a long menu": page(
        TITLE, f"<div>Anmelden</div>{FORM}<ul>{MENU}</ul><h1>{TITLE}</h1><p>{LEAD}</p>"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_is_none_however_short(name: str) -> None:
    assert reason(ARTICLES[name]) is None


def test_an_address_that_leads_to_the_front_page_is_gone() -> None:
    front = page("Hafenkurier", f"<ul>{NAVIGATION}</ul>")
    capture = sample_pages.capture(front, url="https://www.hafenkurier.example/")
    doc = document.parse(dataclasses.replace(capture, seed=sample_pages.URL))
    found = find_placeholder(doc, blocks(doc.body))
    assert found is not None and found.reason == "error-page"
    assert reason(front) is None
