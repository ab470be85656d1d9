"""What waits for a cohort's LCMs, each under a number of its own, and the message that shows it to them.

A number stands for one text, or for one task, and is never used again in the cohort. So it means the same in every
message, on the desk and in `lcm drafts`, whatever was decided or written meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.activity.practices import offered
from sync_worker.content.markdown import JOINER, escape, link
from sync_worker.languages.language import shortened
from sync_worker.languages.parts import LETTERS, PRACTICES, language
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.nudge import HAND_OVER
from sync_worker.publish.entries import key_beside, ledger_rows
from sync_worker.signals.plain import plain_text
from sync_worker.store.database import rows_of_cohort
from sync_worker.store.ledger import HANDED, TO_KEEP, draft_body, drafts, text_digest
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import DraftRow, LedgerRow, PostRow, PracticeRow, WaitingRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.languages.sentences import LetterSentences
    from sync_worker.model import Cohort

STEP = "by-message"
ASK, DESK, ANSWER = "lcm:ask", "lcm:desk", "lcm:answer"
ASK_EVERY = timedelta(hours=1)
MOST_ITEMS = 15
LONGEST_TEXT = 1_200
LONGEST_WORDS = 600
HANDED_OVER_FOR = timedelta(days=60)
ALIVE = re.compile(r"\[(?=/?(?:quote|poll|event|details|spoiler|wrap|date|chat|grid|calendar)\b)", re.IGNORECASE)
MENTION = re.compile(r"(?<![\w/])@(?=\w)")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that waits: its number, and the draft where it is one."""

    row: WaitingRow
    draft: DraftRow | None = None

    @property
    def number(self) -> int:
        """Under which it was shown."""
        return self.row.number


def number_all(session: Session, forum: str, cohort: str, now: datetime) -> None:
    """Give a number to each draft of a cohort that waits without one or with another text, and to each hand-over.

    Run it in one transaction with what shows the numbers.
    """
    known = {(row.subject, row.digest) for row in rows_of_cohort(session, WaitingRow, forum, cohort)}
    for draft in drafts(session, forum, cohort):
        digest = text_digest(draft.body)
        if (draft.key, digest) not in known:
            about = draft.body.get("to_learner")
            _add(session, WaitingRow(kind="draft", subject=draft.key, digest=digest, user_id=about), forum, cohort, now)
    for post in offered(session, forum, cohort, now):
        subject = f"{TO_KEEP}{post.post_id}"
        if (subject, "") not in known:
            _add(session, _to_keep(session, post, subject), forum, cohort, now)
    for entry in _hand_overs(session, forum, cohort, now):
        for person in entry.payload.get("about_users", ()):
            subject = f"{HANDED}{entry.key}:{person}"
            if (subject, "") not in known:
                topic = entry.result.get("topic_id")
                task = WaitingRow(kind="task", subject=subject, user_id=person, topic_id=topic)
                _add(session, task, forum, cohort, now)


def _hand_overs(session: Session, forum: str, cohort: str, now: datetime) -> list[LedgerRow]:
    """Return the messages of the last weeks that handed somebody over to the LCMs."""
    query = select(LedgerRow).where(
        *(LedgerRow.forum == forum, LedgerRow.cohort == cohort, LedgerRow.action == DraftKind.MESSAGE.value),
        *(LedgerRow.state == "done", LedgerRow.to_learner.is_(None), LedgerRow.updated_at > now - HANDED_OVER_FOR),
    )
    rows = session.scalars(query.order_by(LedgerRow.updated_at, LedgerRow.key))
    return [row for row in rows if HAND_OVER in row.payload.get("refs", ())]


def _to_keep(session: Session, post: PracticeRow, subject: str) -> WaitingRow:
    """Return the question whether a post that a roundup showed is kept, with the post's own words."""
    written = session.get(PostRow, (post.forum, post.post_id))
    words = shortened(plain_text(written.cooked), LONGEST_WORDS) if written is not None else ""
    return WaitingRow(
        kind="task",
        subject=subject,
        user_id=post.user_id,
        username=post.username,
        words=words,
        topic_id=post.topic_id,
    )


def is_to_keep(row: WaitingRow) -> bool:
    """Whether a task is the question if a post is kept as practice: it is answered with yes or no."""
    return row.subject.startswith(TO_KEEP)


def post_to_keep(row: WaitingRow) -> int:
    """Return the number of the post that such a question is about."""
    return int(row.subject.removeprefix(TO_KEEP))


def is_hand_over(row: WaitingRow) -> bool:
    """Whether a task is somebody who was handed over to the LCMs by a message of its own."""
    return row.subject.startswith(HANDED)


def add_task(session: Session, forum: str, cohort: str, task: WaitingRow, now: datetime) -> None:
    """Let a task wait for a cohort's LCMs, once for each subject."""
    if task.subject not in {row.subject for row in rows_of_cohort(session, WaitingRow, forum, cohort)}:
        _add(session, task, forum, cohort, now)


def _add(session: Session, row: WaitingRow, forum: str, cohort: str, now: datetime) -> None:
    name = f"numbers:{cohort}"
    number = int(remembered(session, forum, name) or 0) + 1
    remember(session, forum, name, str(number))
    row.forum, row.cohort, row.number, row.at = forum, cohort, number, now
    row.state, row.digest = "open", row.digest or ""
    row.username, row.words, row.decided_by = row.username or "", row.words or "", ""
    session.add(row)
    session.flush()


def waiting(session: Session, forum: str, cohort: str, now: datetime) -> list[Item]:
    """Return what waits now and has a number, by number."""
    pending = {row.key: row for row in drafts(session, forum, cohort)}
    open_ones = {f"{TO_KEEP}{one.post_id}" for one in offered(session, forum, cohort, now)}
    found = []
    for row in rows_of_cohort(session, WaitingRow, forum, cohort, WaitingRow.number):
        draft = pending.get(row.subject)
        if is_to_keep(row) and row.subject not in open_ones:
            continue
        if row.kind == "task" and row.state == "open" and (row.not_before is None or row.not_before <= now):
            found.append(Item(row))
        elif draft is not None and text_digest(draft.body) == row.digest:
            found.append(Item(row, draft))
    return found


# The message to the LCMs with what waits.


def asked(session: Session, forum: str, cohort: str) -> list[LedgerRow]:
    """Return the messages that showed a cohort's LCMs what waits, oldest first."""
    query = select(LedgerRow).where(
        *(LedgerRow.forum == forum, LedgerRow.cohort == cohort, LedgerRow.step == STEP),
        *(LedgerRow.action == DraftKind.MESSAGE.value, LedgerRow.state.in_(("intended", "done"))),
    )
    rows = session.scalars(query.order_by(LedgerRow.created_at, LedgerRow.key))
    return [row for row in rows if ASK in row.payload.get("refs", ())]


def new_ask(session: Session, forum_name: str, url: str, cohort: Cohort, now: datetime) -> list[LedgerRow]:
    """Return the entry of a message with what waits; none where nothing is new, or the last is not an hour old.

    What is handed over was told in a message of its own, and is only repeated; what may be kept comes with the rest.
    """
    number_all(session, forum_name, cohort.key, now)
    items = waiting(session, forum_name, cohort.key, now)
    before = asked(session, forum_name, cohort.key)
    if before and timedelta(0) <= now - before[-1].created_at < ASK_EVERY:
        return []
    shown: dict[int, datetime] = {}
    for row in before:
        shown |= dict.fromkeys(row.payload.get("numbers", ()), row.created_at)
    fresh = [item.number for item in items if _is_news(item, shown.get(item.number), now)]
    if not fresh:
        return []
    chosen = _chosen(items, fresh)
    texts = _Texts(url, cohort)
    numbers = [item.number for item in chosen]
    draft = Draft(
        DraftKind.MESSAGE,
        texts.body(chosen, is_all=len(chosen) == len(items)),
        f"numbers {', '.join(map(str, numbers))}",
        title=texts.title(numbers),
        recipients=(cohort.lcm_group,),
        refs=(ASK,),
    )
    return entry(forum_name, cohort.key, draft, f"ask:{'-'.join(map(str, fresh))}:{len(before)}", now, numbers=numbers)


def _is_news(item: Item, shown_at: datetime | None, now: datetime) -> bool:
    if is_to_keep(item.row) or (is_hand_over(item.row) and item.row.not_before is None):
        return False
    if shown_at is None:
        return True
    again = item.row.not_before
    return again is not None and shown_at < again <= now


def _chosen(items: Sequence[Item], fresh: Sequence[int]) -> list[Item]:
    """Return as many as fit a message: what is new first, and of the others the oldest."""
    in_order = sorted(items, key=lambda item: (item.number not in fresh, item.number))
    return sorted(in_order[:MOST_ITEMS], key=lambda item: item.number)


def entry(forum: str, cohort: str, draft: Draft, mark: str, now: datetime, **more: Any) -> list[LedgerRow]:
    """Return the entry of something that the worker writes to LCMs or to a learner by itself; `mark` tells it apart."""
    body = draft_body(draft, play=STEP, cohort_name=cohort, step=STEP, slot=now, **more)
    key = key_beside(cohort or "none", mark.partition(":")[0], [forum, STEP, cohort, mark])
    return ledger_rows(key, forum, cohort, body, now)


def listed_numbers(numbers: Iterable[int], locale: str) -> str:
    """Return "1, 3 and 4"."""
    return language(locale).listing([str(number) for number in sorted(numbers)])


def example_of(items: Sequence[Item], locale: str) -> str:
    """Return a reply that would decide on what waits: on texts where there are any, else on a task."""
    say = LETTERS.of(locale)
    texts = [item.number for item in items if item.draft is not None]
    if len(texts) > 1:
        return say.example.format(yes=texts[0], no=texts[1])
    if texts:
        return say.example_one.format(yes=texts[0])
    return say.example_one.format(yes=1)


def shown_to(draft: DraftRow) -> str:
    """Return for whom a draft is, as one harmless line; "" for a text to all."""
    return ", ".join(escape(name) for name in draft.body.get("recipients") or ())


@dataclass(frozen=True, slots=True)
class _Texts:
    """Writes the message of one cohort."""

    url: str
    cohort: Cohort

    @property
    def say(self) -> LetterSentences:
        return LETTERS.of(self.cohort.locale)

    def title(self, numbers: Sequence[int]) -> str:
        shown = f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 5 else listed_numbers(numbers, self.cohort.locale)
        return self.say.title.format(cohort=shortened(self.cohort.name, 120), numbers=shown)

    def body(self, items: Sequence[Item], *, is_all: bool) -> str:
        texts = [item for item in items if item.draft is not None]
        tasks = [item for item in items if item.draft is None and not is_to_keep(item.row)]
        parts = [self.say.opening.format(example=example_of(items, self.cohort.locale))] if texts else []
        parts += [self.say.example_task.format(number=tasks[0].number)] if tasks else []
        for item in items:
            parts += self._draft(item.number, item.draft) if item.draft is not None else self._task(item)
        parts += [] if is_all else [self.say.more]
        return "\n\n".join(parts)

    def _draft(self, number: int, draft: DraftRow) -> list[str]:
        to = shown_to(draft)
        heading = (self.say.draft if to else self.say.draft_all).format(
            number=number,
            what=self.say.kinds[draft.body["kind"]],
            to=to,
            when=self._day(draft.created_at),
            why=escape(draft.reason),
        )
        title, raw = draft.body.get("title") or "", draft.body["raw"].strip()
        shown = shortened(raw, LONGEST_TEXT)
        lines = [f"**{escape(title)}**", "", *shown.split("\n")] if title else shown.split("\n")
        quoted = "\n".join(f"> {harmless(line)}".rstrip() for line in lines)
        return [heading, quoted, *([self.say.cut.format(key=draft.key)] if shown != raw else [])]

    def _task(self, item: Item) -> list[str]:
        row = item.row
        if is_to_keep(row):
            return [self._keep(row), f"> {escape(shortened(row.words, LONGEST_WORDS))}"]
        who = link(row.username, f"{self.url}/u/{row.username}") if row.username else "?"
        heading = self.say.task.format(number=row.number, who=who, when=self._day(row.at))
        return [heading, f"> {escape(shortened(row.words, LONGEST_WORDS))}"] if row.words else [heading]

    def _keep(self, row: WaitingRow) -> str:
        return keep_line(row, self.url, self.cohort.locale)

    def _day(self, moment: datetime) -> str:
        return language(self.cohort.locale).day(moment.astimezone(self.cohort.zone).date())


def keep_line(row: WaitingRow, url: str, locale: str) -> str:
    """Return the question whether a post is kept, with its number and how it is answered."""
    post = link(row.username, f"{url}/p/{post_to_keep(row)}")
    example = LETTERS.of(locale).example_one.format(yes=row.number)
    return PRACTICES.of(locale).keep.format(number=row.number, post=post, example=example)


def harmless(line: str) -> str:
    """Return a line of a draft as it is shown before it is sent: it mentions nobody, and opens no poll."""
    return MENTION.sub(f"@{JOINER}", ALIVE.sub(r"\\[", line))
