"""Mail goes to a real SMTP server, and what that answers decides what becomes of it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from service.notices.mail import Mailer, Refused, Sent, Trouble

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class Sink:
    """Takes mail, unless told what to answer."""

    def __init__(self) -> None:
        self.mail: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.answer: str | None = None
        self.recipient_answer: str | None = None

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.recipient_answer:
            return self.recipient_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answer:
            return self.answer
        self.recipients.append(envelope.rcpt_tos)
        self.mail.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def mailer(sink: Sink) -> Iterator[Mailer]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    yield Mailer(f"smtp://127.0.0.1:{port}", "notices@platform.example", timeout_seconds=5)
    controller.stop()


def send(mailer: Mailer, recipient: str = "zhang@example.org") -> Any:
    return mailer.send(recipient, "违规处理通知", "正文\n\nbody\n", message_id="n-1", now=NOW)


def test_a_mail_arrives_as_it_was_written(mailer: Mailer, sink: Sink) -> None:
    assert send(mailer) == Sent()
    (mail,) = sink.mail
    assert sink.recipients == [["zhang@example.org"]]
    assert (mail["Subject"], mail["From"]) == ("违规处理通知", "notices@platform.example")
    assert mail["Message-ID"] == "<n-1@platform.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == "正文\n\nbody\n"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 no such user", Refused("mail_550")),
        ("554 no", Refused("mail_554")),
        ("451 later", Trouble("mail_451")),
        ("421 closing", Trouble("mail_421")),
    ],
)
def test_what_the_server_answers_decides(
    mailer: Mailer, sink: Sink, answer: str, expected: object
) -> None:
    sink.answer = answer
    assert send(mailer) == expected
    sink.answer, sink.recipient_answer = None, answer
    assert send(mailer) == expected


def test_a_server_that_is_not_there_is_trouble() -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    mailer = Mailer(f"smtp://127.0.0.1:{port}", "n@p.example", timeout_seconds=2)
    assert send(mailer) == Trouble("mail_unreachable")


@pytest.mark.parametrize(
    "recipient",
    [
        "nobody",
        "@example.org",
        "a@example.org, b@example.org",
        "a@example.org\nBcc: b@example.org",
        "<a@example.org>",
        "",
    ],
)
def test_what_is_no_single_address_is_refused_before_anything_is_sent(
    mailer: Mailer, sink: Sink, recipient: str
) -> None:
    assert send(mailer, recipient) == Refused("mail_address")
    assert sink.mail == []


def test_no_password_is_sent_to_a_server_without_tls(sink: Sink) -> None:
    def note(*_: Any) -> AuthResult:
        raise AssertionError("a password came in the clear")

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    controller = Controller(
        sink, hostname="127.0.0.1", port=port, authenticator=note, auth_require_tls=False
    )
    controller.start()
    try:
        mailer = Mailer(f"smtp://user:secret@127.0.0.1:{port}", "n@p.example", timeout_seconds=5)
        assert send(mailer) == Trouble("mail_unreachable")
        assert sink.mail == []
    finally:
        controller.stop()
