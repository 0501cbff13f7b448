"""Addresses that a person names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from klartext.fetch import fetch_urls
from klartext.model import Fetch
from klartext.sources import DEFAULT_DIRECTORIES
from support import loopback
from support.fetch_batches import QUICK, candidate, source
from support.loopback import Answer


def test_addresses_by_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    out = tmp_path / "hand.warc.gz"
    with loopback.serve({"/1": Answer()}) as site, loopback.serve({"/2": Answer()}) as other:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", f"{site.host},{other.host}")
        one = source(site.host)
        (tmp_path / "beispiel.yaml").write_text(
            f"slug: beispiel\nname: B\nhosts: ['{site.host}', '{other.host}']\nfetch: {{delay: 0}}\n"
        )
        monkeypatch.setenv("KLARTEXT_SOURCES", os.pathsep.join([str(DEFAULT_DIRECTORIES), str(tmp_path)]))
        rows = fetch_urls([f"{site.base}/1", candidate(f"{site.base}/3"), f"{other.base}/2"], out, one, limits=QUICK)
        outcomes = [(row.url.rpartition("/")[2], row.outcome, row.reason) for row in rows]
        assert sorted(outcomes) == [
            ("1", "captured", None),
            ("2", "refused", "foreign-host"),
            ("3", "gone", "http-404"),
        ]
        with pytest.raises(FileExistsError, match="never replaced"):
            fetch_urls([f"{site.base}/1"], out, one)
        rows = fetch_urls([f"{site.base}/1", f"{other.base}/2", "keine"], tmp_path / "two.warc.gz", limits=QUICK)
    assert all(isinstance(row, Fetch) for row in rows)
    assert {(row.url[-2:], row.outcome, row.reason) for row in rows} == {
        ("/1", "captured", None),
        ("/2", "captured", None),
        ("ne", "refused", "address"),
    }
