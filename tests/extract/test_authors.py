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
        *((name, [], []) for name in ("null", "undefined", "Unknown", "Anonymous")),
        (["Wiebke Petersen", "WIEBKE PETERSEN", "wiebke petersen"], ["Wiebke Petersen"], []),
        (["WIEBKE PETERSEN", "Wiebke Petersen"], ["Wiebke Petersen"], []),
        ("w.petersen@hafenkurier.example (Wiebke Petersen)", ["Wiebke Petersen"], []),
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


@pytest.mark.parametrize("name", ["Hafenkurier", "Hafenkurier (hafenkurier.example)", "Redaktion hafenkurier.example"])
def test_the_publisher_is_the_author_that_metadata_state_where_only_a_service_is_credited(name: str) -> None:
    wanted = name.partition(" (")[0]
    house = sample_pages.ld(author={"@type": "Organization", "name": name})
    assert who(head=house, after="<p>Quelle: dpa</p>") == ([wanted], ["dpa"])
    assert who(head=f'<meta name="author" content="{name}">', top="<p>Von Jule Sandmann</p>") == (["Jule Sandmann"], [])
    assert who(after="<p>Quelle: dpa</p>") == ([], ["dpa"])


def test_a_list_of_roles_is_no_publisher() -> None:
    assert who(head='<meta name="author" content="content: Jule, design: Kai, code: Ole">') == ([], [])


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
        ('<meta name="DC.creator" content="Sandmann, Jule">', ["Jule Sandmann"]),
        ('<meta name="DC.creator" content="Jule Sandmann, Kai Brook">', ["Jule Sandmann", "Kai Brook"]),
        ('<meta name="author" content="&lt;a href=/x&gt;Jule Sandmann&lt;/a&gt;">', ["Jule Sandmann"]),
        ("<meta name='author' content='[\"Jule Sandmann\", \"Kai Brook\"]'>", ["Jule Sandmann", "Kai Brook"]),
        ('<meta name="author" property="x:author" content="Jule Sandmann">', ["Jule Sandmann"]),
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
    ("head", "expected"),
    [
        ('<meta name="author" content="Alyssa Maio">', ["Alyssa Maio"]),
        ('<meta name="author" content="Jule Sandmann, Jule Sandmann Gärtnerin">', ["Jule Sandmann"]),
        ('<meta name="author" content="105092">', []), ('<meta name="author" content="Nachrichten">', []),
        ('<meta name="author" content="Jule Sandmann Hafenkurier">', ["Jule Sandmann"]),
        ('<meta name="dc.creator" content="Jule Sandmann">'
         '<meta name="citation_authors" content="Jule Sandmann; Kai Brook">',
         ["Jule Sandmann", "Kai Brook"]),
    ],
)  # fmt: skip
def test_names_of_metadata_that_are_none_or_hold_more(head: str, expected: list[str]) -> None:
    assert who(head=head)[0] == expected


@pytest.mark.parametrize("prefix", ["", "schema:"])
def test_an_author_in_rdfa(prefix: str) -> None:
    marked = f'<span property="{prefix}author"><b property="{prefix}name">Jule Sandmann</b></span>'
    assert who(top=f"<p>{marked}</p>")[0] == ["Jule Sandmann"]


def test_the_parts_of_a_marked_author_are_apart() -> None:
    marked = '<a rel="author" href="/a"><div>Jule Sandmann</div><div>Gründerin von Brook und Söhne</div></a>'
    assert who(top=f"<div>{marked}</div>")[0][:1] == ["Jule Sandmann"]
