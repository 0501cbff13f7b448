"""A run that fails, is refused or unusual sends a mail, as Airflow calls the callbacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from klartext.sources import Layout, Source
from support.mail_server import MailServer
from support.newsroom_runs import SLUGS, Run, accounts


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


def test_a_renamed_body_is_reported_by_mail_and_gone_with_mended_rules(
    run: Run, lake: Path, sources: dict[str, Source], mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sources[SLUGS[0]]
    renamed = [Layout.model_validate({**layout.model_dump(), "body": [".renamed"]}) for layout in source.layouts]
    monkeypatch.setenv("KLARTEXT_ALERTS", "smtp://mail?to=me@example.org")
    with monkeypatch.context() as patch:
        patch.setattr("klartext_airflow.steps.of_slug", lambda slug: source.model_copy(update={"rules": renamed}))
        run(SLUGS[0])
    (account,) = accounts(SLUGS[0]).values()
    assert (account["verdict"], account["warnings"]) == ("warned", ["batch-body"])
    (mail,), (text,) = mail_server.mails, mail_server.texts
    assert mail["Subject"] == f"Klartext: {SLUGS[0]}: a batch is unusual (2024-05-14)"
    assert "`body: .renamed`" in text and "0 of 4 pages" in text
    assert f"klartext replay {SLUGS[0]} --from 2024-05-14 --to 2024-05-15" in text
    assert f"/console/batch/{SLUGS[0]}/" in text
    assert set(run(SLUGS[0]).values()) == {"success"}
    (account,) = accounts(SLUGS[0]).values()
    assert (account["verdict"], account["published"]) == ("passed", 4)
    assert len(mail_server.mails) == 1
