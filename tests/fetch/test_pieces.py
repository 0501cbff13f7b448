"""Captures that go into the lake while the fetch goes on, and a host that is lost in the middle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from klartext.fetch import run as fetch_run
from klartext.lake import Lake
from support import loopback
from support.fetch_batches import Run
from support.loopback import Answer
from support.object_store import Bucket

PAGES = [f"/{n}" for n in range(8)]
FETCH = """
import json, sys
from klartext.batch import Batch
from klartext.fetch import fetch_batch, run
from klartext.lake import Lake
from klartext.sources import Source
run.PIECE = 1  # each capture is a file
source, batch = Source.model_validate_json(sys.argv[3]), Batch.from_dict(json.loads(sys.argv[4]))
fetch_batch(Lake.open(sys.argv[1], json.loads(sys.argv[2])), batch, source)
"""


@pytest.fixture
def lake(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    (tmp_path / "host").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "host"))
    monkeypatch.setattr("tempfile.tempdir", None)
    return bucket.lake(f"pieces-{tmp_path.name}")


def test_pieces_are_stored_while_the_fetch_goes_on(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_run, "PIECE", 1)
    stored: list[int] = []
    with loopback.serve(dict.fromkeys(PAGES, Answer())) as site:
        run = Run(lake, site, monkeypatch)

        def last(handler: loopback.Handler) -> None:
            end = time.monotonic() + 60
            while len(lake.raw_files(run.batch)) < len(PAGES) - 2 and time.monotonic() < end:
                time.sleep(0.05)
            stored.append(len(lake.raw_files(run.batch)))
            handler.send(Answer())

        site.pages[PAGES[-1]] = last
        run.stage(*PAGES)
        counts = run.fetch()
    assert counts["captured"] == len(PAGES)
    assert stored[0] == len(PAGES) - 2, "all but the one that is open, and the one that is requested"
    assert sorted(run.captured()) == PAGES
    assert run.outcomes() == [(page, "captured", None, 1) for page in PAGES]
    assert list(lake.scratch_folder(run.batch).glob("*.warc.gz")) == []


def test_a_file_of_an_object_store_is_closed_after_a_while(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_run, "PIECE_SECONDS", 0.001)
    with loopback.serve(dict.fromkeys(PAGES, Answer())) as site:
        run = Run(lake, site, monkeypatch)
        run.stage(*PAGES)
        run.fetch()
    assert len(lake.raw_files(run.batch)) > 1


def test_on_a_disk_a_fetch_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch_run, "PIECE", 1)
    with loopback.serve(dict.fromkeys(PAGES, Answer())) as site:
        run = Run(Lake.open(str(tmp_path / "lake")), site, monkeypatch)
        run.stage(*PAGES)
        run.fetch()
        assert len(run.lake.raw_files(run.batch)) == 1


def test_a_lost_host_loses_little_and_another_goes_on(
    lake: Lake, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stall(handler: loopback.Handler) -> None:
        time.sleep(60)

    with loopback.serve({**dict.fromkeys(PAGES, Answer()), PAGES[5]: stall}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage(*PAGES)
        access = json.dumps(bucket.access)
        arguments = [lake.storage.root, access, run.source.model_dump_json(), json.dumps(run.batch.to_dict())]
        process = subprocess.Popen([sys.executable, "-c", FETCH, *arguments], start_new_session=True)
        end = time.monotonic() + 120
        while PAGES[5] not in site.paths() and time.monotonic() < end:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(tmp_path / "host")  # with everything that it had on its disk
        (tmp_path / "host").mkdir()
        assert len(lake.raw_files(run.batch)) >= 3
        site.pages[PAGES[5]] = Answer()
        counts = run.fetch()
        asked = site.paths()
    assert counts["captured"] == len(PAGES)
    assert sorted(run.captured()) == PAGES, "each once"
    twice = [page for page in PAGES if page != PAGES[5] and asked.count(page) > 1]
    assert len(twice) <= 2, "the captures of the file that was being written"
