"""Looking selectors up finds what walking through the page for each of them finds."""

from __future__ import annotations

import lxml.html
from cssselect import GenericTranslator
from hypothesis import given
from hypothesis import strategies as st

from klartext.extract.selectors import Index

ATTRIBUTES = st.sampled_from(
    ['class="a"', 'class="b"', 'class=" a  b\n"', 'class="ab"', 'id="x"', 'class="a" id="y"', ""]
)
TREES = st.recursive(
    st.builds("<i {}>Text</i>".format, ATTRIBUTES),
    lambda inside: st.builds(
        lambda tag, said, parts: f"<{tag} {said}>{''.join(parts)}</{tag}>",
        st.sampled_from(["div", "section"]), ATTRIBUTES, st.lists(inside, max_size=4),
    ),
    max_leaves=25,
)  # fmt: skip
COMPOUNDS = st.sampled_from(
    ["*", "div", "i", ".a", ".b", ".a.b", "div.a", "#x", "#y.a", ".b[id]", "i[id]", ".a:not(.b)", ":first-child"]
)
PATHS = st.builds(
    lambda first, rest: first + "".join(mark + one for mark, one in rest),
    COMPOUNDS, st.lists(st.tuples(st.sampled_from([" ", " > ", " + ", " ~ "]), COMPOUNDS), max_size=2),
)  # fmt: skip
SELECTORS = st.lists(PATHS, min_size=1, max_size=3).map(", ".join)


@given(
    parts=st.lists(TREES, max_size=4),
    told=st.lists(SELECTORS, max_size=3),
    asked=st.lists(SELECTORS, min_size=1, max_size=3),
)
def test_what_is_found_is_what_a_walk_through_the_page_finds(
    parts: list[str], told: list[str], asked: list[str]
) -> None:
    tree = lxml.html.document_fromstring(f"<body class='b'>{''.join(parts)}</body>")
    index = Index(tree, (*told, asked[0]))
    for css in asked:
        found = tree.xpath(GenericTranslator().css_to_xpath(css))
        assert [tree.getroottree().getpath(e) for e in index.select(css)] == [
            tree.getroottree().getpath(e) for e in found
        ], css


def test_no_selector_finds_nothing() -> None:
    assert Index(lxml.html.document_fromstring("<body><p>Text</p></body>"), ()).select(None) == []
