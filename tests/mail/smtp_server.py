"""A mail server for tests, over real SMTP on this machine: it keeps what it takes, and can be told how to fail."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import SMTP, Envelope, Session

USER, PASSWORD = "lcm", "a pass phrase with spaces"


@dataclass
class Mailbox:
    """What a server took; `hang_up` is where it goes away.

    `sender`, `rcpt` and `data` are what it answers instead of OK, `answer` is what it says once it has taken a mail.
    There is nobody at the addresses in `nobody`; `asked` is for whom mails were handed over, taken or not.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    sender: str = ""
    rcpt: str = ""
    data: str = ""
    hang_up: str = ""
    answer: str = "250 taken"
    nobody: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Forget what was taken, and take everything again."""
        self.mails.clear()
        self.recipients.clear()
        self.sender = self.rcpt = self.data = self.hang_up = ""
        self.answer = "250 taken"

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if not self.sender:
            envelope.mail_from = address
        return self.sender or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        self.asked.append(address)
        if self.hang_up == "rcpt":
            cast("Any", server.transport).abort()
        if address in self.nobody:
            return "550 5.1.1 there is nobody of this name"
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del session
        if self.data:
            return self.data
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        if self.hang_up == "data":  # taken, and nobody hears of it
            cast("Any", server.transport).abort()
        return self.answer


def _authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    del server, session, envelope, mechanism
    is_good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_good, handled=is_good)


class _AnyPort(Controller):
    """Listens at a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = cast("Any", self.server).sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def smtp_server(context: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """Serve SMTP at a free port; with a context STARTTLS and a login are required."""
    box = Mailbox()
    secure: dict[str, Any] = (
        {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _authenticate}
        if context is not None
        else {}
    )
    controller = _AnyPort(box, hostname="127.0.0.1", port=0, **secure)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """Return the HTML of a mail."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())
