"""Names of authors that a reader sees on a page."""

from __future__ import annotations

import pytest

from support import sample_pages


def authors(*, top: str = "", below: str = "") -> list[str]:
    """The authors of a page with HTML between headline and text, and below the article."""
    made = sample_pages.read(sample_pages.page(top=top, below=below))
    assert sample_pages.text(made) == sample_pages.STORY
    return made.article.authors


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Jule Sandmann", ["Jule Sandmann"]),
        ("Par Jule Sandmann", ["Jule Sandmann"]),
        ("Por Jule Sandmann", ["Jule Sandmann"]),
        ("Door Jule Sandmann", ["Jule Sandmann"]),
        ("Di Jule Sandmann", ["Jule Sandmann"]),
        ("Av Jule Sandmann", ["Jule Sandmann"]),
        ("Written by Jule Sandmann", ["Jule Sandmann"]),
        ("Von Jule Sandmann und Kai Brook", ["Jule Sandmann", "Kai Brook"]),
        ("By Jule Sandmann December 12, 2024", ["Jule Sandmann"]),
        ("By Jule Sandmann | 3 min read", ["Jule Sandmann"]),
        ("Updated on May 14, 2024", []),
        ("By the numbers", []),
    ],
)
def test_bylines_in_several_languages(line: str, expected: list[str]) -> None:
    assert sample_pages.read(sample_pages.page(top=f'<p class="byline">{line}</p>')).article.authors == expected


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("<p>Written by</p><p>Jule Sandmann</p>", ["Jule Sandmann"]),
        ("<div>Von</div><div>Jule Sandmann und Kai Brook</div>", ["Jule Sandmann", "Kai Brook"]),
        ("<p>Jule Sandmann | Senior Writer | May 14, 2024</p>", ["Jule Sandmann"]),
        ("<p>Jule Sandmann | Kai Brook</p>", []),
        ('<p class="author">Jule Sandmann | Kai Brook</p>', ["Jule Sandmann", "Kai Brook"]),
        ('<p class="author">Jule Sandmann | Politik</p>', ["Jule Sandmann"]),
        ("<p>14.05.2024 by Jule Sandmann, Representative of the Committee</p>", ["Jule Sandmann"]),
        ("<p>May 14, 2024 | By Jule Sandmann</p>", ["Jule Sandmann"]),
        ("<p>By Jule Sandmann April 5, 2024</p>", ["Jule Sandmann"]),
        ("<p>By Jule Sandmann, New York</p>", ["Jule Sandmann"]),
        ("<p>By Jule Sandmann Senior Politics Editor</p>", ["Jule Sandmann"]),
        ("<p>By Jule Sandmann Hafenkurier</p>", ["Jule Sandmann"]),
        ("<p>Von Jule Sandmann, Chefredakteurin</p>", ["Jule Sandmann"]),
        ("<p>By The Harbour Team</p>", ["The Harbour Team"]),
        ("<p>Photo by Jule Sandmann on Unsplash</p>", []),
        ('<p>14. Mai <a href="/autoren/jule-sandmann">Jule Sandmann</a></p>', ["Jule Sandmann"]),
        ('<p>May 14 <span class="author vcard">Jule Sandmann</span></p>', ["Jule Sandmann"]),
        ('<div class="author"><p>Jule Sandmann</p><a href="/a/1">Ver más artículos</a></div>', ["Jule Sandmann"]),
        ('<figure><img src="/a.jpg"><figcaption><span class="author">Kai Brook</span></figcaption></figure>', []),
        ('<div class="author"><p>Full Bio</p><p>Jule Sandmann</p></div>', ["Jule Sandmann"]),
        ('<div class="author"><a href="/a/1">Jule Sandmann</a><p>Bluesky Mastodon</p></div>', ["Jule Sandmann"]),
        ("<p>Das Gespräch führte Jule Sandmann.</p>", ["Jule Sandmann"]),
        ("<p>Автор: Юлия Песчаная</p>", ["Юлия Песчаная"]), ("<p>Συντάκτης: Ελένη Άμμου</p>", ["Ελένη Άμμου"]),
        ("<p>Piše: Jule Sandmann</p>", ["Jule Sandmann"]), ("<p>A cura di Jule Sandmann</p>", ["Jule Sandmann"]),
        ("<p>Oleh Jule Sandmann</p>", ["Jule Sandmann"]), ("<p>Yazar: Ayşe Kumcu</p>", ["Ayşe Kumcu"]),
        ("<p>بقلم: ليلى الرملي</p>", ["ليلى الرملي"]), ("<p>(责编：牛小海、岳文)</p>", ["牛小海", "岳文"]),
    ],
)  # fmt: skip
def test_bylines_by_how_they_are_built(top: str, expected: list[str]) -> None:
    assert authors(top=top) == expected


def test_a_space_parts_two_people_in_chinese_and_not_in_japanese() -> None:
    html = sample_pages.page(top="<p>记者 牛小海 岳文</p>")
    for language, expected in (("zh", ["牛小海", "岳文"]), ("ja", ["牛小海 岳文"])):
        assert sample_pages.read(html.replace('lang="de"', f'lang="{language}"')).article.authors == expected


def test_an_author_that_a_line_or_a_link_names_anywhere_on_the_page() -> None:
    far = "<p>Impressum</p>" * 9
    for below in (
        "<ul><li>Autorin/Autor Jule Sandmann</li></ul>", '<p>Mehr <a href="/authors/jule">Jule Sandmann</a></p>',
        '<div class="author"><b>Jule Sandmann</b></div>',
    ):  # fmt: skip
        assert sample_pages.read(sample_pages.page(below=far + below)).article.authors == ["Jule Sandmann"]
    staff = "".join(f'<p><a href="/authors/{n}">{n} Sandmann</a></p>' for n in ("Jule", "Kai", "Ole", "Gesa"))
    assert sample_pages.read(sample_pages.page(below=far + staff)).article.authors == []
    card = (
        '<div class="teaser"><a href="/b.html">Die Fähre fährt mit Strom</a> <a href="/authors/k">Kai Brook</a></div>'
    )
    assert sample_pages.read(sample_pages.page(below=far + card)).article.authors == []


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("<p>by Jule Sandmann ● December 23, 2024 ● 6 min read</p>", ["Jule Sandmann"]),
        ("<p>May 14, 2024 ⋅ by Jule Sandmann</p>", ["Jule Sandmann"]),
        ("<p>Jule Sandmann ▪ Senior Writer</p>", ["Jule Sandmann"]),
        ("<p>Jule Sandmann</p><p>Staff Writer</p>", ["Jule Sandmann"]),
        ("<p>Nordkrog Hafen</p><p>Der Deich</p>", []),
        ('<p>by <a href="/author/jule/">Jule</a> · May 14, 2024</p>', ["Jule"]),
        ('<div class="author"><a href="/blog/author/jule/">Jule</a></div>', ["Jule"]),
        ('<p>by <a href="/tag/jule/">Jule</a> · May 14, 2024</p>', []),
    ],
)  # fmt: skip
def test_bylines_of_blogs_and_of_pages_built_of_fields(top: str, expected: list[str]) -> None:
    assert authors(top=top) == expected


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("<p><i>By</i><b>Jule Sandmann</b></p>", ["Jule Sandmann"]),
        ("<p>by <b>Jule Sandmann</b><i>November 20, 2023</i></p>", ["Jule Sandmann"]),
        ('<div class="article__author"><b>Jule Sandmann</b><i>Founder at Brook</i></div>', ["Jule Sandmann"]),
        ("<p>By Jule McBrook</p>", ["Jule McBrook"]),
    ],
)  # fmt: skip
def test_a_name_that_runs_together_with_what_is_beside_it(top: str, expected: list[str]) -> None:
    assert authors(top=top) == expected


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("<p>Von Peter Freitag</p>", ["Peter Freitag"]), ("<p>By Alyssa Maio on May 14, 2024</p>", ["Alyssa Maio"]),
        ("<p>Redaktion: Jule Sandmann und Kai Brook</p>", ["Jule Sandmann", "Kai Brook"]),
        ("<p>Redaktion Jule Sandmann Brook</p>", []),
        ('<p class="author">Dec. 19, 2023 · Jule Sandmann on behalf of the Harbour Group</p>', ["Jule Sandmann"]),
        ("<p>By Jule Sandmann for Hafenkurier</p>", ["Jule Sandmann"]),
        ('<p>Mehr <a href="/?author=3">Jule Sandmann</a></p>', ["Jule Sandmann"]),
        ('<div class="author-description">Licensed Harbour Pilot, M.A. Journalism</div>', []),
        ("<p>Top B2B agencies in 2024</p>", []),
    ],
)  # fmt: skip
def test_what_belongs_to_a_name_and_what_does_not(top: str, expected: list[str]) -> None:
    assert authors(top=top) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By KAI BROOK", ["KAI BROOK"]), ("By JULE SANDMANN and KAI BROOK", ["JULE SANDMANN", "KAI BROOK"]),
        ("By Jule Sandmann, RD LDN", ["Jule Sandmann"]),
        ("By JULE SANDMANN and KAI BROOK Associated Press", ["JULE SANDMANN", "KAI BROOK"]),
        ("This post was written by Jule Sandmann", ["Jule Sandmann"]),
        ("The story was originally written by Jule Sandmann", ["Jule Sandmann"]),
        ("By Jule Sandmann, Head of Marketing and Harbour Development", ["Jule Sandmann"]),
        ("By Jule Sandmann, Senior Director of Ferries and Harbour Walls, Kai Brook", ["Jule Sandmann", "Kai Brook"]),
        ("By Jule Sandmann Former Harbour Editor", ["Jule Sandmann"]),
        ("Jule Sandmann, Staff Writer", ["Jule Sandmann"]), ("Юлия Песчаная, корреспондент", ["Юлия Песчаная"]),
        ("Jule Sandmann, Bürgermeisterin", []), ("Von unserer Korrespondentin Jule Sandmann", ["Jule Sandmann"]),
        ("Propos recueillis par Jule Sandmann", ["Jule Sandmann"]), ("Texto: Jule Sandmann", ["Jule Sandmann"]),
        ("Autor/in: Jule Sandmann", ["Jule Sandmann"]), ("Author(s): Jule Sandmann", ["Jule Sandmann"]),
        ("Text und Fotos: Jule Sandmann", ["Jule Sandmann"]), ("Autorzy: Jule Sandmann i Kai Brook",
                                                               ["Jule Sandmann", "Kai Brook"]),
        ("記者牛小海／台北報導", ["牛小海"]), ("（記者牛小海）", ["牛小海"]), ("記者会は明日の午後に開かれる", []),
        ("모래알 기자", ["모래알"]), ("[부산=항구일보] 모래알 기자 =", ["모래알"]), ("लेखक: राम शर्मा", ["राम शर्मा"]),
    ],
)  # fmt: skip
def test_bylines_of_many_kinds(line: str, expected: list[str]) -> None:
    assert authors(top=f"<p>{line}</p>") == expected


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("<p>Written by</p><p>Jule Sandmann</p><p>Fact checked by</p><p>Kai Brook</p>", ["Jule Sandmann"]),
        ("<p>Fact-checked by:</p><p>Kai Brook</p><p>Written by</p><p>Jule Sandmann</p>", ["Jule Sandmann"]),
        ("<p>Edited by</p><p>Written by</p><p>Jule Sandmann</p>", ["Jule Sandmann"]),
        ("<p>By Jule Sandmann</p><p>Updated by Kai Brook</p>", ["Jule Sandmann"]),
        ("<p>By Jule Sandmann, edited by Kai Brook and Ole Siel</p>", ["Jule Sandmann"]),
        ("<p>By Jule Sandmann; photos by Kai Brook</p>", ["Jule Sandmann"]),
        ("<p>Medically reviewed by Kai Brook</p>", []),
        ("<p>Von Jule Sandmann | Übersetzt von Kai Brook</p>", ["Jule Sandmann"]),
        ("<p>Par Jule Sandmann, traduit par Kai Brook</p>", ["Jule Sandmann"]),
        ("<p>Words and photos by Jule Sandmann</p>", ["Jule Sandmann"]),
        ("<p>Reviewed by Jule Sandmann</p>", ["Jule Sandmann"]),
    ],
)  # fmt: skip
def test_who_did_other_work_than_writing_is_no_author(top: str, expected: list[str]) -> None:
    assert authors(top=top) == expected


def test_a_label_far_below_the_text_names_several_people() -> None:
    line = "<p>Authors: Jule Sandmann and Kai Brook, harbour educators</p>"
    assert authors(below="<p>Impressum</p>" * 9 + line) == ["Jule Sandmann", "Kai Brook"]
