"""The shape of `mail` in `lcm.yaml`: the server that takes our mails, who they are from, where answers to them go."""

from __future__ import annotations

import os
import re
from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from sync_worker.config.base import Strict
from sync_worker.errors import ConfigError
from sync_worker.model import mail_address

if TYPE_CHECKING:
    from collections.abc import Mapping

PORTS = {"starttls": 587, "tls": 465, "none": 25}
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
"""Hosts that a connection without encryption may lead to: this machine."""
NOT_IN_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
LONGEST_NAME = 100


def _one_address(value: str) -> str:
    if mail_address(value) is None:
        raise ValueError(f"expected one e-mail address like lea@example.org, not '{value}'")
    return value.strip()


def _named_address(value: str) -> str:
    name, address = parseaddr(value)
    if NOT_IN_A_HEADER.search(value) or "=?" in value or len(name) > LONGEST_NAME or mail_address(address) is None:
        raise ValueError("expected an e-mail address, perhaps with a name: 'Léa Martin <lea@example.org>'")
    return value.strip()


PlainAddress = Annotated[str, AfterValidator(_one_address)]
NamedAddress = Annotated[str, AfterValidator(_named_address)]


class MailSettings(Strict):
    """How mails are sent: through an SMTP server, or (`folder`) as files that nobody sends, to look at first.

    `security` is `starttls`, `tls`, or `none`, which is taken for this machine only. The password is in the environment
    variable `password_env` or in `password_file`. Mails are `from` somebody; people answer to `reply_to`, or to what
    `reply_to_of` says for a cohort: a mailbox that an LCM reads. Who wants no more of them writes to `unsubscribe`
    (else to the same mailbox). `answers_at` is the public https address of `lcm run`'s own pages, where one click
    answers; without it a click opens a mail that is written already. At most `per_hour` mails go out in an hour.
    """

    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_env: str = "LCM_MAIL_PASSWORD"  # noqa: S105  (the name of a variable)
    password_file: Path | None = None
    folder: Path | None = None
    sender: Annotated[NamedAddress, Field(alias="from")]
    reply_to: PlainAddress | None = None
    reply_to_of: dict[str, PlainAddress] = Field(default_factory=dict)
    unsubscribe: PlainAddress | None = None
    answers_at: str | None = None
    per_hour: Annotated[int, Field(ge=1, le=100_000)] = 60
    timeout: Annotated[float, Field(gt=0, le=600)] = 30.0

    @field_validator("host")
    @classmethod
    def _host(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", value):
            raise ValueError("expected the name of a host, like smtp.example.org")
        return value

    @field_validator("answers_at")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https://[^\s/@?#<>,]+(/[^\s@?#<>,]*)?", value):
            raise ValueError("expected an address like https://lcm.example.org, without user, password or query")
        return value.rstrip("/") if value else value

    @model_validator(mode="after")
    def _one_way(self) -> MailSettings:
        if (self.host is None) == (self.folder is None):
            raise ValueError("say where mails go: `host`, a mail server, or `folder`, where they are only written")
        if self.security == "none" and self.host is not None and self.host not in HERE:
            raise ValueError(
                "with `security: none` everybody on the way can read: it is for a server on localhost only"
            )
        return self

    @property
    def place(self) -> tuple[str, int]:
        """Host and port of the server; without a port, the usual one of its security."""
        return self.host or "", self.port or PORTS[self.security]

    @property
    def from_address(self) -> Address:
        """Who mails are from, with their name."""
        name, address = parseaddr(self.sender)
        return Address(display_name=name, addr_spec=mail_address(address) or "")

    def replies_to(self, cohort: str) -> str:
        """Return the mailbox to which people answer about a cohort."""
        return self.reply_to_of.get(cohort) or self.reply_to or self.from_address.addr_spec

    def unsubscribe_at(self, cohort: str) -> str:
        """Return the mailbox to which a person writes who wants no more mails."""
        return self.unsubscribe or self.replies_to(cohort)


def mail_password(mail: MailSettings, environ: Mapping[str, str] | None = None) -> str | None:
    """Return the password of the mail server from its file or the environment; None where no `user` logs in.

    Raises:
        ConfigError: a user logs in, and neither has a password; says which were tried.

    """
    if mail.user is None:
        return None
    environment = os.environ if environ is None else environ
    place = str(mail.password_file) if mail.password_file else f"environment variable {mail.password_env}"
    try:
        found = mail.password_file.read_text("utf-8") if mail.password_file else environment.get(mail.password_env, "")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        do = "Write the password into it, readable only by the worker's user."
        raise ConfigError(f"the mail password's file cannot be read: {why}.", where=place, do=do) from None
    password = found.rstrip("\r\n")
    if not password:
        raise ConfigError(
            f"no password for '{mail.user}' in {place}.",
            where="lcm.yaml: mail",
            do="Put it there, or leave `user` out.",
        )
    return password
