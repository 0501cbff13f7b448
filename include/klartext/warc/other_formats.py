"""What a file is that is no WARC file, and what to do with it."""

from __future__ import annotations

from klartext.compressed_members import GZIP_MAGIC, ZSTD_MAGIC

_FORMATS = (
    (b"PK\x03\x04", "a ZIP archive; if it is a WACZ file, unpack it and name the files in its folder archive/"),
    (GZIP_MAGIC, "compressed twice: decompress it with `gzip -d` first"),
    (ZSTD_MAGIC, "compressed twice: decompress it with `zstd -d` first"),
    (b"BZh", "compressed with bzip2: decompress it with `bzip2 -d` first"),
    (b"\xfd7zXZ", "compressed with xz: decompress it with `xz -d` first"),
    (b"\x04\x22\x4d\x18", "compressed with LZ4: decompress it with `lz4 -d` first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"version https://git-lfs", "a pointer of Git LFS: fetch the file itself with `git lfs pull`"),
    (b" CDX", "an index (CDX); name the WARC files that it leads to"),
    (b"%PDF", "a PDF document"),
    (b"<", "an HTML or XML file"),
    (b"{", "a JSON file; a HAR file has to be converted to WARC first"),
)


def describe(head: bytes) -> str:
    """The format of a file by its first bytes, and what to do, as the end of a sentence."""
    if head[257:262] == b"ustar":
        return "a tar archive: unpack it first"
    return next((text for magic, text in _FORMATS if head.startswith(magic)), "something else")
