"""Killed anywhere, the next run heals: the lake ends as if nothing had happened, and keeps its promises."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from klartext.curate import curate
from klartext.fetch.run import FetchRun
from klartext.lake import Lake
from klartext.maintenance.check import check
from klartext.model import Article
from klartext.publish import publish_batch
from klartext.warc import reader
from support import warc_files
from support.object_store import Bucket
from support.sample_lake import Killed, contents, dying, stage
from support.sample_rows import SOURCE, article, batch, fetch, moment, reject, teaser

DAY = batch()
Pages = tuple[bytes, list[Article], list[Article]]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """A WARC file, and what two runs of a batch make of it: other months, an article less, another more."""
    local = warc_files.write(
        tmp_path_factory.mktemp("pages") / "x.warc.gz", [(article(n).url, f"<h1>{n}</h1>") for n in range(4)]
    )
    with local.open("rb") as stream:
        captures = [
            page.capture for page in reader.read(stream, f"raw/source=dwn/date=2024-05-01/{DAY.name}--0.warc.gz")
        ]
    first = [article(1, capture=captures[1], published_at=moment("2024-04-10T08:00")), article(2, capture=captures[2])]
    second = [article(1, capture=captures[1], title="Anders", published_at=moment("2024-06-10T08:00")),
              article(3, capture=captures[3])]  # fmt: skip
    return local.read_bytes(), first, second


def run(lake: Lake, captures: bytes, rows: list[Article]) -> None:
    """What the steps of a run do to the lake, from the first capture to the last view."""
    scratch = lake.scratch_folder(DAY)
    FetchRun(lake, DAY, SOURCE).recover()
    if not lake.raw_files(DAY):
        (scratch / "fetch.warc.gz").write_bytes(captures)
        FetchRun(lake, DAY, SOURCE).recover()
    stage(lake, DAY, rows, [teaser(rows[0].article_id[4:])], [reject(9)] if len(rows[0].title) > 10 else [], [fetch(1)])
    lake.save_quality_file(DAY, "verdict.json", {"verdict": "passed", "rows": len(rows)})
    for key in publish_batch(lake, DAY)["partitions"]:
        curate(lake, *key.split("|"))


def everything(lake: Lake) -> dict[str, str]:
    return {folder: files for folder in ("lake", "raw", "quality") for folder, files in contents(lake, folder).items()}


def healed(lake: Lake, clean: dict[str, str], captures: bytes, rows: list[Article]) -> None:
    """After another run nothing is left of the death of the first."""
    for name in contents(lake, "lake"):
        assert lake.storage.read(name), "whole files only, at any time"
    run(lake, captures, rows)
    assert everything(lake) == clean
    assert list(check(lake)) == []


def test_killed_before_any_change_of_an_object_store_the_next_run_heals(bucket: Bucket, pages: Pages) -> None:
    """An object is there whole or not at all, so these are all the moments at which a death differs."""
    captures, first, second = pages
    before, clean = bucket.lake("before"), bucket.lake("clean")
    for lake, rows in ((before, first), (clean, first), (clean, second)):
        run(lake, captures, rows)
    expected = everything(clean)
    for dies in itertools.count():
        lake = bucket.lake(f"killed-{dies}")
        for name in before.storage.files("", ""):
            if not name.startswith("raw/"):  # captured and published before, and captured again
                lake.storage.put(name, before.storage.read(name) or b"")
        try:
            run(dying(lake, dies), captures, second)
        except Killed:
            healed(lake, expected, captures, second)
        else:
            break
        finally:
            shutil.rmtree(lake.scratch_folder(DAY))
    assert dies > 10


def _dying(dies: int) -> None:
    """Every call that changes what others see on the disk is counted, and every flush of what is being written; at the
    one with the number nothing more happens, and of what was being written half is there."""
    calls = itertools.count()

    def deadly(change: Callable[..., Any], matters: Callable[[Any], bool]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            if matters(arguments[0]) and next(calls) == dies:
                if change is sync:
                    os.ftruncate(arguments[0], os.fstat(arguments[0]).st_size // 2)
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*arguments, **named)

        return step

    sync = os.fsync
    os.fsync = deadly(sync, lambda descriptor: fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY)
    os.link = deadly(os.link, os.path.exists)
    for name in ("replace", "unlink", "rmdir"):
        setattr(Path, name, deadly(getattr(Path, name), os.path.exists))


def _child(work: Callable[[], None]) -> int:
    """The exit code of a process that does the work."""
    process = os.fork()
    if not process:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_killed_at_any_step_and_in_any_write_on_a_disk_the_next_run_heals(tmp_path: Path, pages: Pages) -> None:
    captures, first, second = pages
    before, clean = Lake.open(str(tmp_path / "before")), Lake.open(str(tmp_path / "clean"))
    run(before, captures, first)
    shutil.rmtree(tmp_path / "before" / "raw")  # captured and published before, and captured again
    for rows in (first, second):
        run(clean, captures, rows)
    expected, root = everything(clean), tmp_path / "lake"
    for dies in itertools.count():
        shutil.copytree(tmp_path / "before", root)

        def work(dies: int = dies) -> None:
            _dying(dies)
            run(Lake.open(str(root)), captures, second)

        code = _child(work)
        healed(Lake.open(str(root)), expected, captures, second)
        shutil.rmtree(root)
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert dies >= 30


UPLOAD = """
import json, sys
from klartext.lake import Lake
lake = Lake.open(sys.argv[1], json.loads(sys.argv[2]))
lake.storage.put("lake/x.parquet", b"after" * 1_000_000)
"""


def test_killed_in_the_middle_of_an_upload_the_object_is_what_it_was(bucket: Bucket) -> None:
    lake = bucket.lake("half-done")
    lake.storage.put("lake/x.parquet", b"before")
    process: list[subprocess.Popen[bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        watcher = threading.Thread(target=_half_a_line, args=(listening, bucket.endpoint, process))
        access = bucket.access | {"endpoint": f"http://127.0.0.1:{listening.getsockname()[1]}"}
        process.append(subprocess.Popen([sys.executable, "-c", UPLOAD, lake.storage.root, json.dumps(access)]))
        watcher.start()
        assert process[0].wait(60) == -signal.SIGKILL
        watcher.join(60)
    assert lake.storage.files("", "") == ["lake/x.parquet"]
    assert lake.storage.read("lake/x.parquet") == b"before"


def _half_a_line(listening: socket.socket, endpoint: str, process: list[subprocess.Popen[bytes]]) -> None:
    """Forwards what it receives until a megabyte has passed; then it kills the sending process."""
    host, _, port = endpoint.removeprefix("http://").partition(":")
    client, _ = listening.accept()
    with client, socket.create_connection((host, int(port))) as store:
        passed = 0
        while passed < 1_000_000:
            passed += store.send(client.recv(1 << 16))
        process[0].kill()
        process[0].wait()
