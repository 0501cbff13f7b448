"""The columns of a table as Hugging Face names them in the header of a dataset card."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def features(schema: pa.Schema | pa.StructType) -> list[dict[str, Any]]:
    """The columns of a schema as ``features`` in ``dataset_info``."""
    return [{"name": field.name, **_type(field.type)} for field in schema]


def _type(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        inner = _type(kind.value_type)
        return {"list": inner.get("dtype") or inner["struct"]}
    if pa.types.is_struct(kind):
        return {"struct": features(kind)}
    names = {"double": "float64", "date32[day]": "date32"}
    return {"dtype": names.get(str(kind), str(kind))}
