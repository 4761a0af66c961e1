"""Our own mail: one message at a time by SMTP, plain text, the same id at every try."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

TIMEOUT_SECONDS: Final = 10.0
"""For the whole conversation."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has taken it: successful sending (8.3.3)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The server or the address will never take it; `code` says how."""

    code: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Not now; `code` says how."""

    code: str


class Mailer:
    """Sends by the server of an address like `smtp://user:password@host:587`.

    `smtps` speaks TLS from the beginning; `smtp` goes over to it where the server offers it, and
    always before a password is sent. `sender` is the address that mail comes from.
    """

    def __init__(self, url: str, sender: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._username = None if parts.username is None else unquote(parts.username)
        self._password = None if parts.password is None else unquote(parts.password)
        self._sender = sender
        self._timeout = timeout_seconds

    def send(
        self, recipient: str, subject: str, body: str, *, message_id: str, now: datetime
    ) -> Sent | Refused | Trouble:
        """Send one message; never raises for what the server does."""
        try:
            message = self._compose(recipient, subject, body, message_id, now)
        except (ValueError, IndexError):
            return Refused("mail_address")
        try:
            asyncio.run(asyncio.wait_for(self._send(message), self._timeout))
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _judge(max((refusal.code for refusal in error.recipients), default=550))
        except aiosmtplib.SMTPResponseException as error:
            return _judge(error.code)
        except (aiosmtplib.SMTPException, TimeoutError, OSError):
            return Trouble("mail_unreachable")
        return Sent()

    def _compose(
        self, recipient: str, subject: str, body: str, message_id: str, now: datetime
    ) -> EmailMessage:
        """Raises `ValueError` for an address that is none, or that holds more than one."""
        local, at, domain = recipient.rpartition("@")
        if (
            not at
            or not local
            or any(not char.isprintable() or char in " ,;<>" for char in recipient)
        ):
            raise ValueError("recipient: not an address")
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = Address(username=local, domain=domain)
        message["Subject"] = subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{message_id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body)
        return message

    async def _send(self, message: EmailMessage) -> None:
        must_hide = self._username is not None and not self._tls
        await aiosmtplib.send(
            message,
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._tls,
            start_tls=True if must_hide else (False if self._tls else None),
            timeout=self._timeout,
        )


def _judge(code: int) -> Refused | Trouble:
    return Refused(f"mail_{code}") if 500 <= code < 600 else Trouble(f"mail_{code}")
