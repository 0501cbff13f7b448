from __future__ import annotations

from pathlib import Path

import pytest

from klartext.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.open(str(tmp_path / "lake"))
