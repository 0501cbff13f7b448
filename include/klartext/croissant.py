"""A description of the tables for machines: Croissant (MLCommons, 1.0), generated from :mod:`klartext.model`.

``python -m klartext.croissant > docs/croissant.json``. The addresses in it are relative to the folder with ``data``;
``python -m klartext.croissant s3://bucket/folder`` names the root of another lake.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from typing import Any

import pyarrow as pa

from klartext import model
from klartext.data_dictionary import ABOUT
from klartext.lake import files_pattern, partition_columns, tables_folder

Json = dict[str, Any]

CONTEXT: Json = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/", "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/", "citeAs": "cr:citeAs", "column": "cr:column", "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"}, "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field",
    "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format",
    "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key",
    "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet",
    "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated", "replace": "cr:replace",
    "samplingRate": "cr:samplingRate", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField",
    "transform": "cr:transform",
}  # fmt: skip
"""The context of the standard, unchanged."""

KEYS = {
    "articles": ["article_id"],
    "batches": ["batch"],
    "shared_text": ["article_id", "other_id"],
    "keep": ["article_id"],
}
"""Columns that identify a row; rows of the other tables have no short key."""
FOLDERS = {
    "source": "the publisher's name in its source file, or its registered domain",
    "month": "month of first publication in the publisher's time zone, YYYY-MM",
    "date": "day of the batch in the publisher's time zone, YYYY-MM-DD",
}


def description(root: str = "data") -> Json:
    """The description of a lake with this root, as JSON data. An empty root is the folder of the file itself."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "klartext",
        "description": "News articles without the other content of their pages: headline, standfirst, text, authors, "
        "times, every version captured, and the origin of each row.",
        "license": "The articles belong to their publishers, whose terms apply.",
        "url": _place(root, tables_folder()),
        "version": f"{model.SCHEMA_VERSION}.0.0",
        "isLiveDataset": True,
        "creator": {"@type": "sc:Organization", "name": "Klartext"},
        "distribution": [part for table in model.PUBLISHED for part in _files(root, table)],
        "recordSet": [_records(table, row) for table, row in model.PUBLISHED.items()],
    }


@functools.cache
def text(root: str = "data") -> str:
    """The description as the text of a JSON file."""
    return json.dumps(description(root), ensure_ascii=False, indent=1) + "\n"


def _place(root: str, folder: str) -> str:
    return f"{root}/{folder}" if root else folder


def _files(root: str, table: str) -> list[Json]:
    return [
        {
            "@type": "cr:FileSet", "@id": f"{table}-files", "name": f"{table}-files",
            "description": f"the files of {table}; each is replaced as a whole",
            "encodingFormat": "application/x-parquet", "includes": _place(root, files_pattern(table)),
        }
    ]  # fmt: skip


def _records(table: str, row: type[Any]) -> Json:
    schema, words = model.schema(row), model.allowed(row)
    fields = []
    for field in dataclasses.fields(row):
        about = field.metadata
        meaning = about["meaning"] + (f", in {about['unit']}" if about["unit"] else "")
        if field.name in words:
            meaning += ": " + ", ".join(words[field.name])
        if about["required"]:
            meaning += " (in every row)"
        fields.append(_field(table, [field.name], schema.field(field.name).type, meaning))
    keys = [{"@id": f"{table}/{name}"} for name in KEYS.get(table, [])]
    return {
        "@type": "cr:RecordSet", "@id": table, "name": table, "description": ABOUT[table].rstrip(":"),
        **({"key": keys if len(keys) > 1 else keys[0]} if keys else {}),
        "field": [*fields, *(_folder(table, name) for name in partition_columns(table))],
    }  # fmt: skip


def _field(table: str, path: list[str], kind: pa.DataType, meaning: str) -> Json:
    """A column, or a field of a column."""
    made: Json = {"@type": "cr:Field", "@id": "/".join([table, *path]), "name": "/".join([table, *path])}
    made["description"] = meaning
    if pa.types.is_list(kind):
        made["repeated"] = True
        kind = kind.value_type
    if pa.types.is_struct(kind):
        inner = [_field(table, [*path, part.name], part.type, f"{part.name} of {path[-1]}") for part in kind]
        return made | {"subField": inner}
    source: Json = {"fileSet": {"@id": f"{table}-files"}, "extract": {"column": path[0]}}
    if path[1:]:
        source["transform"] = {"jsonPath": ".".join(path[1:])}
    return made | {"dataType": _type(kind), "source": source}


def _folder(table: str, name: str) -> Json:
    """A partition column, which is only in the path."""
    place = {
        "fileSet": {"@id": f"{table}-files"},
        "extract": {"fileProperty": "fullpath"},
        "transform": {"regex": f"^.*/{name}=([^/]+)/.*$"},
    }
    made = {"@type": "cr:Field", "@id": f"{table}/{name}", "name": f"{table}/{name}", "description": FOLDERS[name]}
    return {**made, "dataType": "sc:Text", "source": place}


def _type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "sc:DateTime"
    if pa.types.is_date(kind):
        return "sc:Date"
    return {"string": "sc:Text", "int64": "sc:Integer", "double": "sc:Float", "bool": "sc:Boolean"}[str(kind)]


if __name__ == "__main__":
    print(text(*sys.argv[1:2]), end="")
