from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rich.console import Console, ConsoleDimensions

from klartext.cli import main
from support import sample_pages, warc_files
from support.command_line import HTML, End


@pytest.fixture(autouse=True)
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extraction_here: None) -> None:
    """In an empty folder, on a wide terminal, with the publishers' sources; extraction in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Console, "size", ConsoleDimensions(200, 50))
    monkeypatch.delenv("KLARTEXT_SOURCES", raising=False)


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> End:
    """Exit code and standard error of the entry point, with the sentence that it ends in."""

    def end(*words: str | Path) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["klartext", *map(str, words)])
        with pytest.raises(SystemExit) as ending:
            main()
        return int(ending.value.code or 0), " ".join(capsys.readouterr().err.split())

    return end


@pytest.fixture
def html(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(HTML, "utf-8")
    return path


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    other = HTML.replace("Nordkrog", "Süderkrog")
    return warc_files.write(tmp_path / "pages.warc.gz", [
        (sample_pages.URL, HTML),
        ("https://www.hafenkurier.example/region/suederkrog-4712.html", other),
        ("https://www.hafenkurier.example/region/leer-4713.html", "<body><h1>Leer</h1></body>"),
    ])  # fmt: skip
