"""The one place that knows where things lie. Every path is relative to the lake's root, with forward slashes.

Folders of tables hold Parquet files and nothing else, since plain readers take in whatever lies there. Their
partition columns (``source``, and ``date`` or ``month``) are in the path only.
"""

from __future__ import annotations

import datetime as dt

from klartext import model
from klartext.batch import Batch

STAGING = "staging"
WRITING = f"{STAGING}/.writing"
"""Files that are being written; a name that no batch can have."""
TURNS = ".turns"
"""In staging: who asks whom; a name that no batch can have."""


def raw_source(source: str) -> str:
    """The folder of all captures of a source."""
    return f"raw/source={source}"


def raw_folder(batch: Batch) -> str:
    return f"{raw_source(batch.source)}/date={batch.date}"


def raw(batch: Batch, n: int) -> str:
    """The batch's WARC file with the number ``n``, from 0."""
    return f"{raw_folder(batch)}/{batch.name}--{n}.warc.gz"


def raw_number(batch: Batch, path: str) -> int | None:
    """The number of a raw file if it is one of this batch's, else None."""
    name = path.rpartition("/")[2]
    number = name.removeprefix(f"{batch.name}--").removesuffix(".warc.gz")
    return int(number) if number.isdecimal() and path == raw(batch, int(number)) else None


def staging(batch: Batch) -> str:
    return f"{STAGING}/{batch.name}"


def staged(batch: Batch, table: str) -> str:
    return f"{staging(batch)}/{table}.parquet"


def touched(batch: Batch) -> str:
    """Months whose current view may hold rows that this batch once published."""
    return f"{staging(batch)}/touched.json"


def tables(major: int | None = None) -> str:
    """The folder of all tables. What would break its readers lands in another one beside it."""
    major = model.MAJOR_VERSION if major is None else major
    return "lake" if major == 1 else f"lake-v{major}"


def table(name: str, source: str | None = None, major: int | None = None) -> str:
    """The folder of a table, or of one source in it."""
    return f"{tables(major)}/{name}" if source is None else f"{tables(major)}/{name}/source={source}"


def published(batch: Batch, name: str) -> str:
    """The file that this batch owns in a table."""
    return f"{table(name, batch.source)}/date={batch.date}/{batch.name}.parquet"


def takedown(source: str, day: dt.date, label: str) -> str:
    """The record of one take-down; ``label`` is the article's."""
    return f"{table('takedowns', source)}/date={day}/{label}.parquet"


def articles(source: str, month: str) -> str:
    """The current view of one month, written as ``YYYY-MM``."""
    dt.date.fromisoformat(f"{month}-01")
    return f"{table('articles', source)}/month={month}/articles.parquet"


def places(source: str) -> str:
    """Where a source's versions lie: a copy that is made from them and may be thrown away at any time."""
    return f"{index(source)}/versions.arrow"


def index(source: str) -> str:
    """Copies that are made from a source's versions. Whoever writes among its files keeps others out of here."""
    return f"index/source={source}"


def schema(source: str) -> str:
    """The version of the schema that all files of a source are of."""
    return f"{index(source)}/schema.json"


def quality(source: str, date: dt.date, batch: str) -> str:
    """The folder of what the checks said of the batch with this name."""
    return f"{checked(source)}/date={date}/{batch}"


def checked(source: str) -> str:
    """All that the checks said of a source's batches."""
    return f"quality/source={source}"


def batch_of(path: str) -> tuple[dt.date, str]:
    """Day and name of the batch that owns a raw or a published file."""
    name = path.rpartition("/")[2]
    name = name.rpartition("--")[0] if name.endswith(".gz") else name.removesuffix(".parquet")
    return dt.date.fromisoformat(partitions(path)["date"]), name


def partitions(path: str) -> dict[str, str]:
    """The partition columns in a path, as ``{"source": "dwn", "month": "2016-08"}``."""
    return dict(part.split("=", 1) for part in path.split("/") if "=" in part)


def key(source: str, month: str) -> str:
    """The name of a partition of ``articles``, as it is handed to whoever curates it."""
    return f"{source}|{month}"
