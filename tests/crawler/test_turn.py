"""One run at a time asks a publisher, with the delay between them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from klartext.crawler.turn import PublisherBusy, turn

HOLDS = """
import sys, time
from pathlib import Path
from klartext.crawler.turn import turn
with turn(Path(sys.argv[1]), "beispiel", 0):
    print("holds", flush=True)
    time.sleep(60)
"""


def test_another_process_waits_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "holds\n"
        with pytest.raises(PublisherBusy, match="another run is asking beispiel"), turn(tmp_path, "beispiel", 0, 0.1):
            raise AssertionError("two at once")
        with turn(tmp_path, "anderswo", 0):
            pass
        process.kill()
        process.wait()
        with turn(tmp_path, "beispiel", 0, 5):
            pass


def test_the_delay_lies_between_two_turns_also_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kaputt"), turn(tmp_path, "beispiel", 0.5):
        raise ValueError("kaputt")
    ended = time.time()
    with turn(tmp_path, "beispiel", 0.5):
        assert time.time() - ended >= 0.45


def test_a_clock_that_went_back_and_a_torn_file_hold_nobody_up(tmp_path: Path) -> None:
    for text in (f"{time.time() + 9999}\n", "17316\x00", ""):
        (tmp_path / "beispiel").write_text(text)
        with turn(tmp_path, "beispiel", 0.05):
            pass
        assert float((tmp_path / "beispiel").read_text()) <= time.time() + 0.01
