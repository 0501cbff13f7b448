from klartext import formats_page
from klartext.sources import PROJECT


def test_the_page_in_docs_is_what_the_readers_give() -> None:
    assert (PROJECT / "docs" / "formats.md").read_text("utf-8") == formats_page.markdown()


def test_examples_are_read_and_those_that_are_no_date_are_not() -> None:
    rows = [line for line in formats_page.markdown().splitlines() if line.endswith("| not read |")]
    assert [row.split("`")[1] for row in rows] == ["13.25.2024", "soon", "14. Mai"]
