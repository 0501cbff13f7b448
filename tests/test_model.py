"""The columns: one definition, from which schema, checks and dictionary are made."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klartext import model
from support.sample_rows import article, fetch, reject, teaser

ROWS = sorted({row.__name__: row for row in model.TABLES.values()}.items())
MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Anything that a column of a type may hold."""
    args = typing.get_args(hint)
    if typing.get_origin(hint) is typing.Literal:
        return st.sampled_from(args)
    if typing.get_origin(hint) is list:
        return st.lists(values(args[0]), max_size=3)
    if args:
        return st.one_of(*map(values, args))
    if dataclasses.is_dataclass(hint):
        return st.builds(hint, **{name: values(part) for name, part in typing.get_type_hints(hint).items()})
    plain = {str: TEXTS, int: st.integers(-(2**63), 2**63 - 1), bool: st.booleans(), dt.datetime: MOMENTS,
             dt.date: st.dates(), float: st.floats(allow_nan=False)}  # fmt: skip
    return st.none() if hint is type(None) else plain[hint]


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_every_column_says_what_it_means(name: str, row: type[Any]) -> None:
    assert dataclasses.fields(row)
    for field in dataclasses.fields(row):
        assert len(field.metadata["meaning"]) > 5, f"{name}.{field.name}"


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_the_schema_has_the_columns_in_their_order(name: str, row: type[Any]) -> None:
    schema = model.schema(row)
    assert schema.names == [field.name for field in dataclasses.fields(row)]
    assert not any(pa.types.is_null(field.type) or pa.types.is_dictionary(field.type) for field in schema)
    for field in schema:
        if pa.types.is_timestamp(field.type):
            assert field.type == pa.timestamp("us", tz="UTC")


@pytest.mark.parametrize(("name", "row"), ROWS)
@settings(deadline=None)
@given(data=st.data())
def test_a_row_of_any_values_comes_back_from_parquet(name: str, row: type[Any], data: st.DataObject) -> None:
    rows = data.draw(st.lists(values(row), max_size=3))
    table = model.table(row, rows)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    back = pq.ParquetFile(pa.BufferReader(sink.getvalue())).read()
    assert back.schema.equals(model.schema(row))
    assert back.to_pylist() == [dataclasses.asdict(one) for one in rows]


def test_rows_may_be_objects_or_mappings() -> None:
    row = article(1)
    assert model.table(model.Article, [row]).equals(model.table(model.Article, [dataclasses.asdict(row)]))
    assert model.table(model.Article, []).schema.equals(model.schema(model.Article))


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(pa.ArrowInvalid):
        model.table(model.Fetch, [fetch(1, status="ok")])


def test_required_columns_are_those_that_cannot_be_null() -> None:
    for row in (model.Article, model.Teaser, model.Fetch, model.Candidate):
        hints = typing.get_type_hints(row)
        nullable = {name for name, hint in hints.items() if type(None) in typing.get_args(hint)}
        lists = {name for name, hint in hints.items() if typing.get_origin(hint) is list}
        assert set(model.required(row)) == hints.keys() - nullable - lists, row.__name__


def test_the_words_of_a_column_are_found_through_none() -> None:
    assert model.allowed(model.Article) == {
        "access": ["free", "registration", "paid", "unknown"],
        "published_precision": ["second", "minute", "day"],
        "published_from": ["jsonld", "meta", "page", "sitemap", "url", "text"],
    }
    assert model.allowed(model.Reject)["stage"] == ["extract", "validate"]
    assert model.allowed(model.Teaser) == {}


def test_a_reject_has_every_column_of_an_article() -> None:
    assert model.schema(model.Reject).names[:-3] == model.schema(model.Article).names


def test_the_sample_rows_hold_what_is_required() -> None:
    for row in (article(1), teaser(1), fetch(1)):
        assert all(getattr(row, name) is not None for name in model.required(type(row)))
    assert reject(1).reasons
