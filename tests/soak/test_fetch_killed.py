"""Fetching killed with KILL in the middle, again and again, over thousands of pages."""

from __future__ import annotations

import collections
import datetime as dt
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bench.fetching import server
from fastwarc.warc import ArchiveIterator, WarcRecordType

from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.model import Candidate
from klartext.sources import Source

PAGES = 5_000
FETCH = """
import json, os, sys
from klartext.batch import Batch
from klartext.crawler import Limits
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.sources import Source
os.setpgrp()
source, batch = Source.model_validate_json(sys.argv[2]), Batch.from_dict(json.loads(sys.argv[3]))
fetch_batch(Lake.open(sys.argv[1]), batch, source, limits=Limits(at_once=4))
"""


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.warc.gz"))


@pytest.mark.soak
def test_killed_in_the_middle_every_page_is_captured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as host:
        monkeypatch.setenv("KLARTEXT_ALLOW_HOSTS", host)
        rules = {"delay": 0, "limit": PAGES}
        source = Source.model_validate({"slug": "soak", "name": "Soak", "hosts": [host], "fetch": rules})
        start = dt.datetime(2024, 5, 14, tzinfo=dt.UTC)
        batch, lake = Batch.of_interval(source, start, start + dt.timedelta(days=1)), Lake.open(str(tmp_path))
        lake.stage(batch, "candidates", [
            Candidate(url=f"http://{host}/artikel-{n}.html", discovered_from="https://beispiel.de/feed", title=None,
                      published_at=start, modified_at=None)
            for n in range(PAGES)
        ])  # fmt: skip
        program = [sys.executable, "-c", FETCH, str(tmp_path), source.model_dump_json(), json.dumps(batch.to_dict())]
        killed = 0
        for size in (50_000, 400_000, 1_000_000):  # bytes written when it dies, with its crawler or without
            before = _size(tmp_path)
            with subprocess.Popen(program) as process:
                while process.poll() is None and _size(tmp_path) < before + size:
                    time.sleep(0.02)
                if process.poll() is None:
                    killed += 1
                    if killed == 2:
                        process.kill()
                    else:
                        os.killpg(process.pid, 9)
            time.sleep(1)  # a crawler whose parent is gone notices that
        assert killed == 3
        before = _size(tmp_path)
        counts = fetch_batch(lake, batch, source, limits=Limits(at_once=4))
    assert counts["captured"] == counts["candidates"] == PAGES
    assert counts["asked"] < PAGES, "what was captured before is not asked for again"
    times = collections.Counter[str]()
    for name in lake.raw_files(batch):
        with lake.open_raw(name) as file:
            for record in ArchiveIterator(file, record_types=WarcRecordType.response, verify_digests=True):
                times[record.headers["WARC-Target-URI"]] += 1
    assert len(times) == PAGES
    assert set(times.values()) == {1}
    rows = lake.staged(batch, "fetches")
    assert rows is not None
    assert rows["outcome"].unique().to_pylist() == ["captured"]
    assert rows.num_rows == PAGES
