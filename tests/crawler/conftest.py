from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The crawler's process finds the handlers of these tests."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
