"""Who wrote it: people and wire services, and nothing that is neither."""

from __future__ import annotations

import pytest

from klartext.extract import word_lists
from klartext.extract.bylines import is_credit, services
from support import sample_pages
from support.sample_pages import HOUSES, STORY


def who(*, top: str = "", after: str = "", head: str = "", house: str = "semantic") -> tuple[list[str], list[str]]:
    made = sample_pages.read(sample_pages.page(sample_pages.lines(after=after), top=top, head=head, house=house))
    assert sample_pages.text(made) == STORY
    return made.article.authors, made.article.agencies


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(
    ("byline", "people", "agencies"),
    [
        ("Von Wiebke Petersen", ["Wiebke Petersen"], []),
        ("Von Wiebke Petersen und Jan Harms", ["Wiebke Petersen", "Jan Harms"], []),
        ("Von Wiebke Petersen, Jan Harms und Dr. Ayşe Yıldız", ["Wiebke Petersen", "Jan Harms", "Dr. Ayşe Yıldız"], []),
        ("VON WIEBKE PETERSEN", ["WIEBKE PETERSEN"], []),
        ("Von Hans-Jürgen von der Marwitz", ["Hans-Jürgen von der Marwitz"], []),
        ("Von Siobhán O’Reilly", ["Siobhán O’Reilly"], []),
        ("Ein Kommentar von Jan Harms", ["Jan Harms"], []),
        ("Text: Jan Harms", ["Jan Harms"], []),
        ("Von Wiebke Petersen (Text) und Jan Harms (Fotos)", ["Wiebke Petersen", "Jan Harms"], []),
        ("Von Wiebke Petersen w.petersen@hafenkurier.example", ["Wiebke Petersen"], []),
        ("Von Wiebke Petersen - 20.05.2024", ["Wiebke Petersen"], []),
        ("Von Wiebke Petersen, Hafenkurier", ["Wiebke Petersen"], []),
        ("Von Hafenkurier", [], []),
        ("Von redaktion@hafenkurier.example", [], []),
        ("Von hafenkurier.example", [], []),
        ("Von wp", [], []),
    ],
)
def test_the_byline_on_the_page(byline: str, people: list[str], agencies: list[str], house: str) -> None:
    assert who(top=f"<p>{byline}</p>", house=house) == (people, agencies)


def test_a_byline_told_by_its_name() -> None:
    assert who(top='<div class="author"><a href="/autoren/wp">Wiebke Petersen</a></div>')[0] == ["Wiebke Petersen"]


def test_people_and_services_in_one_byline() -> None:
    people, agencies = who(top="<p>Von Wiebke Petersen, Jan Harms, dpa</p>")
    assert people == ["Wiebke Petersen", "Jan Harms"]
    assert agencies == ["dpa"]


@pytest.mark.parametrize(
    ("author", "people", "agencies"),
    [
        ({"@type": "Person", "name": "Wiebke Petersen"}, ["Wiebke Petersen"], []),
        ([{"@type": "Person", "name": "Wiebke Petersen"}, {"@type": "Person", "name": "Jan Harms"}],
         ["Wiebke Petersen", "Jan Harms"], []),
        ({"@type": "Person", "name": ["Wiebke Petersen", "Jan Harms"]}, ["Wiebke Petersen", "Jan Harms"], []),
        ("Wiebke Petersen", ["Wiebke Petersen"], []),
        ("Wiebke Petersen, Jan Harms", ["Wiebke Petersen", "Jan Harms"], []),
        ({"@type": "Person", "name": "Von Wiebke Petersen"}, ["Wiebke Petersen"], []),
        ({"@type": "Organization", "name": "Hafenkurier"}, ["Hafenkurier"], []),
        ({"@type": "Organization", "name": "Redaktion Hafen"}, ["Redaktion Hafen"], []),
        ({"@type": "NewsMediaOrganization", "name": "hafenkurier.example"}, ["hafenkurier.example"], []),
        ({"@type": "Person", "name": "Hafenkurier"}, ["Hafenkurier"], []),
        ({"@type": "Person", "name": "redaktion@hafenkurier.example"}, [], []),
        ({"@type": "Person", "name": None}, [], []),
        ({"@type": "Person", "name": 7}, [], []),
        ([], [], []),
        ([None, 7, []], [], []),
    ],
)  # fmt: skip
def test_authors_in_json_ld(author: object, people: list[str], agencies: list[str]) -> None:
    assert who(head=sample_pages.ld(author=author, publisher={"@type": "Organization", "name": "Hafenkurier"})) == (
        people,
        agencies,
    )


def test_the_house_is_no_author_where_somebody_is_named() -> None:
    house = sample_pages.ld(author={"@type": "Person", "name": "Hafenkurier"})
    assert who(head=house, top="<p>Von Wiebke Petersen</p>") == (["Wiebke Petersen"], [])
    both = [{"@type": "Person", "name": name} for name in ("Hafenkurier", "Wiebke Petersen")]
    assert who(head=sample_pages.ld(author=both)) == (["Wiebke Petersen"], [])
    both[0]["@type"] = "Organization"
    assert who(head=sample_pages.ld(author=both)) == (["Wiebke Petersen"], [])


def test_a_list_of_services_as_authors() -> None:
    authors, agencies = who(head=sample_pages.ld(author=[{"@type": "Organization", "name": n} for n in ("AFP", "dpa")]))
    assert agencies == ["AFP", "dpa"]
    assert [name for name in authors if name not in agencies] == []


@pytest.mark.parametrize("house", HOUSES)
@pytest.mark.parametrize(
    ("line", "agencies"),
    [
        ("Quelle: ntv.de, hul/dpa/AFP", ["dpa", "AFP"]),
        ("Quelle: hafenkurier.example, wp/dpa", ["dpa"]),
        ("(dpa)", ["dpa"]),
        ("(dpa/AFP)", ["dpa", "AFP"]),
        ("dpa/wp", ["dpa"]),
        ("© dpa-infocom, dpa:240516-99-1/3", ["dpa"]),
        ("Hafenkurier, AFP, dpa", ["AFP", "dpa"]),
        ("Mit Material von AFP und Reuters", ["AFP", "Reuters"]),
        ("Quelle: hafenkurier.example, wp", []),
    ],
)
def test_services_in_the_closing_line(line: str, agencies: list[str], house: str) -> None:
    found, named = who(after=f"<p>{line}</p>", house=house)
    assert named == agencies
    assert found == [], "initials and services are no people"


def test_services_in_a_closing_bracket_of_the_last_paragraph() -> None:
    story = [*STORY[:-1], f"{STORY[-1]} (dpa/AFP)"]
    made = sample_pages.read(sample_pages.page(sample_pages.lines(story)))
    assert sample_pages.text(made) == story
    assert (made.article.authors, made.article.agencies) == ([], ["dpa", "AFP"])


def test_a_service_spoken_of_in_the_text_is_no_source_of_it() -> None:
    story = [*STORY[:3], "Das sagte die Ministerin der Nachrichtenagentur dpa.", *STORY[3:]]
    assert sample_pages.read(sample_pages.page(sample_pages.lines(story))).article.agencies == []


@pytest.mark.parametrize(
    "credit",
    ["<figcaption>Der Deich. Foto: Jan Harms/dpa</figcaption>", "<figcaption>© dpa</figcaption>", "<p>Quelle: dpa</p>"],
)
def test_the_service_of_a_picture_is_not_the_texts(credit: str) -> None:
    picture = f'<figure><img src="/deich.jpg" alt="">{credit}</figure>'
    assert who(top=picture) == ([], [])
    assert who(after=picture) == ([], [])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("dpa", ["dpa"]),
        ("ZEIT ONLINE, AFP, dpa", ["AFP", "dpa"]),
        ("hul/dpa/AFP", ["dpa", "AFP"]),
        ("dpa/dpa/DPA", ["dpa"]),
        ("Deutsche Presse-Agentur", ["dpa"]),
        ("dpa-infocom, dpa:240516-99-1/3", ["dpa"]),
        ("Padparadscha, Apfel, Reutersbrunn", []),
        ("", []),
    ],
)
def test_services_by_every_name(text: str, wanted: list[str]) -> None:
    assert services(text) == wanted


@pytest.mark.parametrize(
    "line",
    [
        "(dpa)",
        "dpa/AFP",
        "Quelle: dpa",
        "Mit Material der dpa",
        "(wp)",
        "dpa-infocom, dpa:240516-99-1/3",
        "AFP, dpa, wp",
    ],
)
def test_lines_that_only_credit(line: str) -> None:
    assert is_credit(line)


@pytest.mark.parametrize(
    "line",
    [
        "", "Und die Schafe?", "Das sagte sie der dpa.", "2024", "Nordkrog (dpa) - Der Deich wächst.", "Ja.",
        "AP Moller", "Der dpa liegt das Gutachten vor",
    ],
)  # fmt: skip
def test_lines_that_do_more_than_credit(line: str) -> None:
    assert not is_credit(line)


def test_the_publishers_name_may_stand_in_a_credit() -> None:
    assert is_credit("Hafenkurier/dpa", publisher="Hafenkurier")
    assert not is_credit("Hafenkurier/dpa")


def test_every_writing_of_a_service_is_lower_cased_data() -> None:
    assert all(name == name.lower() for name in word_lists.agencies())
    assert {"dpa", "AFP", "Reuters", "AP", "epd", "KNA", "SID"} <= set(word_lists.agencies().values())


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta name="authors" content="Jule Sandmann">', ["Jule Sandmann"]),
        ('<meta name="parsely-author" content="Jule Sandmann">', ["Jule Sandmann"]),
        ('<meta name="sailthru.author" content="By Jule Sandmann, Senior Editor">', ["Jule Sandmann"]),
        ('<meta name="dc.creator" content="Jule Sandmann; Kai Brook">', ["Jule Sandmann", "Kai Brook"]),
        ('<meta name="citation_author" content="Sandmann, Jule"><meta name="citation_author" content="Brook, Kai">',
         ["Jule Sandmann", "Kai Brook"]),
        ('<meta name="author" content="Jule Sandmann, MD, PhD">', ["Jule Sandmann"]),
        ('<meta name="author" content="https://www.facebook.com/jule">', []),
        ('<meta name="author" content="admin">', ["admin"]),
        ('<meta name="twitter:label1" content="Verfasst von"><meta name="twitter:data1" content="Jule Sandmann">',
         ["Jule Sandmann"]),
        (sample_pages.ld(author={"@type": "Person", "givenName": "Jule", "familyName": "Sandmann"}), ["Jule Sandmann"]),
        (sample_pages.ld(author=[{"@type": "Person", "name": "J&uuml;rgen M&#252;hle"}]), ["Jürgen Mühle"]),
        (sample_pages.ld(author=[{"@type": "Person", "name": "배윤경 기자"}]), ["배윤경"]),
    ],
)  # fmt: skip
def test_authors_of_metadata_in_every_shape(head: str, expected: list[str]) -> None:
    found = sample_pages.read(sample_pages.page(head=head)).article.authors
    assert [name for name in found if name != "admin"] == [name for name in expected if name != "admin"]


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
    assert who(top=top)[0] == expected


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
    ("head", "expected"),
    [
        ('<meta name="author" content="105092">', []), ('<meta name="author" content="Nachrichten">', []),
        ('<meta name="author" content="Jule Sandmann Hafenkurier">', ["Jule Sandmann"]),
        ('<meta name="dc.creator" content="Jule Sandmann">'
         '<meta name="citation_authors" content="Jule Sandmann; Kai Brook">',
         ["Jule Sandmann", "Kai Brook"]),
    ],
)  # fmt: skip
def test_names_of_metadata_that_are_none_or_hold_more(head: str, expected: list[str]) -> None:
    assert who(head=head)[0] == expected


def test_the_parts_of_a_marked_author_are_apart() -> None:
    marked = '<a rel="author" href="/a"><div>Jule Sandmann</div><div>Gründerin von Brook und Söhne</div></a>'
    assert who(top=f"<div>{marked}</div>")[0][:1] == ["Jule Sandmann"]
