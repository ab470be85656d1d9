"""Handing a mail over to a server or into a folder: what may have been taken is never handed over again."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sync_worker.checks import failed, ok, warn
from sync_worker.config.base import OWNER_ONLY
from sync_worker.config.mail import mail_password
from sync_worker.errors import LcmError, MailError, NoMailServerError, Outcome
from sync_worker.http import in_time, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from email.message import EmailMessage

    from sync_worker.checks import Finding
    from sync_worker.config.mail import MailSettings

CHECK = "Check `mail` in lcm.yaml with `lcm check`."
WAITS = 10  # so many time-outs one mail may take in all
GO_ON = 354  # "start mail input"
LOGIN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954: log in first, or otherwise


class PostOffice(Protocol):
    """Where mails go."""

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand one mail over.

        Raises:
            MailError: it was not taken, or (DOUBTFUL) nobody knows.

        """
        ...

    def has(self, message: EmailMessage) -> bool | None:
        """Whether a mail was handed over before; None where nobody can tell."""
        ...


def post_office(mail: MailSettings) -> PostOffice:
    """Return what takes the mails by the settings.

    Raises:
        ConfigError: there is no password.

    """
    if mail.folder is not None:
        return Folder(mail.folder)
    return Server(mail, mail_password(mail))


@dataclass(frozen=True, slots=True)
class Folder:
    """Writes each mail to a file and sends nothing: to look at them first, and for rehearsals."""

    path: Path

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Write the mail to a file that is whole, or not there; only its owner may read it.

        Raises:
            MailError: it cannot be written.

        """
        del recipient
        place = self._place(message)
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(dir=self.path, prefix=".") as beside:  # what is half written goes with it
                written = Path(beside, place.name)
                written.touch(OWNER_ONLY)
                written.write_bytes(message.as_bytes())
                written.replace(place)
        except OSError as error:
            what = f"the mail cannot be written: {error.strerror or error}."
            raise MailError(what, where=str(place), outcome=Outcome.POSTPONED, unreachable=True) from None

    def has(self, message: EmailMessage) -> bool | None:
        """Whether the file is there."""
        return self._place(message).exists()

    def _place(self, message: EmailMessage) -> Path:
        name = re.sub(r"[^\w.-]", "_", str(message["Message-ID"]).strip("<>").partition("@")[0])
        return self.path / f"{name}.eml"


class _Smtp(smtplib.SMTP):
    """Reads until the deadline in force: smtplib bounds each read alone, and a server may drip its answers."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = in_time(self.sock.makefile("rb", buffering=0), self.sock)
        return super().getreply()


class _SmtpOverTls(_Smtp, smtplib.SMTP_SSL):
    """The same over TLS from the beginning."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, spoken to over SMTP (RFC 5321), one connection for each mail, of ten waits in all."""

    mail: MailSettings
    password: str | None

    def send(self, message: EmailMessage, recipient: str) -> None:
        """Hand a mail over; it was taken once the server has answered so behind the last line of it.

        Raises:
            NoMailServerError: the server cannot be reached, or does not take us.
            MailError: POSTPONED where it did not get so far or the server said "not now", REFUSED where it said no,
                DOUBTFUL where its answer did not come.

        """
        data = message.as_bytes()
        with self._conversation() as server:
            self._judge_sender(*self._ask(lambda: server.mail(self.mail.from_address.addr_spec)))
            self._judge("RCPT TO", *self._ask(lambda: server.rcpt(recipient)), to_recipient=True)
            self._hand_over(server, data)

    def has(self, message: EmailMessage) -> bool | None:
        """Return None: SMTP has no way to ask."""
        del message
        return None

    def check(self) -> None:
        """Connect, log in and name the sender, and send nothing.

        Raises:
            MailError: the server cannot be reached, or does not take us.

        """
        with self._conversation() as server:
            self._judge_sender(*self._ask(lambda: server.mail(self.mail.from_address.addr_spec)))

    @contextlib.contextmanager
    def _conversation(self) -> Iterator[smtplib.SMTP]:
        with until(time.monotonic() + WAITS * self.mail.timeout):
            server = self._connect()
            try:
                yield server
            finally:
                _leave(server)

    def _connect(self) -> smtplib.SMTP:
        host, port = self.mail.place
        context = ssl.create_default_context()
        try:
            if self.mail.security == "tls":
                server: smtplib.SMTP = _SmtpOverTls(host, port, timeout=self.mail.timeout, context=context)
            else:
                server = _Smtp(host, port, timeout=self.mail.timeout)
        except (OSError, smtplib.SMTPException) as error:
            raise self._no_server(f"cannot be reached: {_words(error)}", _advice(error)) from None
        try:
            if self.mail.security == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self.mail.user is not None:
                server.login(self.mail.user, self.password or "")
        except smtplib.SMTPAuthenticationError as error:
            _leave(server)
            do = "Correct `user` or its password."
            raise self._no_server(f"does not take the user and password: {_words(error)}", do) from None
        except UnicodeEncodeError:  # its own words show the letter, which may be one of the password
            _leave(server)
            do = "Take a password of letters from A to Z, digits and signs."
            raise self._no_server(
                "cannot be told the user or the password: they have other letters than ASCII", do
            ) from None
        except smtplib.SMTPNotSupportedError as error:
            _leave(server)
            raise self._no_server(f"cannot do what is asked: {_words(error)}", self._without(error)) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            server.close()  # a goodbye might wait for an answer that does not come
            raise self._no_server(f"broke off: {_words(error)}", _advice(error)) from None
        return server

    @staticmethod
    def _without(error: smtplib.SMTPNotSupportedError) -> str:
        if "STARTTLS" in str(error):
            return "Set `security: tls` if the server has a port for that, mostly 465; `none` is for localhost only."
        return "Leave `user` out, or set `security` so that the server lets us log in."

    def _away(self, what: str, do: str = CHECK, kind: type[MailError] = MailError) -> MailError:
        what = f"the mail server {what}."
        return kind(what, where=self._where, do=do, outcome=Outcome.POSTPONED, unreachable=True)

    def _no_server(self, what: str, do: str) -> MailError:
        return self._away(what, do, NoMailServerError)

    @property
    def _where(self) -> str:
        return ":".join(str(part) for part in self.mail.place)

    def _ask(self, command: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
        """Return the server's answer to a command before the mail itself: until then nothing was sent."""
        try:
            return command()
        except (OSError, smtplib.SMTPException) as error:
            raise self._away(f"broke off: {_words(error)}") from None

    def _judge_sender(self, code: int, said: bytes) -> None:
        """Raise where the server takes nothing from us: that is about us, and so about every mail."""
        if 500 <= code < 600:
            do = "Set `user` and its password." if code in LOGIN_CODES else "Correct `from`."
            raise self._away(f"takes no mail from us: {code} {_decoded(said)}", do)
        self._judge("MAIL FROM", code, said)

    def _judge(self, what: str, code: int, said: bytes, *, to_recipient: bool = False) -> None:
        if 200 <= code < 300:
            return
        refused = 500 <= code < 600
        if to_recipient and refused and (code in LOGIN_CODES or re.search(rb"(?i)\brelay", said)):
            raise self._away(f"takes no mail from us: {code} {_decoded(said)}")
        raise MailError(
            f"the mail server answered {what} with {code} {_decoded(said)}.",
            where=self._where,
            outcome=Outcome.REFUSED if refused else Outcome.POSTPONED,
            of_recipient=to_recipient and refused and _is_about_the_address(said),
        )

    def _hand_over(self, server: smtplib.SMTP, data: bytes) -> None:
        code, said = self._ask(lambda: server.docmd("DATA"))
        if code != GO_ON:
            self._judge("DATA", code if code >= 400 else 451, said)
        try:
            lines = re.sub(rb"(?m)^\.", b"..", data)
            server.send((lines if lines.endswith(b"\r\n") else lines + b"\r\n") + b".\r\n")
            code, said = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            what = f"the mail server did not say whether it took the mail: {_words(error)}."
            raise MailError(what, where=self._where, outcome=Outcome.DOUBTFUL) from None
        if not (200 <= code < 300 or 400 <= code < 600):
            what = f"the mail server's answer to the mail is none: {code} {_decoded(said)}."
            raise MailError(what, where=self._where, outcome=Outcome.DOUBTFUL)
        self._judge("the mail", code, said)


def check_mail(mail: MailSettings, environ: Mapping[str, str]) -> Finding:
    """Return whether mails can be sent: the server is connected to and told the sender, and sent nothing."""
    if mail.folder is not None:
        return warn("mail", f"mails are written to {mail.folder}, and nothing is sent.", "Name a `host` to send them.")
    try:
        server = Server(mail, mail_password(mail, environ))
        server.check()
    except LcmError as error:
        return failed("mail", error)
    return ok("mail", f"{':'.join(map(str, mail.place))} takes mails from us ({mail.security}).")


def _leave(server: smtplib.SMTP) -> None:
    """End the conversation; what was taken stays taken, whatever the server says to that."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        server.quit()
    server.close()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return str(getattr(error, "strerror", None) or error or type(error).__name__).rstrip(".")


def _advice(error: Exception) -> str:
    """Return what can be done where a connection does not come about."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            "Is `host` the name that stands in the certificate? If it comes from an authority of your own, name the "
            "authority's file in the environment variable SSL_CERT_FILE."
        )
    if isinstance(error, ssl.SSLError | smtplib.SMTPServerDisconnected):
        return "Does `security` fit the port? 465 is mostly for tls, 587 for starttls."
    return "Check `host` and `port`, and that the server runs."


def _is_about_the_address(said: bytes) -> bool:
    """Whether a no means that there is no such mailbox, by its enhanced code (RFC 3463), if it has one."""
    found = re.match(rb"5\.\d{1,3}\.\d{1,3}(?!\S)", said.strip())
    return found is None or found[0].startswith(b"5.1.") or found[0] == b"5.2.1"


def _decoded(said: bytes | str) -> str:
    """Return a server's words as one line, without addresses: it may say anything."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = re.sub(r"<?[^\s<>]+@[^\s<>]+>?", "(address)", text)
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())[:300].rstrip(".")
