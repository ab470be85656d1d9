"""`lcm briefings` and `briefing`: which managers got which mail, what they answered, and who gets no more of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import UsageError
from sync_worker.model import mail_address
from sync_worker.store.ledger import drafts
from sync_worker.store.mails import (
    ANSWERS,
    NOT_YET,
    STOP,
    TALK,
    UNSUBSCRIBED,
    YES,
    Sealed,
    last_question_to,
    mail_secret,
    sent_mails,
    start_again,
    stop,
    take,
    unsealed,
)
from sync_worker.store.tables import BriefingAnswerRow, IdentityRow, MailStopRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.store.mails import Taken

WORDS = {"yes": YES, "not-yet": NOT_YET, "no": NOT_YET, "talk": TALK, "stop": STOP}
"""What may be given for an answer."""
WAITS = "waits for an LCM"


def briefings(cohort: str | None, config_file: Path, *, as_json: bool) -> None:
    """Show each mail, to whom it went, what became of it and what was answered; then who gets none any more."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        forum = workspace.forum_name
        if cohort is not None:
            workspace.cohort(cohort)
        mails = _mails(session, forum, cohort)
        stops = [
            {"address": row.email, "why": row.why, "reason": row.reason, "since": row.at.isoformat()}
            for row in session.scalars(select(MailStopRow).where(MailStopRow.forum == forum).order_by(MailStopRow.at))
        ]
    if as_json:
        print_json({"mails": mails, "stopped": stops})
        return
    if not mails:
        click.echo("No mails so far." if cohort is None else f"No mails in cohort '{cohort}' so far.")
    else:
        print_rows(
            ("day", "cohort", "step", "to", "about", "state", "answer"),
            [tuple(one[name] for name in ("day", "cohort", "step", "to", "about", "state", "answer")) for one in mails],
        )
    if stops:
        click.echo("\nNo mails go to:")
        print_rows(("address", "why", "since"), [(one["address"], one["why"], one["since"][:10]) for one in stops])


def _mails(session: Session, forum: str, cohort: str | None) -> list[dict[str, Any]]:
    known = select(IdentityRow.user_id, IdentityRow.username).where(IdentityRow.forum == forum)
    names: dict[int, str] = {row.user_id: row.username for row in session.execute(known)}
    rows = session.scalars(select(BriefingAnswerRow).where(BriefingAnswerRow.forum == forum))
    answered = {row.key: row for row in rows}
    found = []
    for row in sent_mails(session, forum, cohort):
        at, state = row.sent_at or row.created_at, _state(row.state, row.reason)
        found.append(_shown(row.key, row.cohort, {**row.payload, "step": row.step}, at, state, names, answered))
    for waiting in drafts(session, forum, cohort):
        if waiting.body.get("kind") == "mail":
            found.append(_shown(waiting.key, waiting.cohort, waiting.body, waiting.created_at, WAITS, names, answered))
    return found


def _state(state: str, reason: str) -> str:
    waits = f"not sent yet: {reason}" if reason else "not sent yet"
    return {"done": "sent", "intended": waits, "skipped": "not sent", "dropped": "not sent"}.get(
        state, "unknown whether sent" if reason.startswith(("unknown", "envoi incertain")) else "not delivered"
    )


def _shown(  # noqa: PLR0917
    key: str,
    cohort: str,
    body: Mapping[str, Any],
    at: datetime,
    state: str,
    names: Mapping[int, str],
    answered: Mapping[str, BriefingAnswerRow],
) -> dict[str, Any]:
    about = [f"@{names[number]}" if number in names else f"account {number}" for number in body.get("about_users", ())]
    answer = answered.get(key)
    return {
        "key": key,
        "day": f"{at:%Y-%m-%d}",
        "cohort": cohort,
        "step": body.get("step", ""),
        "to": ", ".join(body.get("recipients", ())),
        "about": ", ".join(about) or "-",
        "state": state,
        "answer": answer.answer if answer is not None else "-",
    }


def answer(who: str, word: str | None, config_file: Path) -> None:
    """Enter what a manager answered: by the code of a subject, or by the address and the word."""
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        taken = _taken(session, workspace.forum_name, who, word, now)
    told = "no more mails go there" if taken.word == STOP else f"“{ANSWERS[taken.word]}” is entered"
    click.echo(f"{taken.address}: {told}{' already' if taken.before else ''}.")


def _taken(session: Session, forum: str, who: str, word: str | None, now: datetime) -> Taken:
    secret = mail_secret(session, forum)
    address = mail_address(who)
    if address is None:
        chosen = unsealed(secret, who)
        if chosen is None or word is not None:
            do = (
                "Give the whole subject of the reply with its code, or an address and one of: yes, not-yet, talk, stop."
            )
            raise UsageError("this is neither a code of ours nor an e-mail address.", do=do)
    else:
        if word not in WORDS:
            raise UsageError("say what was answered.", do=f"One of: {', '.join(WORDS)}.")
        asked = last_question_to(session, forum, address)
        if asked is None:
            raise UsageError(f"no mail to {address} has asked anything.", do="`lcm briefings` shows what was sent.")
        chosen = Sealed(asked.key, WORDS[word])
    taken = take(session, forum, chosen, "lcm", now)
    if taken is None:
        raise UsageError("the mail that this answers is not known any more.", do="`lcm briefings` shows what was sent.")
    if taken.former:
        raise UsageError(
            f"{taken.address} is the manager of nobody any more whom that mail was about; nothing was entered.",
            do="If the roster is wrong, correct it, run `lcm sync --apply`, and enter the answer again.",
        )
    return taken


def settle(who: str, config_file: Path) -> None:
    """Say that an LCM has seen to what a manager answered."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        forum = workspace.forum_name
        address = mail_address(who)
        rows = session.scalars(
            select(BriefingAnswerRow).where(BriefingAnswerRow.forum == forum, BriefingAnswerRow.settled_at.is_(None))
        ).all()
        mine = [row for row in rows if who == row.key or (address is not None and row.email == address.casefold())]
        if not mine:
            raise UsageError(f"no answer of '{who}' waits.", do="`lcm briefings` shows the answers.")
        for row in mine:
            row.settled_at = datetime.now(UTC)
    click.echo(f"{who}: settled.")


def stop_mails(address: str, config_file: Path, *, undo: bool) -> None:
    """Send an address no more mails, or (`undo`) send them again."""
    found = mail_address(address)
    if found is None:
        raise UsageError(f"'{address}' is no e-mail address.")
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if undo:
            known = start_again(session, workspace.forum_name, found)
            click.echo(f"{found}: mails go there again." if known else f"{found}: no mails were stopped.")
        else:
            stop(session, workspace.forum_name, found, UNSUBSCRIBED, datetime.now(UTC))
            click.echo(f"{found}: no more mails go there.")
