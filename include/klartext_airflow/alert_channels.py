"""Where alerts are sent: by mail over an SMTP connection of Airflow, or to any address that Apprise knows."""

from __future__ import annotations

import contextlib
import dataclasses
import html
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from typing import Protocol
from urllib.parse import parse_qsl

VARIABLE = "KLARTEXT_ALERTS"
TIME_LIMIT = 60.0
"""Seconds after which sending to one channel is given up."""
_LONGEST = 10_000  # characters of the variable
_NEXT_ADDRESS = re.compile(r"\s+|,+(?=\s|$|[a-z][a-z0-9+.-]{0,30}://)")
_MAILBOX = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}")

logger = logging.getLogger(__name__)


class AlertSettingError(ValueError):
    """``KLARTEXT_ALERTS`` cannot be used; the message says what to write instead. It has no password."""


class Channel(Protocol):
    """One address of ``KLARTEXT_ALERTS``. ``label`` names it without a password."""

    @property
    def label(self) -> str: ...

    def send(self, subject: str, text: str) -> None:
        """Sends a message. Raises an error of any kind if that is not possible."""


@dataclasses.dataclass(frozen=True)
class SmtpChannel:
    """Mail over an Airflow connection of type ``smtp``; without ``sender`` it comes from the connection's
    ``from_email``, or else its login."""

    connection: str
    receivers: tuple[str, ...]
    sender: str | None = None

    @property
    def label(self) -> str:
        return f"smtp://{self.connection}"

    def send(self, subject: str, text: str) -> None:
        from airflow.providers.smtp.hooks.smtp import SmtpHook
        from airflow.sdk import Connection

        found = Connection.get(self.connection)
        sender = self.sender or found.extra_dejson.get("from_email") or found.login
        if not sender or not _MAILBOX.fullmatch(sender):
            raise ValueError(
                f"the connection {self.connection} names no sender: put from_email into its extra, "
                f"or &from=klartext@example.org into {VARIABLE}"
            )
        page = f'<pre style="white-space: pre-wrap">{html.escape(text)}</pre>'
        with SmtpHook(self.connection, auth_type=found.extra_dejson.get("auth_type") or "basic") as hook:
            hook.send_email_smtp(
                to=list(self.receivers), subject=subject, html_content=page, from_email=sender, mime_charset="utf-8"
            )


@dataclasses.dataclass(frozen=True)
class AppriseChannel:
    """An address of Apprise, which may contain a password."""

    address: str = dataclasses.field(repr=False)

    @property
    def label(self) -> str:
        return f"{self.address.partition('://')[0]}://…"

    def send(self, subject: str, text: str) -> None:
        import apprise

        receiver = apprise.Apprise()
        receiver.add(self.address)
        if not receiver.notify(title=subject, body=text, body_format=apprise.NotifyFormat.TEXT):
            raise OSError("Apprise could not deliver it; the log lines of apprise before this one say why")


def configured_channels(value: str | None = None) -> list[Channel]:
    """The channels of ``KLARTEXT_ALERTS``, by default that of the environment; none if it is empty.

    Raises AlertSettingError for what cannot be used.
    """
    value = os.environ.get(VARIABLE, "") if value is None else value
    if len(value) > _LONGEST:
        raise AlertSettingError(f"{VARIABLE} is longer than {_LONGEST} characters")
    parts = [part.strip(",") for part in _NEXT_ADDRESS.split(value)]
    return [_channel(number, part) for number, part in enumerate(filter(None, parts), start=1)]


def is_configured() -> bool:
    """True if ``KLARTEXT_ALERTS`` names anything, whether or not it can be used."""
    return bool(os.environ.get(VARIABLE, "").strip(" ,\t\n"))


def _channel(number: int, address: str) -> Channel:
    scheme, found, rest = address.partition("://")
    if not found:
        raise AlertSettingError(
            f"{VARIABLE}: address {number} has no scheme; write smtp://CONNECTION?to=you@example.org for mail over an "
            "Airflow connection, or an address of Apprise such as mailto://…, slack://… or json://…"
        )
    if scheme.lower() == "smtp":
        return _smtp_channel(address, rest)
    import apprise

    with _quiet_apprise():
        known = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    if known is None:
        raise AlertSettingError(
            f"{VARIABLE}: address {number} ({scheme[:30]}://…) is none that Apprise can use; its forms are listed at "
            "https://github.com/caronc/apprise/wiki"
        )
    return AppriseChannel(address)


def _smtp_channel(address: str, rest: str) -> SmtpChannel:
    connection, _, query = rest.partition("?")
    form = "write smtp://CONNECTION?to=you@example.org, with the id of an Airflow connection of type smtp"
    if not re.fullmatch(r"[\w.-]{1,200}/?", connection):
        raise AlertSettingError(f"{VARIABLE}: {address[:200]!r} names no connection; {form}")
    values: dict[str, list[str]] = {"to": [], "from": []}
    for name, value in parse_qsl(query.replace("+", "%2B"), keep_blank_values=True):  # a plus sign of an address
        if name not in values:
            raise AlertSettingError(f"{VARIABLE}: {name[:50]!r} in {address[:200]!r} is unknown; {form}, and &from=")
        values[name] += filter(None, (each.strip() for each in value.split(",")))
    for each in values["to"] + values["from"]:
        if not _MAILBOX.fullmatch(each):
            raise AlertSettingError(f"{VARIABLE}: {each[:200]!r} is no mail address; {form}")
    if not values["to"] or len(values["from"]) > 1:
        raise AlertSettingError(f"{VARIABLE}: {address[:200]!r} needs one receiver and at most one sender; {form}")
    return SmtpChannel(connection.rstrip("/"), tuple(values["to"]), *values["from"])


@contextlib.contextmanager
def _quiet_apprise() -> Iterator[None]:
    """Apprise logs what it cannot read with the whole address."""
    apprise_logger = logging.getLogger("apprise")
    before = apprise_logger.disabled
    apprise_logger.disabled = True
    try:
        yield
    finally:
        apprise_logger.disabled = before


def send_to_all(channels: list[Channel], subject: str, text: str) -> list[str]:
    """Sends a message to every channel; what fails is logged. Returns the labels of the channels that took it."""
    return [channel.label for channel in channels if _sent(channel, subject, text)]


def _sent(channel: Channel, subject: str, text: str) -> bool:
    """Sends in a thread, because not every library has a time limit for all that it does."""
    errors: list[BaseException] = []
    thread = threading.Thread(target=_collect_error, args=(channel.send, subject, text, errors), daemon=True)
    thread.start()
    thread.join(TIME_LIMIT)
    if thread.is_alive():
        logger.error("the alert could not be sent to %s within %.0f s", channel.label, TIME_LIMIT)
        return False
    for error in errors:
        logger.error("the alert could not be sent to %s: %s: %s", channel.label, type(error).__name__, error)
    return not errors


def _collect_error(send: Callable[[str, str], None], subject: str, text: str, errors: list[BaseException]) -> None:
    try:
        send(subject, text)
    except Exception as error:  # noqa: BLE001 - any library, any error: it is logged, and the task goes on
        errors.append(error)
