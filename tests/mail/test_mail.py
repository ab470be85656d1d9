"""A mail goes over real SMTP: what it holds, and what is known of its fate where the server fails."""

from __future__ import annotations

import errno
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import trustme
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.config.mail import MailSettings
from sync_worker.content.markdown import escape
from sync_worker.errors import ConfigError, MailError, Outcome
from sync_worker.mail.delivery import Folder, Server, check_mail, post_office
from sync_worker.mail.letter import Letter, as_html, as_text, write_mail
from tests.mail.smtp_server import PASSWORD, USER, Mailbox, html_of, smtp_server, text_of

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
BODY = """\
Hello Bea,

Ana *tries* one thing out each week. **One thing to ask**: what was it?

> When the late shift comes, I will ask first.

- [Yes](lcm:yes)
- [Not yet](lcm:no)

.. and a line that begins with a full stop

---

[No more of these mails](lcm:stop)
"""
LINKS = {"lcm:yes": "https://lcm.example.org/a?x=1&y=2", "lcm:stop": "mailto:lea@example.org?subject=Stop%20%28x%29"}


def letter(**changes: Any) -> Letter:
    fields = {
        "key": "lcm-spring-brief-20270301-0123456789ab", "to": "bea@example.org", "to_name": "Béa Boss",
        "subject": "Ana : un essai", "body": BODY, "locale": "fr", "reply_to": "lea@example.org", "links": LINKS,
        "unsubscribe": ("https://lcm.example.org/s", "mailto:lea@example.org?subject=Stop"),
    }  # fmt: skip
    return Letter(**{**fields, **changes})


def settings(**changes: Any) -> MailSettings:
    fields = {"host": "127.0.0.1", "security": "none", "from": "Léa Martin <lcm@example.org>", "timeout": 5}
    return MailSettings.model_validate({**fields, **changes})


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with smtp_server() as box:
        yield box


@pytest.fixture
def box(server: Mailbox) -> Mailbox:
    server.reset()
    return server


def send(box: Mailbox, **changes: Any) -> None:
    mail = settings(port=box.port)
    post_office(mail).send(write_mail(letter(**changes), mail, NOW), "bea@example.org")


def test_a_mail_arrives_with_all_that_a_mailbox_wants_to_know(box: Mailbox) -> None:
    send(box)
    [mail] = box.mails
    assert box.recipients == ["bea@example.org"]
    assert mail["From"].addresses[0].display_name == "Léa Martin"
    assert (mail["To"].addresses[0].display_name, mail["Reply-To"]) == ("Béa Boss", "lea@example.org")
    assert mail["Message-ID"] == "<lcm-spring-brief-20270301-0123456789ab@example.org>"
    assert mail["Date"].datetime == NOW
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "fr")
    assert mail["List-Unsubscribe"] == "<https://lcm.example.org/s>, <mailto:lea@example.org?subject=Stop>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ".. and a line that begins with a full stop" in text_of(mail)


def test_without_pages_of_ours_no_one_click_is_promised(box: Mailbox) -> None:
    send(box, unsubscribe=("mailto:lea@example.org?subject=Stop",))
    assert "List-Unsubscribe-Post" not in box.mails[0]


def test_text_and_html_say_the_same_and_load_nothing(box: Mailbox) -> None:
    send(box)
    text, page = text_of(box.mails[0]), BeautifulSoup(html_of(box.mails[0]), "html.parser")
    assert page.html is not None
    assert page.html["lang"] == "fr"
    assert page.find_all(["img", "script", "link", "iframe"]) == []
    assert [a["href"] for a in page.find_all("a")] == list(LINKS.values())
    assert "- Not yet" in text
    assert "Yes <https://lcm.example.org/a?x=1&y=2>" in text
    assert "> When the late shift comes, I will ask first." in text
    assert "*" not in text

    def words(shown: str) -> list[str]:
        return re.findall(r"\w+", re.sub(r"<(?:https|mailto):[^>]+>", "", shown))

    assert page.body is not None
    assert words(text) == words(page.body.get_text(" "))


def test_markup_of_people_stays_text() -> None:
    html = as_html("<script>alert(1)</script><img src=x> [a](javascript:x) [b](lcm:unknown)", LINKS)
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript" not in html
    assert "lcm:" not in html
    assert "b" in as_text(html)


def test_words_of_people_read_in_a_mail_as_they_were_written() -> None:
    said = r"a_b*c ~d~ |e| `x` \ ^q^ $b$ {a} \"w\" & <b> 100 % = + ! > - 1. O'Neil"
    assert as_text(as_html(f"Hello {escape(said)}", {})) == f"Hello {said}\n"


@given(st.text(), st.text(max_size=60), st.text())
@pytest.mark.filterwarnings("ignore")
def test_no_text_can_put_a_header_or_a_recipient_into_a_mail(subject: str, name: str, body: str) -> None:
    evil = letter(subject=f"A{subject}\r\nBcc: x@example.com", to_name=name)
    with pytest.raises(MailError):
        write_mail(evil, settings(), NOW)
    try:
        made = write_mail(letter(subject=f"A{subject}", to_name=name, body=body), settings(), NOW)
    except MailError:
        return
    head = made.as_bytes().partition(b"\r\n\r\n")[0].decode("ascii")
    names = [line.partition(":")[0] for line in head.split("\r\n") if line[:1] not in (" ", "\t")]
    assert len(names) == len(set(names))
    assert "Bcc" not in names
    assert [one.addr_spec for one in made["To"].addresses] == ["bea@example.org"]


@pytest.mark.parametrize(
    "evil", ["=?utf-8?q?a=0d=0aBcc:_x@example.com?=", "=?utf-8?b?YQ0KQmNjOiB4QHkub3Jn?=", "=?ascii?Q?a=0A?= b"]
)
def test_what_looks_like_an_encoded_header_is_shown_as_it_is(evil: str) -> None:
    made = write_mail(letter(subject=f"A {evil}", to_name=evil), settings(), NOW)
    head = made.as_bytes().partition(b"\r\n\r\n")[0]
    assert not re.search(rb"(?mi)^bcc|^[^ \t:]+$", head)
    assert made["Subject"] == f"A {evil}".replace("=?", "= ?")
    assert made["To"].addresses[0].display_name == evil.replace("=?", "= ?")
    with pytest.raises(ValueError, match="expected an e-mail address"):
        settings(**{"from": f'"{evil}" <lcm@example.org>'})


@pytest.mark.parametrize("to", ["a@example.org, b@example.org", "a@example.org\nBcc: b@example.org", "a b@x.org", "@x"])
def test_what_is_not_one_address_gets_no_mail(to: str) -> None:
    with pytest.raises(MailError) as raised:
        write_mail(letter(to=to), settings(), NOW)
    assert raised.value.outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("how", "outcome", "taken"),
    [
        ({"rcpt": "450 try later"}, Outcome.POSTPONED, 0),
        ({"rcpt": "550 <bea@example.org> unknown"}, Outcome.REFUSED, 0),
        ({"data": "452 full"}, Outcome.POSTPONED, 0),
        ({"data": "554 no spam here"}, Outcome.REFUSED, 0),
        ({"hang_up": "rcpt"}, Outcome.POSTPONED, 0),
        ({"hang_up": "data"}, Outcome.DOUBTFUL, 1),
        ({"answer": "2x0 taken"}, Outcome.DOUBTFUL, 1),
    ],
)
def test_a_failure_says_whether_the_mail_may_have_gone_out(
    box: Mailbox, how: dict[str, str], outcome: Outcome, taken: int
) -> None:
    for name, value in how.items():
        setattr(box, name, value)
    with pytest.raises(MailError) as raised:
        send(box)
    assert (raised.value.outcome, len(box.mails)) == (outcome, taken)
    assert raised.value.of_recipient == (how.get("rcpt", "").startswith("55"))
    assert "bea@" not in str(raised.value)


@pytest.mark.parametrize(
    "how",
    [
        {"sender": "530 5.7.0 log in first"},
        {"sender": "550 5.7.1 this sender is not yours"},
        {"rcpt": "530 5.7.0 log in first"},
        {"rcpt": "554 5.7.1 <bea@example.org>: Relay access denied"},
        {"rcpt": "550 relaying denied"},
    ],
)
def test_a_server_that_takes_nothing_from_us_is_an_outage_and_no_word_about_a_mail(
    box: Mailbox, how: dict[str, str]
) -> None:
    for name, value in how.items():
        setattr(box, name, value)
    with pytest.raises(MailError, match="takes no mail from us") as raised:
        send(box)
    assert (raised.value.outcome, raised.value.unreachable) == (Outcome.POSTPONED, True)
    assert not raised.value.of_recipient


@pytest.mark.parametrize(
    ("said", "stops"),
    [
        ("550 no such user", True),
        ("550 5.1.1 no such user", True),
        ("550 5.2.1 mailbox disabled", True),
        ("552 5.2.2 mailbox full", False),
        ("550 5.7.1 blocked by a rule", False),
        ("550 5.7.26 not authenticated by DKIM", False),
    ],
)
def test_only_a_no_about_the_address_ends_the_mails_to_it(box: Mailbox, said: str, stops: bool) -> None:
    box.rcpt = said
    with pytest.raises(MailError) as raised:
        send(box)
    assert (raised.value.outcome, raised.value.of_recipient) == (Outcome.REFUSED, stops)


def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(MailError) as raised:
        Server(settings(port=1), None).send(write_mail(letter(), settings(), NOW), "bea@example.org")
    assert (raised.value.outcome, raised.value.unreachable) == (Outcome.POSTPONED, True)


DRIPPED = 500


@pytest.mark.parametrize(
    ("said_first", "outcome"),
    [(b"", Outcome.POSTPONED), (b"220 hi\r\n250 hi\r\n250 ok\r\n250 ok\r\n354 go on\r\n", Outcome.DOUBTFUL)],
)
def test_a_server_that_drips_its_answers_holds_nobody_for_ever(said_first: bytes, outcome: Outcome) -> None:
    dripped: list[int] = []

    def serve() -> None:
        with suppress(OSError), listening.accept()[0] as connection:
            connection.sendall(said_first)
            for number in range(DRIPPED):
                connection.sendall(b"250-a moment\r\n" if said_first else b"220-a moment\r\n")
                dripped.append(number)
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        mail = settings(port=listening.getsockname()[1], timeout=0.1)
        with pytest.raises(MailError) as raised:
            post_office(mail).send(write_mail(letter(), mail, NOW), "bea@example.org")
        thread.join()
    assert raised.value.outcome is outcome
    assert len(dripped) < DRIPPED


def test_mails_go_encrypted_and_after_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    with smtp_server(context) as box:
        mail = settings(port=box.port, security="starttls", user=USER, password_file=password)
        message = write_mail(letter(), mail, NOW)
        with pytest.raises(MailError, match="certificate"):
            post_office(mail).send(message, "bea@example.org")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        post_office(mail).send(message, "bea@example.org")
        password.write_text("wrong", encoding="utf-8")
        with pytest.raises(MailError, match="user and password"):
            post_office(mail).send(message, "bea@example.org")
        password.write_text("pass\u00e9word", encoding="utf-8")
        with pytest.raises(MailError) as raised:
            post_office(mail).send(message, "bea@example.org")
        assert not re.search(r"\u00e9|xe9|position", str(raised.value))
        assert raised.value.do == "Take a password of letters from A to Z, digits and signs."
        assert len(box.mails) == 1


def test_the_check_says_what_to_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    def said(box: Mailbox, **changes: Any) -> tuple[str, str]:
        finding = check_mail(settings(port=box.port, **changes), {"LCM_MAIL_PASSWORD": PASSWORD})
        return finding.what, finding.do

    with smtp_server(context) as box:
        what, do = said(box, security="starttls", user=USER)
        assert "certificate verify failed" in what
        assert "SSL_CERT_FILE" in do
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        what, do = said(box, security="starttls", user=USER)
        assert (what, do) == (f"127.0.0.1:{box.port} takes mails from us (starttls).", "")
        what, do = said(box, security="starttls", user="nobody")
        assert "does not take the user and password: 535" in what
        assert do == "Correct `user` or its password."
        what, do = said(box, security="starttls")
        assert "takes no mail from us: 530" in what
        assert do == "Set `user` and its password."
        what, do = said(box, security="tls", user=USER)
        assert "cannot be reached" in what
        assert do == "Does `security` fit the port? 465 is mostly for tls, 587 for starttls."
    with smtp_server() as box:
        what, do = said(box, security="starttls")
        assert what.endswith("cannot do what is asked: STARTTLS extension not supported by server.")
        assert do.startswith("Set `security: tls`")
        what, do = said(box, user=USER)
        assert what.endswith("cannot do what is asked: SMTP AUTH extension not supported by server.")
        assert do.startswith("Leave `user` out")
        box.sender = "550 5.7.1 not yours"
        what, do = said(box)
        assert what.endswith("takes no mail from us: 550 5.7.1 not yours.")
        assert do == "Correct `from`."
        assert box.mails == []


def test_a_folder_keeps_a_mail_once_and_knows_that_it_has_it(tmp_path: Path) -> None:
    mail = MailSettings.model_validate({"folder": tmp_path / "mails", "from": "lcm@example.org"})
    office, message = post_office(mail), write_mail(letter(), mail, NOW)
    assert isinstance(office, Folder)
    assert office.has(message) is False
    office.send(message, "bea@example.org")
    office.send(message, "bea@example.org")
    [file] = (tmp_path / "mails").iterdir()
    assert office.has(message) is True
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_mail_that_cannot_be_written_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    mail = MailSettings.model_validate({"folder": tmp_path / "mails", "from": "lcm@example.org"})
    office, message = post_office(mail), write_mail(letter(), mail, NOW)
    full = OSError(errno.ENOSPC, "No space left on device")
    for failing in ("pathlib.Path.replace", "pathlib.Path.write_bytes"):
        with patch(failing, side_effect=full), pytest.raises(MailError, match="No space left on device") as raised:
            office.send(message, "bea@example.org")
        assert (raised.value.outcome, raised.value.unreachable) == (Outcome.POSTPONED, True)
    assert list((tmp_path / "mails").iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"host": "smtp.example.org"}, "localhost only"),
        ({"host": None}, "say where mails go"),
        ({"folder": "mails"}, "say where mails go"),
        ({"from": "Léa\r\nBcc: x <lea@example.org>"}, "expected an e-mail address"),
        ({"from": "nobody"}, "expected an e-mail address"),
        ({"reply_to": "léa@example.org"}, "expected one e-mail address"),
        ({"answers_at": "http://lcm.example.org"}, "expected an address like https"),
    ],
)
def test_settings_that_would_lose_or_show_mails_are_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        settings(**changes)


def test_a_user_without_a_password_is_an_error_that_says_where_to_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LCM_MAIL_PASSWORD", raising=False)
    with pytest.raises(ConfigError, match="LCM_MAIL_PASSWORD"):
        post_office(settings(user="lcm"))
