"""JSON-LD as it is written on the web: repaired, resolved, bounded."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext import json_ld

ARTICLE = '{"@type":"NewsArticle","headline":"Ein Titel","author":{"@type":"Person","name":"Jule Sandmann"}}'
QUOTED = ARTICLE.replace('"', "&quot;")


@pytest.mark.parametrize(
    "script",
    [
        ARTICLE,
        f"[{ARTICLE}]",
        f"[[{ARTICLE}]]",
        f'{{"@graph":[{ARTICLE}]}}',
        f'{{"@type":"WebPage","mainEntity":{ARTICLE}}}',
        ARTICLE[:-1] + ",}",
        f"[{ARTICLE},]",
        f"// erzeugt\n{ARTICLE}",
        f"/* erzeugt */{ARTICLE}",
        f"{ARTICLE};",
        f"{ARTICLE}\n// Ende",
        f"<!-- {ARTICLE} -->",
        f"//<![CDATA[\n{ARTICLE}\n//]]>",
        f"/*<![CDATA[*/{ARTICLE}/*]]>*/",
        f"\ufeff{ARTICLE}",
        f'{{"@type":"BreadcrumbList"}}\n{ARTICLE}',
        f'{{"@type":"BreadcrumbList"}},{ARTICLE}',
        QUOTED,
        ARTICLE[:-1],
        ARTICLE[:-2],
        ARTICLE[:-1] + "]",
        ARTICLE.replace(",", ",,"),
        ARTICLE.replace(',"author"', ' "author"'),
        f"var data = {ARTICLE};",
        ARTICLE.replace('"headline"', "headline").replace('"author"', "author"),
        ARTICLE.replace('{"@type":"News', '{"x":undefined,"y":NaN,"@type":"News'),
        "<script>" + ARTICLE,
        json.dumps(ARTICLE),
        ARTICLE.replace('"', "&#34;"),
        ARTICLE.replace('"', "”"),
        "<p>" + ARTICLE.replace('"', "&#8220;").replace(",", ",<br />\n") + "</p>",
        ARTICLE.replace('"', "'"),
        ARTICLE.replace('"headline":', '"headline"::'),
        ARTICLE.replace('"headline"', '"x": , "headline"'),
        ARTICLE.replace("}}", ', "x":}}'),
        ARTICLE.replace('"headline"', '"x": 007, "headline"'),
        ARTICLE.replace('"headline"', '"x": {{ page.x }}, "headline"'),
        ARTICLE.replace('"headline"', '{% if x %} "headline"'),
        ARTICLE.replace(
            '"headline"', '"x": <br />\n<b>Notice</b>: Undefined index: x in /a/b.php on line <b>3</b>, "headline"'
        ),
        f'<br />\n<b>Warning</b>: Undefined array key "x" in <b>/a/b.php</b> on line <b>3</b><br />\n{ARTICLE}',
        ARTICLE.replace('"headline"', '"schema:headline"').replace('"author"', '"https://schema.org/author"'),
    ],
)
def test_an_article_is_read_however_it_is_written(script: str) -> None:
    graph = json_ld.read([script])
    article = next(thing for thing in graph.things if "NewsArticle" in json_ld.types_of(thing))
    assert article["headline"] == "Ein Titel"
    assert [name for name, _ in graph.names(article, "author")] == ["Jule Sandmann"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Zeile\numbrochen", "Zeile\numbrochen"),
        ("Tab\tund \x01", "Tab\tund \x01"),
        ('Er sagte "Nein" dazu', 'Er sagte "Nein" dazu'),
        ('Er sagte "Nein", und ging', 'Er sagte "Nein", und ging'),
        ('Die "Mühle": ein Bericht', 'Die "Mühle": ein Bericht'),
        ("J&uuml;rgen &amp; M&#252;hle", "Jürgen & Mühle"),
        ("dreimal &amp;amp;uuml;", "dreimal &uuml;"),
        ("a\\'b", "a'b"),
        ("http://a.example/?x=1&copy=2", "http://a.example/?x=1&copy=2"),
        ("// kein /* Kommentar */ ,} ;", "// kein /* Kommentar */ ,} ;"),
    ],
)
def test_what_stands_in_texts_is_kept_and_entities_are_replaced(written: str, meant: str) -> None:
    graph = json_ld.read([ARTICLE.replace("Ein Titel", written)[:-1] + ",}"])
    assert graph.things[0]["headline"] == meant


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ('"Jule Sandmann"', ["Jule Sandmann"]),
        ('["Jule Sandmann", ["Kai Brook"]]', ["Jule Sandmann", "Kai Brook"]),
        ('{"@type":"Person","givenName":"Jule","familyName":"Sandmann"}', ["Jule Sandmann"]),
        ('{"@type":"Person","name":"","givenName":"Jule","familyName":"Sandmann"}', ["Jule Sandmann"]),
        ('{"name":{"@type":"Person","name":"Jule Sandmann"}}', ["Jule Sandmann"]),
        ('{"name":["Jule Sandmann","Kai Brook"]}', ["Jule Sandmann", "Kai Brook"]),
        ('{"@id":"#jule"}', ["Jule Sandmann"]),
        ('"#jule"', ["Jule Sandmann"]),
        ('[{"@id":"#jule"},{"@id":"#nichts"}]', ["Jule Sandmann"]),
        ('{"@id":"#jule","name":"","url":"https://a.example/jule","image":null}', ["Jule Sandmann"]),
        ('{"@type":"Role","author":{"@type":"Person","name":"Jule Sandmann"}}', ["Jule Sandmann"]),
        ('{"0":{"name":"Jule Sandmann"},"2":{"name":"Kai Brook"}}', ["Jule Sandmann", "Kai Brook"]),
        ('{"@list":["A B"]}', ["A B"]),
        ('{"name":{"@value":"Jule Sandmann"}}', ["Jule Sandmann"]),
        ('{"name":"<a href=\'/jule\'>Jule Sandmann</a>"}', ["Jule Sandmann"]),
        ("null", []),
        ("7", []),
        ("{}", []),
        ('{"@id":"#self"}', []),
    ],
)
def test_names_of_authors_in_every_shape(author: str, names: list[str]) -> None:
    more = '{"@type":"Person","@id":"#jule","name":"Jule Sandmann"},{"@id":"#self","name":{"@id":"#self"}}'
    graph = json_ld.read([f'{{"@graph":[{{"@type":"Article","author":{author}}},{more}]}}'])
    assert [name for name, _ in graph.names(graph.things[0], "author")] == names


def test_the_articles_own_object_is_chosen_by_address_and_headline() -> None:
    def thing(**more: object) -> dict[str, object]:
        return {"@type": "NewsArticle", "datePublished": "2024-05-14", **more}

    own = thing(headline="Die Mühle wird saniert", url="https://a.example/muehle-1")
    related = thing(
        headline="Ein anderer Bericht", url="https://a.example/bericht-2", author="Kai Brook", description="x"
    )
    for order in ([own, related], [related, own]):
        graph = json_ld.read([json.dumps(order)])
        assert graph.article(["https://www.a.example/muehle-1/"], ["Etwas"])["headline"] == own["headline"]
        assert graph.article([], ["Die Mühle wird saniert | Bote"])["headline"] == own["headline"]
    alone = json_ld.read([json.dumps(related)])
    assert alone.article(["https://a.example/muehle-1"], ["Die Mühle wird saniert"]) == {}
    part = json_ld.read([json.dumps([own, thing(url=own["url"], author="Jule Sandmann", datePublished="")])])
    assert part.article(["https://a.example/muehle-1"], [])["author"] == "Jule Sandmann"


@pytest.mark.parametrize("kind", ["newsarticle", "NewsArticle ", "https://schema.org/NewsArticle/"])
def test_types_in_other_writings(kind: str) -> None:
    graph = json_ld.read([ARTICLE.replace("NewsArticle", kind)])
    assert graph.article([], ["Ein Titel"])["headline"] == "Ein Titel"


def test_an_article_inside_another_object_counts_only_if_it_names_the_page() -> None:
    article = ARTICLE.replace("Ein Titel", "Die Mühle wird saniert")
    graph = json_ld.read([f'{{"@type":"WebPage","hasPart":[{article}]}}'])
    assert graph.article([], ["Die Mühle wird saniert | Bote"])["@type"] == "NewsArticle"
    assert graph.article([], ["Etwas anderes"])["@type"] == "WebPage"


@pytest.mark.parametrize(
    "script", ["", "{", "null", "7", '"x"', "kein JSON", '{"a":', "[" * 20_000, '{"a":' * 20_000, '{"@type": 7}']
)
def test_what_cannot_be_read_is_no_error(script: str) -> None:
    graph = json_ld.read([script])
    assert graph.article(["https://a.example/"], ["x"]) == {}


def test_what_is_left_out_is_named() -> None:
    assert json_ld.read(["[" * 20_000]).problems == ["json-ld-too-deep"]
    assert json_ld.read(["x" * 3_000_000]).problems == ["json-ld-too-long"]
    assert json_ld.read(["{]" + "x" * 400_000]).problems == ["json-ld-unreadable"]
    assert json_ld.read(["kein JSON"]).problems == ["json-ld-unreadable"]
    assert json_ld.read([" \n"]).problems == []
    assert json_ld.read(["[" + "{}," * 10_000 + "{}]"]).problems == ["json-ld-too-many"]
    assert json_ld.read([ARTICLE]).problems == []


@pytest.mark.parametrize(
    "shape",
    [
        '"',
        "{",
        '{"a":',
        "/*",
        '"\\',
        "// ",
        "<!--",
        "a",
        " ",
        '" ',
        '","',
        "&amp;",
        ",",
        "-",
        "]",
        '{"a":[1,',
        "[{},",
        '"a" ',
        "'",
        "'a' ",
        "{{a",
        "<a ",
    ],
)
def test_long_adversarial_scripts_take_bounded_time(shape: str) -> None:
    begin = time.process_time()
    json_ld.read([shape * (100_000 // len(shape))])
    assert time.process_time() - begin < 4


PIECES = st.lists(
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            '"',
            ":",
            ",",
            '"@type"',
            '"Article"',
            "'",
            "\\",
            "//",
            "/*",
            "*/",
            "\n",
            "1",
            "null",
            "x",
            '"author"',
            '"@id"',
            '"#a"',
            "<!--",
            "-->",
            "&quot;",
            "\ufeff",
        ]
    ),
    max_size=25,
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), PIECES.map("".join)))
def test_any_script_gives_a_graph_and_always_the_same(script: str) -> None:
    first, second = json_ld.read([script]), json_ld.read([script])
    assert first == second
    for thing in first.things:
        list(first.names(thing, "author", "name"))
        first.article(["https://a.example/x"], ["Titel"])


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_json_that_is_right_is_read_as_it_is(value: object) -> None:
    graph = json_ld.read([json.dumps({"@type": "Thing", "value": value})])
    assert graph.problems == []
    assert graph.things[0]["@type"] == "Thing"


def test_half_an_emoji_is_removed_and_a_whole_one_stays() -> None:
    graph = json_ld.read(
        ['{"@type":"Thing","a":"Deich \\ud83d","b":["\\udc00x"],"c":{"d":"\\ud83d\\ude00 &amp;"},"e":"ä"}']
    )
    [thing] = graph.things
    assert thing == {"@type": "Thing", "a": "Deich ", "b": ["x"], "c": {"d": "\U0001f600 &"}, "e": "ä"}


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.text(st.characters()), lambda v: st.lists(v) | st.dictionaries(st.text(), v)), st.booleans())
def test_every_text_can_be_written_to_a_file(value: object, escaped: bool) -> None:
    script = json.dumps({"@type": "Thing", "value": value}, ensure_ascii=escaped)
    [thing] = json_ld.read([script]).things
    json.dumps(thing["value"], ensure_ascii=False).encode("utf-8")
