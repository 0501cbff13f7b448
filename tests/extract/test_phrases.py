"""The phrases beside an article in many languages, and sentences of the news that begin alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from klartext.extract import phrases
from support import sample_pages
from support.sample_pages import STORY

BESIDE = {
    "Read more": "teaser-link",
    "► READ ALSO: Harbour fees to rise in May": "teaser-link",
    "Related articles": "teaser-link",
    "Lire aussi :": "teaser-link",
    "À lire aussi – Le port de Calais rouvre": "teaser-link",
    "Lea también: El puerto sube sus tasas": "teaser-link",
    "Leggi anche > Il porto riapre": "teaser-link",
    "Czytaj też: Port podnosi opłaty": "teaser-link",
    "Читайте также: В порту подорожает стоянка": "teaser-link",
    "Διαβάστε επίσης: Ακριβότερο το λιμάνι": "teaser-link",
    "相关阅读": "teaser-link",
    "あわせて読みたい": "teaser-link",
    "[관련기사] 항만 요금 인상": "teaser-link",
    "اقرأ أيضا: ارتفاع رسوم الميناء": "teaser-link",
    "Les også: Havna blir dyrere": "teaser-link",
    "Sign up for our weekly letter and get the harbour in your inbox.": "newsletter",
    "Suivez-nous sur Facebook": "newsletter",
    "Подписывайтесь на наш канал": "newsletter",
    "Il vous reste 40 % de cet article à lire.": "subscription",
    "Already a subscriber? Log in": "subscription",
    "Photo: A. Keeper": "caption",
    "Foto’s": None,
    "Фото: пресс-служба порта": "caption",
    "写真=港湾局": "caption",
    "(Reporting by A. Keeper; Editing by B. Rower)": "agency-credit",
    "Riproduzione riservata": "agency-credit",
    "Last updated: 3 May 2024": "byline",
    "Got a tip? Write to the harbour desk.": "feedback",
    "To view this content, accept the cookies of its host.": "consent",
}
RULES = {rule for rule in BESIDE.values() if rule} | {"reading-time", "author-biography"}
SENTENCES = [
    "Read more than one sentence of the report and the picture changes, the mayor said.",
    "Related companies were not named in the filing, which the court published on Monday.",
    "Photographs show the quay under water.",
    "Follow our advice, the harbour master told the crews, and no one will drown.",
    "Commentators said the fee was too low.",
    "Le port a rouvert mardi, a annoncé la mairie.",
    "Más de cien barcos esperan en la bahía.",
    "Partager le quai entre pêcheurs et plaisanciers reste difficile.",
    "Delen van de haven bleven gesloten.",
    "Del puerto salieron ayer doce barcos.",
    "Фотография стала главным доказательством в деле.",
    "写真を撮っていた男性が海に落ちた。",
    "来源不明的集装箱被扣押。",
    "Reporting duties for ports will change next year, the ministry said.",
    "Writing by hand is taught again in the island's only school.",
]


@pytest.mark.parametrize("line", BESIDE)
def test_what_a_line_beside_an_article_says(line: str) -> None:
    assert phrases.rule_of_line(line) == BESIDE[line]


@pytest.mark.parametrize("line", [*SENTENCES, *STORY])
def test_a_sentence_of_the_news_that_begins_alike_stays(line: str) -> None:
    assert phrases.rule_of_line(line) is None


@given(st.text(max_size=400))
def test_any_line_has_a_known_answer(line: str) -> None:
    assert phrases.rule_of_line(line) in {None, *RULES}


def test_lines_in_other_languages_beside_a_text_go_and_nothing_else() -> None:
    noise = [
        "Read also: Harbour fees to rise",
        "Читайте также: В порту подорожает стоянка",
        "相关阅读",
        "Photo: A. Keeper",
    ]
    body = sample_pages.lines(at=3, inside="".join(f"<p>{line}</p>" for line in noise))
    assert sample_pages.text(sample_pages.read(sample_pages.page(body))) == STORY


@pytest.mark.parametrize(
    "embed",
    [
        '<blockquote class="twitter-tweet"><p>{}</p>A. Keeper <a href="https://x.example/1">May 3</a></blockquote>',
        '<blockquote class="instagram-media" data-instgrm-permalink="https://i.example/p/1"><p>{}</p></blockquote>',
        '<blockquote class="tiktok-embed" cite="https://t.example/1"><section><p>{}</p></section></blockquote>',
        '<blockquote class="bluesky-embed"><p lang="de">{}</p></blockquote>',
    ],
)
def test_a_post_of_somebody_else_that_is_embedded_is_not_the_articles_text(embed: str) -> None:
    post = (
        "Heute früh am Kai: Das Wasser steht so hoch wie seit zwanzig Jahren nicht mehr. Wer kann, fährt das Auto weg!"
    )
    made = sample_pages.read(sample_pages.page(sample_pages.lines(at=3, inside=embed.format(post))))
    assert sample_pages.text(made) == STORY
    assert sample_pages.rules_of(made, "Heute früh am Kai") == {"embedded-post"}


def test_a_quote_of_the_article_stays() -> None:
    quote = "„Das Wasser steht so hoch wie seit zwanzig Jahren nicht mehr“, sagte die Hafenmeisterin am Morgen am Kai."
    made = sample_pages.read(
        sample_pages.page(sample_pages.lines(at=3, inside=f"<blockquote><p>{quote}</p></blockquote>"))
    )
    assert quote in sample_pages.text(made)
