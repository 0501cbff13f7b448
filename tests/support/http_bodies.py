"""Bodies as servers send them, right and wrong, with what a reader should make of each: for every way in."""

from __future__ import annotations

import dataclasses
import gzip
import zlib
from collections.abc import Mapping

import brotli
from backports import zstd

TEXT = ("<html><body><h1>Grüße</h1>" + "<p>Am Deich wird wieder gebaut, sagt Jörg Müller.</p>" * 40).encode()
GZIP = gzip.compress(TEXT, mtime=0)
ZLIB = zlib.compress(TEXT)
BROTLI = brotli.compress(TEXT)
ZSTD = zstd.compress(TEXT)


@dataclasses.dataclass(frozen=True)
class Body:
    """A payload and its headers; ``reason`` is why it gives no page, None if it gives :data:`TEXT`."""

    payload: bytes
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    reason: str | None = None


def coded(coding: str, payload: bytes, reason: str | None = None) -> Body:
    return Body(payload, {"Content-Encoding": coding}, reason)


BODIES: dict[str, Body] = {
    "plain": Body(TEXT),
    "gzip": coded("gzip", GZIP),
    "x-gzip": coded("X-GZip", GZIP),
    "gzip-of-two-members": coded("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    "gzip-with-garbage-behind": coded("gzip", GZIP + b"\r\n<!-- cached -->"),
    "gzip-with-zeros-behind": coded("gzip", GZIP + bytes(500)),
    "gzip-behind-a-line-feed": coded("gzip", b"\r\n" + GZIP),
    "gzip-without-checksum": coded("gzip", GZIP[:-8]),
    "gzip-with-a-name-without-checksum": coded("gzip", GZIP[:3] + b"\x08" + GZIP[4:10] + b"a.html\0" + GZIP[10:-8]),
    "gzip-cut-off": coded("gzip", GZIP[:-30], "payload-damaged"),
    "gzip-damaged": coded("gzip", GZIP[:60] + bytes(20) + GZIP[80:], "payload-damaged"),
    "gzip-declared-not-there": coded("gzip", TEXT),
    "gzip-declared-zlib-there": coded("gzip", ZLIB),
    "gzip-declared-zstd-there": coded("gzip", ZSTD),
    "deflate": coded("deflate", ZLIB),
    "deflate-raw": coded("deflate", ZLIB[2:-4]),
    "deflate-without-checksum": coded("deflate", ZLIB[:-4]),
    "deflate-cut-off": coded("deflate", ZLIB[:-30], "payload-damaged"),
    "deflate-declared-not-there": coded("deflate", TEXT),
    "deflate-declared-gzip-there": coded("deflate", GZIP),
    "br": coded("br", BROTLI),
    "br-with-garbage-behind": coded("br", BROTLI + b"\n"),
    "br-cut-off": coded("br", BROTLI[:-10], "payload-damaged"),
    "br-declared-not-there": coded("br", TEXT),
    "br-declared-gzip-there": coded("br", GZIP),
    "zstd": coded("zstd", ZSTD),
    "zstd-of-two-frames": coded("zstd", zstd.compress(TEXT[:100]) + zstd.compress(TEXT[100:])),
    "zstd-behind-a-skippable-frame": coded("zstd", b"\x50\x2a\x4d\x18\x03\0\0\0abc" + ZSTD),
    "zstd-cut-off": coded("zstd", ZSTD[:-10], "payload-damaged"),
    "zstd-declared-not-there": coded("zstd", TEXT),
    "two-codings": coded("gzip, br", brotli.compress(GZIP)),
    "two-codings-one-there": coded("gzip, br", GZIP),
    "gzip-twice": coded("gzip, gzip", gzip.compress(GZIP)),
    "two-codings-without-a-comma": coded("gzip br", brotli.compress(GZIP)),
    "deflate-not-declared": Body(ZLIB),
    "br-not-declared": Body(BROTLI),
    "zstd-not-declared": Body(ZSTD),
    "five-codings": coded("gzip, gzip, gzip, gzip, gzip", GZIP, "payload-damaged"),
    "gzip-declared-br-there": coded("gzip", BROTLI),
    "unknown-coding-br-there": coded("x-deich", BROTLI, "coding-unknown"),
    "identity": coded("identity", TEXT),
    "charset-as-coding": coded("UTF-8", TEXT),
    "unknown-coding-not-there": coded("x-deich", TEXT),
    "unknown-coding": coded("x-deich", bytes(byte ^ 0x55 for byte in GZIP), "coding-unknown"),
    "bomb-gzip": coded("gzip", gzip.compress(bytes(30 << 20)), "too-large"),
    "bomb-br": coded("br", brotli.compress(bytes(30 << 20)), "too-large"),
    "bomb-zstd": coded("zstd", zstd.compress(bytes(30 << 20)), "too-large"),
    "many-members": coded("gzip", gzip.compress(b"", mtime=0) * 100_000, "payload-damaged"),
    "many-frames": coded("zstd", zstd.compress(b"") * 100_000, "payload-damaged"),
    "a-part": Body(TEXT, {"Content-Range": f"bytes 0-{len(TEXT) - 1}/{len(TEXT) + 1}"}, "record-truncated"),
}
"""Those with Content-Range are served with status 206."""


def status(body: Body) -> int:
    """The status that a body is served with."""
    return 206 if "Content-Range" in body.headers else 200
