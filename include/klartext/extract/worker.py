"""A process that extracts one page after the other: tasks on its standard input, results on its standard output.

It is a process of its own so that a page that hangs or eats memory can be ended with it (:mod:`klartext.extract.pool`).
"""

from __future__ import annotations

import ctypes
import dataclasses
import functools
import gc
import pickle
import resource
import struct
import sys
from pathlib import Path
from typing import BinaryIO, cast

import pydantic

from klartext.extract.explain import Line
from klartext.model import Article, Teaser
from klartext.sources import Source
from klartext.warc.reader import Page

LENGTH = struct.Struct(">Q")
LONGEST_ANSWER = 256 * 1024 * 1024
"""Bytes of a result; the largest page that is read is 64 MB."""
_NO_MEMORY = "the page needs more memory than a page may have"
_KEPT = 64 * 1024 * 1024
"""Bytes of freed memory that a child keeps."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Options of glibc's ``mallopt``."""
_LARGEST_MMAP_THRESHOLD = 32 * 1024 * 1024
"""Bytes; glibc refuses more."""
READY = b"\x06"
"""The byte that a child sends first."""


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a page: an article with its teasers, or the stable reason why there is none.

    ``lines`` are the page's lines in order with what decided on them, ``notes`` the stable codes of what could not be
    read of it as it stands. ``matched`` are the numbers of the rules' selectors that matched, in
    :attr:`klartext.sources.Layout.places`; None where the page was not read.
    """

    article: Article | None = None
    teasers: list[Teaser] = dataclasses.field(default_factory=list)
    lines: list[Line] = dataclasses.field(default_factory=list)
    disbelieved: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    matched: list[int] | None = None
    reason: str | None = None
    detail: str | None = None


def work(page: Page, source: Source, generic: bool, every_line: bool = False) -> Result:
    """Extracts a page; every failure is a result with its reason. With ``every_line`` the lines are the whole page's,
    of one without an article too."""
    from klartext.extract import explain, html_parsing
    from klartext.extract import page as pages

    try:
        made = pages.extract(page, source, generic=generic)
        lines = (explain.whole if every_line else explain.decided)(made.reading)
    except html_parsing.NotHtml as refusal:
        return Result(reason=refusal.reason, detail=str(refusal))
    except pages.NoArticle as refusal:
        read = explain.whole(refusal.reading) if every_line and refusal.reading else []
        notes = refusal.reading.notes if refusal.reading else []
        matched = refusal.reading.matched if refusal.reading else None
        return Result(lines=read, reason=refusal.reason, detail=str(refusal), notes=notes, matched=matched)
    except MemoryError:
        return Result(reason="out-of-memory", detail=_NO_MEMORY)
    except Exception as error:  # noqa: BLE001  a page that breaks a parser is a reject, not the end of the batch
        if _is_near_limit():  # libraries, and the compiler of a module that is imported now, raise other errors then
            return Result(reason="out-of-memory", detail=_NO_MEMORY)
        return Result(reason="extractor-error", detail=f"{type(error).__name__}: {error}"[:500])
    return Result(made.article, made.teasers, lines, made.disbelieved, made.reading.notes, made.reading.matched)


def _is_near_limit() -> bool:
    """True if the process has nearly all of the address space that it may have."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return False
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError, MemoryError):
        return True
    return pages * resource.getpagesize() > 0.95 * limit


class BadAnswer(ValueError):
    """What a child sent is no result."""


@functools.cache
def _results() -> pydantic.TypeAdapter[Result]:
    return pydantic.TypeAdapter(Result)


def send_task(stream: BinaryIO, task: object) -> None:
    """Hands a task to a child, which trusts its parent."""
    _write(stream, pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL))


def receive_task(stream: BinaryIO) -> object:
    """The next task. Raises EOFError where the parent has ended."""
    return pickle.loads(_read(stream))


def send_result(stream: BinaryIO, result: Result) -> None:
    """Hands a result to the parent, as JSON: a child has read a page from outside, so its parent only takes data."""
    try:
        data = _results().dump_json(result)
    except ValueError as error:  # half a surrogate pair, which no file can hold
        data = _results().dump_json(Result(reason="extractor-error", detail=f"{type(error).__name__}: {error}"[:500]))
    _write(stream, data)


def receive_result(stream: BinaryIO) -> Result:
    """The next result. Raises EOFError where the child has ended, and :class:`BadAnswer` for what is no result or has
    more than :data:`LONGEST_ANSWER` bytes."""
    data = _read(stream, LONGEST_ANSWER)
    try:
        return _results().validate_json(data)
    except pydantic.ValidationError as error:
        raise BadAnswer(f"the child's answer is no result: {error.errors()[0]['msg']}") from error


def _write(stream: BinaryIO, data: bytes) -> None:
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def _read(stream: BinaryIO, longest: int | None = None) -> bytes:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    size = LENGTH.unpack(head)[0]
    if longest is not None and size > longest:
        raise BadAnswer(f"the child announces an answer of {size:,} bytes; at most {longest:,} are read")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def prepare() -> None:
    """Readies the process for many pages: imports what a page needs, which takes a second or more, and lets the garbage
    collector leave that alone and come less often. Nearly all objects of a page are freed without it."""
    import klartext.extract.page  # noqa: F401

    _keep_freed_memory()
    _results()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _keep_freed_memory() -> None:
    """Lets the C library keep memory that one page has freed for the next, up to :data:`_KEPT` bytes.

    To give it back and take it again at every page takes some hundredths of the time. Does nothing where the C library
    is another than glibc.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for option, size in ((_TRIM_THRESHOLD, _KEPT), (_MMAP_THRESHOLD, _LARGEST_MMAP_THRESHOLD)):
        set_option(option, size)


def main(memory: int) -> None:
    """Answers until its input ends. ``memory`` is the limit of its address space in bytes; 0 is none.

    It sends :data:`READY` when everything is imported that a page needs.
    """
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not write into the answers
    prepare()
    outward.write(READY)
    outward.flush()
    while True:
        try:
            task = receive_task(inward)
        except EOFError:
            return
        send_result(outward, work(*cast(tuple[Page, Source, bool], task)))
