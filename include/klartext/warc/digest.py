"""The digest of a payload, in the form that WARC files carry."""

from __future__ import annotations

import base64
import hashlib


def payload_digest(payload: bytes) -> str:
    """``sha1:`` and the digest in base32, as WARC-Payload-Digest."""
    return "sha1:" + base64.b32encode(hashlib.sha1(payload, usedforsecurity=False).digest()).decode()
