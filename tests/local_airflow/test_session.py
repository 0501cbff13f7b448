"""Folders that the session needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_airflow.session import _make_folder
from local_airflow.settings import UserError


def test_a_folder_is_created_or_the_message_says_what_to_do(tmp_path: Path) -> None:
    _make_folder(tmp_path / "a" / "b", "choose another")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"Cannot write to .*file/under.*; choose another\."):
        _make_folder(tmp_path / "file" / "under", "choose another")
