"""The data dictionary in docs/ is the one that the model gives."""

from klartext import data_dictionary, model
from klartext.sources import PROJECT


def test_the_page_in_docs_is_what_the_model_gives() -> None:
    assert (PROJECT / "docs" / "columns.md").read_text("utf-8") == data_dictionary.markdown()


def test_every_column_of_every_table_is_explained() -> None:
    page = data_dictionary.markdown()
    assert len(model.TABLES) > 8
    for row in model.TABLES.values():
        for name in model.schema(row).names:
            assert f"| `{name}` |" in page
