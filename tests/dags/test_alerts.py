"""A run that fails, is refused or unusual sends a mail, as Airflow calls the callbacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.mail_server import MailServer
from support.newsroom_runs import SLUGS, Run


def test_a_run_that_fails_sends_one_mail(
    run: Run, lake: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    def die(*_: Any, **__: Any) -> None:
        raise AirflowFailException("no space left")

    monkeypatch.setenv("KLARTEXT_ALERTS", "smtp://mail?to=me@example.org")
    monkeypatch.setattr("klartext.fetch.fetch_batch", die)
    for _ in range(2):
        assert run(SLUGS[0])["run"] == "failed"
    assert [mail["Subject"] for mail in mail_server.mails] == [f"Klartext: {SLUGS[0]}: fetch failed (2024-05-14)"]
    assert "no space left" in mail_server.texts[0]
