"""A run that dies in the middle: what was captured is kept, and the next one goes on from there."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from klartext.crawler import CrawlerCrashed
from klartext.lake import Lake
from support import loopback
from support.fetch_batches import Run
from support.loopback import Answer


def test_what_was_captured_before_a_crash_is_kept(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.serve({"/1": Answer(), "/2": Answer(), "/3": Answer()}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1", "/2", "/3")
        children = Path("/proc/self/task")

        def kill(handler: loopback.Handler) -> None:
            pids = [pid for task in children.iterdir() for pid in (task / "children").read_text().split()]
            for pid in pids:
                if b"klartext.crawler" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    subprocess.run(["kill", "-KILL", pid], check=True)

        site.pages["/2"] = kill
        with pytest.raises(CrawlerCrashed, match="-9"):
            run.fetch()
        assert run.outcomes() == [("/1", "captured", None, 1)]
        site.pages["/2"] = Answer()
        run.fetch()
        assert run.outcomes() == [(f"/{n}", "captured", None, 1) for n in (1, 2, 3)]
        assert sorted(run.captured()) == ["/1", "/2", "/3"]
        assert site.paths().count("/1") == 1


KILLED = """
import sys
from pathlib import Path
from klartext.batch import Batch
from klartext.fetch import fetch_batch
from klartext.lake import Lake
from klartext.sources import Source
import json
source, batch = Source.model_validate_json(sys.argv[2]), Batch.from_dict(json.loads(sys.argv[3]))
fetch_batch(Lake.open(sys.argv[1]), batch, source)
"""


def test_killed_in_the_middle_the_next_run_goes_on(lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def stall(handler: loopback.Handler) -> None:
        time.sleep(60)

    with loopback.serve({"/1": Answer(), "/2": Answer(), "/3": stall, "/4": Answer()}) as site:
        run = Run(lake, site, monkeypatch)
        run.stage("/1", "/2", "/3", "/4")
        program = [sys.executable, "-c", KILLED, str(tmp_path / "lake"), run.source.model_dump_json(),
                   json.dumps(run.batch.to_dict())]  # fmt: skip
        process = subprocess.Popen(program)
        left = lake.scratch_folder(run.batch) / "fetch.warc.gz"
        for _ in range(1000):
            if site.paths()[-2:] == ["/1", "/2"] and left.exists():
                break
            time.sleep(0.02)
        else:
            raise AssertionError("it has not come that far")
        process.send_signal(signal.SIGKILL)
        process.wait()
        left.write_bytes(left.read_bytes()[:-1] + b"halb")  # and the record it was writing is torn
        assert run.rows() == []
        site.pages["/3"] = Answer()
        run.fetch()
        assert run.outcomes() == [(f"/{n}", "captured", None, 1) for n in (1, 2, 3, 4)]
        assert sorted(run.captured()) == ["/1", "/2", "/3", "/4"]
        assert site.paths().count("/1") == 1
