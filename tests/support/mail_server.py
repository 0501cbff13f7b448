"""A mail server on loopback, and an Airflow connection to it."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import json
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from support.ports import free_ports


@dataclasses.dataclass
class MailServer:
    """``refusal`` is its answer to mails, where it takes none; ``envelopes`` what it took."""

    port: int
    refusal: str = ""
    envelopes: list[Any] = dataclasses.field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Called by aiosmtpd for each mail."""
        if self.refusal:
            return self.refusal
        self.envelopes.append(envelope)
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails, parsed."""
        found = [email.message_from_bytes(each.content, policy=email.policy.default) for each in self.envelopes]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    @property
    def texts(self) -> list[str]:
        """The text of each mail."""
        bodies = [mail.get_body() for mail in self.mails]
        return [body.get_content() for body in bodies if isinstance(body, EmailMessage)]


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A running server; the Airflow connection ``mail`` leads to it, without TLS."""
    server = MailServer(free_ports(1))
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "klartext@example.org", "timeout": 5,
             "retry_limit": 0}  # fmt: skip
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": server.port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps(connection))
    controller.start()
    yield server
    controller.stop()
