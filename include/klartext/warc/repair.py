"""WARC files that a killed process left behind: whole records stay, a record that was being written goes."""

from __future__ import annotations

import zlib
from pathlib import Path

_CHUNK = 1 << 20
_HEAD = 4096


def mend(path: Path) -> int:
    """Cuts off what follows the last whole gzip member; gives the number of responses and revisits that stay.

    Raises OSError.
    """
    whole, responses = 0, 0
    with path.open("r+b") as file:
        data, position = b"", 0  # position: of data's first byte in the file
        while True:
            stream = zlib.decompressobj(zlib.MAX_WBITS + 16)
            head = b""
            while not stream.eof:
                data = data or file.read(_CHUNK)
                if not data:
                    break
                try:
                    out = stream.decompress(data)
                except zlib.error:
                    break
                head += out[: _HEAD - len(head)]
                position += len(data) - len(stream.unused_data)
                data = stream.unused_data
            if not stream.eof:
                break
            whole = position
            fields = head.partition(b"\r\n\r\n")[0] + b"\r"
            responses += b"\nWARC-Type: response\r" in fields or b"\nWARC-Type: revisit\r" in fields
        file.truncate(whole)
    return responses
