"""The addresses of KLARTEXT_ALERTS, and what is sent to them."""

from __future__ import annotations

import http.server
import json
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from klartext_airflow import alert_channels
from klartext_airflow.alert_channels import (
    AlertSettingError,
    AppriseChannel,
    Channel,
    SmtpChannel,
    configured_channels,
    is_configured,
    send_to_all,
)
from support.mail_server import MailServer


@pytest.fixture(autouse=True)
def _airflow(airflow_home: Path) -> None:
    """Airflow's settings are those of the tests."""


@pytest.mark.parametrize(
    ("value", "channels"),
    [
        ("", []),
        (" ,\n", []),
        ("smtp://mail?to=a@b.example", [SmtpChannel("mail", ("a@b.example",))]),
        (
            "smtp://mail_1.x?to=a@b.example,c+d@e.example&to=f@g.example&from=k@h.example",
            [SmtpChannel("mail_1.x", ("a@b.example", "c+d@e.example", "f@g.example"), "k@h.example")],
        ),
        (
            "smtp://mail?to=a@b.example,json://127.0.0.1/x, jsons://127.0.0.1\njson://other",
            [SmtpChannel("mail", ("a@b.example",)), AppriseChannel("json://127.0.0.1/x"),
             AppriseChannel("jsons://127.0.0.1"), AppriseChannel("json://other")],
        ),
        (
            "mailto://me:secret@example.org?to=a@b.example,c@d.example",
            [AppriseChannel("mailto://me:secret@example.org?to=a@b.example,c@d.example")],
        ),
    ],
)  # fmt: skip
def test_addresses(value: str, channels: list[Channel], monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured_channels(value) == channels
    monkeypatch.setenv("KLARTEXT_ALERTS", value)
    assert configured_channels() == channels
    assert is_configured() == bool(channels)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("me@example.org", "address 1 has no scheme; write smtp://CONNECTION\\?to=you@example.org"),
        ("smtp://mail", "'smtp://mail' needs one receiver"),
        ("smtp://?to=a@b.example", "names no connection"),
        ("smtp://user:pw@host?to=a@b.example", "names no connection"),
        ("smtp://mail?to=a@b.example&cc=c@d.example", "'cc' in .* is unknown"),
        ("smtp://mail?to=nobody", "'nobody' is no mail address"),
        ("smtp://mail?to=a@b.example%0ABcc:c@d.example", "is no mail address"),
        ("smtp://mail?to=a@b.example&from=c@d.example,e@f.example", "at most one sender"),
        ("json://127.0.0.1 nosuchservice://x:secret@y", r"address 2 \(nosuchservice://…\) is none that Apprise can"),
        ("slack://tooshort", r"address 1 \(slack://…\) is none"),
        ("x" * 10_001, "longer than 10000"),
    ],
)
def test_what_cannot_be_used_is_explained(value: str, message: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(AlertSettingError, match=message) as error:
        configured_channels(value)
    assert str(error.value).startswith("KLARTEXT_ALERTS")
    assert "secret" not in str(error.value) + caplog.text


def test_a_mail_over_an_airflow_connection(mail_server: MailServer) -> None:
    (channel,) = configured_channels("smtp://mail?to=a@b.example,c@d.example")
    text = "Über 3 < 4 & 'Zitat'\n\nzweite Zeile"
    assert send_to_all([channel], "Klartext: größer", text) == ["smtp://mail"]
    (mail,) = mail_server.mails
    assert mail["Subject"] == "Klartext: größer"
    assert mail["From"] == "klartext@example.org"
    assert mail_server.envelopes[0].rcpt_tos == ["a@b.example", "c@d.example"]
    assert "Über 3 &lt; 4 &amp; &#x27;Zitat&#x27;\n\nzweite Zeile" in mail_server.texts[0].replace("\r", "")


def test_the_sender_is_the_one_that_is_named(mail_server: MailServer) -> None:
    assert send_to_all(configured_channels("smtp://mail?to=a@b.example&from=other@example.org"), "s", "t")
    assert mail_server.envelopes[0].mail_from == "other@example.org"


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ('{"conn_type": "smtp", "host": "127.0.0.1"}', "names no sender: put from_email into its extra"),
        (None, "mail"),
    ],
    ids=["no sender", "no connection"],
)
def test_a_connection_that_cannot_be_used_is_logged(
    connection: str | None, message: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_MAIL", raising=False)
    if connection:
        monkeypatch.setenv("AIRFLOW_CONN_MAIL", connection)
    assert send_to_all(configured_channels("smtp://mail?to=a@b.example"), "s", "t") == []
    assert "the alert could not be sent to smtp://mail" in caplog.text and message in caplog.text


def test_a_server_that_refuses_mail_does_not_hold_up_the_others(
    mail_server: MailServer, received: list[dict[str, str]], webhook: str, caplog: pytest.LogCaptureFixture
) -> None:
    mail_server.refusal = "554 no thanks"
    assert send_to_all(configured_channels(f"smtp://mail?to=a@b.example {webhook}"), "head", "body") == ["json://…"]
    assert "554" in caplog.text
    assert [(each["title"], each["message"]) for each in received] == [("head", "body")]


@pytest.fixture
def received() -> list[dict[str, str]]:
    """What the webhook was sent."""
    return []


@pytest.fixture
def webhook(received: list[dict[str, str]]) -> Iterator[str]:
    """An address of Apprise that leads to a server of the test."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}/hook"
        server.shutdown()


def test_sending_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    over = threading.Event()

    class Slow:
        label = "slow://"

        def send(self, subject: str, text: str) -> None:
            over.wait(60)

    monkeypatch.setattr(alert_channels, "TIME_LIMIT", 0.1)
    began = time.monotonic()
    with caplog.at_level(logging.ERROR):
        assert send_to_all([Slow()], "s", "t") == []
    over.set()
    assert time.monotonic() - began < 30
    assert "could not be sent to slow:// within" in caplog.text
