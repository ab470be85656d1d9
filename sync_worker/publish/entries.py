"""Drafts and actions as rows, each with its key: entries of the ledger, or drafts that wait; what may not leave."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_worker.model import ActionKind, Approval, Draft, DraftKind, Occurrence
from sync_worker.model.drafts import KEY_PREFIX
from sync_worker.store.ledger import (
    REMOVING,
    REVISING,
    TRANSLATING,
    draft_body,
    draft_from_json,
    draft_to_json,
    intended_entry,
)
from sync_worker.store.mails import recipient_of
from sync_worker.store.tables import DraftRow, EvidenceRow, LedgerRow, OccurrenceRow, TrialRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sync_worker.model import Action
    from sync_worker.signals.effect import Trial


MAX_RAW = 32_000
MIN_RAW = 20
TITLE_LENGTHS = {DraftKind.TOPIC: range(15, 256), DraftKind.MESSAGE: range(2, 256), DraftKind.MAIL: range(2, 201)}
MAX_MENTIONS = 10
MARKER_ROOM = 100
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
MENTION = re.compile(r"(?<![\w/@.])@([\w][\w.-]*)")
WHOLE_FORUM = re.compile(r"(?:here|all|everyone|staff|moderators|admins|trust_level_\d)", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]")


def objections(draft: Draft) -> list[str]:
    """Return every reason not to send the draft; empty where there is none."""
    found = [*_text_objections(draft.raw), *_address_objections(draft)]
    if draft.kind in TITLE_LENGTHS:
        found += _title_objections(draft.title or "", TITLE_LENGTHS[draft.kind])
    return found


def _text_objections(raw: str) -> list[str]:
    found = []
    text = raw.strip()
    if len(text) < MIN_RAW:
        found.append(f"the text has {len(text)} characters; Discourse wants {MIN_RAW}")
    if len(text) > MAX_RAW - MARKER_ROOM:
        found.append(f"the text has {len(text):,} characters; Discourse takes {MAX_RAW:,}")
    if "<!--" in raw:
        found.append("the text holds an HTML comment, which could pass for one of our own marks")
    if CONTROL.search(raw):
        found.append("the text holds invisible control characters")
    names = {name.rstrip(".-").lower() for name in MENTION.findall(CODE.sub(" ", raw))}
    if loud := sorted(name for name in names if WHOLE_FORUM.fullmatch(name)):
        found.append(f"the text would notify everybody (@{', @'.join(loud)})")
    if len(names) > MAX_MENTIONS:
        found.append(f"the text mentions {len(names)} accounts; Discourse takes {MAX_MENTIONS}")
    return found


def _title_objections(title: str, lengths: range) -> list[str]:
    found = []
    if len(title.strip()) not in lengths:
        found.append(f"the title has {len(title.strip())} characters; Discourse wants {lengths[0]} to {lengths[-1]}")
    if "\n" in title or CONTROL.search(title):
        found.append("the title holds a line break or invisible characters")
    return found


def _address_objections(draft: Draft) -> list[str]:
    if draft.kind is DraftKind.MESSAGE and not all(name.strip() for name in draft.recipients or ("",)):
        return ["the message has no recipient"]
    if draft.kind is DraftKind.MAIL and recipient_of(draft.recipients) is None:
        return ["the mail is not for one address"]
    if draft.kind is DraftKind.REPLY and draft.topic_id is None:
        return ["the reply names no topic"]
    return []


# The key of an occurrence: what makes it the same one after any restart.


COHORT_LENGTH, STEP_LENGTH = 10, 13  # Discourse takes 50 characters as an external id
DIGEST_LENGTH, LONGER_DIGEST = 12, 16  # the longer one in a key that has no day


def occurrence_key(forum: str, occurrence: Occurrence, part: str = "") -> str:
    """Return a key of at most 50 letters, digits and hyphens.

    It holds the day on the cohort's clock, not the instant: moving a step by an hour does not make it happen again. The
    key of a follow-up holds the day of what it follows: it happens once, also where its distance was changed.
    """
    step = StepOfCohort(forum, occurrence.cohort.key, occurrence.playbook, occurrence.step, occurrence.follow_up)
    return key_of(step, occurrence.own_day, part)


@dataclass(frozen=True, slots=True)
class StepOfCohort:
    """A step of a playbook, or a follow-up of it, for a cohort on a forum."""

    forum: str
    cohort: str
    playbook: str
    step: str
    follow_up: str = ""


def key_of(step: StepOfCohort, day: date, part: str = "") -> str:
    """Return the key of what a step does on a day of the cohort's clock."""
    identity = [step.forum, step.cohort, step.playbook, step.step, day.isoformat(), part]
    identity += [step.follow_up] if step.follow_up else []
    digest = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:DIGEST_LENGTH]
    cohort, name = step.cohort[:COHORT_LENGTH].strip("-"), step.step[:STEP_LENGTH].strip("-")
    return f"{KEY_PREFIX}{cohort}-{name}-{day:%Y%m%d}-{digest}"


def key_beside(cohort: str, word: str, identity: Sequence[object]) -> str:
    """Return the key of what no step of a playbook makes, at most 50 letters, digits and hyphens.

    `identity` is what makes it the same one after any restart, as JSON can write it; `word` tells people what it is.
    """
    digest = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:LONGER_DIGEST]
    return f"{KEY_PREFIX}{cohort[:COHORT_LENGTH].strip('-')}-{word}-{digest}"


def day_of(key: str) -> date | None:
    """Return the day that a key carries, None where it is none of ours."""
    found = re.fullmatch(rf"{KEY_PREFIX}.+-(\d{{8}})-[0-9a-f]{{12}}", key)
    return datetime.strptime(found[1], "%Y%m%d").date() if found else None  # noqa: DTZ007  (a day has no zone)


def marker(key: str) -> str:
    """Return the comment that carries the key in a reply's text."""
    return f"<!-- lcm:{key} -->"


# Drafts and actions as rows: entries of the ledger, or drafts that wait for an LCM.


PIN = ActionKind.PIN.value
OF_ANOTHER = (PIN, REMOVING, TRANSLATING, REVISING)  # entries that change what another entry made


@dataclass(frozen=True, slots=True)
class Entries:
    """Everything that one transaction writes about an occurrence."""

    over: OccurrenceRow
    ledger: tuple[LedgerRow, ...] = ()
    waiting: tuple[DraftRow, ...] = ()
    evidence: tuple[EvidenceRow, ...] = ()
    trials: tuple[TrialRow, ...] = ()

    def with_trials(self, trials: Sequence[Trial], occurrence: Occurrence) -> Entries:
        """Return the same with the people about whom chance decided, those who get no message among them."""
        rows = (
            TrialRow(
                key=occurrence_key(self.over.forum, occurrence, one.part),
                forum=self.over.forum,
                cohort=occurrence.cohort.key,
                playbook=occurrence.playbook,
                step=occurrence.step,
                user_id=one.user_id,
                held_out=one.held_out,
                share=one.share,
                slot=occurrence.slot,
                until=one.until,
            )
            for one in trials
        )
        return replace(self, trials=tuple(rows))

    def with_evidence(self, found: Mapping[str, Mapping[str, Any]], occurrence: Occurrence, now: datetime) -> Entries:
        """Return the same with what was known when the texts were written, by the part of the draft."""
        forum = self.over.forum
        keys = {occurrence_key(forum, occurrence, part): content for part, content in found.items()}
        people = {row.key: row.to_learner for row in self.ledger}
        people |= {row.key: row.body.get("to_learner") for row in self.waiting}
        rows = (
            EvidenceRow(key=key, forum=forum, user_id=people[key], content=dict(content), at=now)
            for key, content in keys.items()
            if key in people
        )
        return replace(self, evidence=tuple(rows))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an occurrence's drafts go: the forum, the cohort's category, and the play that wrote them.

    `asked_for` says that a person asked for these very drafts.
    """

    forum: str
    category_id: int
    play: str
    asked_for: bool = False


@dataclass(frozen=True, slots=True)
class InTime:
    """Until when drafts are of use; where one waits for an LCM, so long after the approval as well."""

    latest: datetime | None
    patience: timedelta

    def in_body(self, now: datetime) -> dict[str, Any]:
        """Return what an entry keeps of it; without a latest moment a person wanted it, however late it was."""
        latest = self.latest or now + self.patience
        return {"send_by": latest.isoformat(), "patience": self.patience.total_seconds()}


def since_approved(body: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return a draft's body as an LCM approved it now: it is of use from then on as long as from its own moment on."""
    if "send_by" not in body:
        return body
    latest = max(datetime.fromisoformat(body["send_by"]), now + timedelta(seconds=body["patience"]))
    return {**body, "send_by": latest.isoformat()}


def close_occurrence(forum: str, occurrence: Occurrence, outcome: str, reason: str, now: datetime) -> OccurrenceRow:
    """Return the row that says an occurrence is over."""
    return OccurrenceRow(
        key=occurrence_key(forum, occurrence),
        forum=forum,
        cohort=occurrence.cohort.key,
        playbook=occurrence.playbook,
        step=occurrence.step,
        slot=occurrence.slot,
        follow_up=occurrence.follow_up,
        outcome=outcome,
        reason=reason,
        at=now,
    )


def build_entries(  # noqa: PLR0917
    place: Place,
    occurrence: Occurrence,
    drafts: Sequence[Draft],
    reason: str,
    now: datetime,
    in_time: InTime | None = None,
    actions: Sequence[Action] = (),
) -> Entries:
    """Return the rows of a drafted occurrence; every draft goes to the ledger, or to an LCM first."""
    parts = [draft.part for draft in drafts] + [action.part for action in actions]
    if len(set(parts)) != len(parts):
        raise ValueError(f"play '{place.play}' gave two things of one occurrence the same part")
    ledger: list[LedgerRow] = []
    waiting: list[DraftRow] = []
    for position, draft in enumerate(drafts):
        key = occurrence_key(place.forum, occurrence, draft.part)
        body = draft_body(
            draft,
            play=place.play,
            category_id=place.category_id,
            cohort_name=occurrence.cohort.name,
            playbook=occurrence.playbook,
            step=occurrence.step,
            slot=occurrence.slot,
            position=position * 2,
            **_followed(occurrence),
            **(in_time.in_body(now) if in_time is not None else {}),
            **({"asked_for": True} if place.asked_for else {}),
        )
        if draft.approval is Approval.LCM:
            waiting.append(_waiting(key, place.forum, occurrence.cohort.key, body, now))
        else:
            ledger += ledger_rows(key, place.forum, occurrence.cohort.key, body, now)
    first = len(drafts) * 2
    ledger += [_acting(place, occurrence, action, first + number, now) for number, action in enumerate(actions)]
    outcome = "done" if ledger else "waiting" if drafts else "nothing"
    over = close_occurrence(place.forum, occurrence, outcome, reason, now)
    return Entries(over, tuple(ledger), tuple(waiting))


def _acting(place: Place, occurrence: Occurrence, action: Action, position: int, now: datetime) -> LedgerRow:
    """Return the entry of an action; it is intended until it is carried out."""
    payload = {
        "play": place.play,
        "category_id": place.category_id,
        "topic_id": action.topic_id,
        "topic_key": action.key,
        "until": action.until.isoformat() if action.until else None,
        "quiet_since": action.quiet_since.isoformat() if action.quiet_since else None,
        "why": action.reason,
        "position": position,
    }
    return intended_entry(
        occurrence_key(place.forum, occurrence, action.part),
        forum=place.forum,
        cohort=occurrence.cohort.key,
        playbook=occurrence.playbook,
        step=occurrence.step,
        slot=occurrence.slot,
        part=action.part,
        action=action.kind.value,
        payload=payload,
        now=now,
    )


def _followed(occurrence: Occurrence) -> dict[str, str]:
    """Return what says which follow-up it is, nothing for a step itself."""
    if occurrence.follows is None:
        return {}
    moved = {"follows_moved": occurrence.follows_moved.isoformat()} if occurrence.follows_moved else {}
    return {"follow_up": occurrence.follow_up, "follows": occurrence.follows.isoformat(), **moved}


def _waiting(key: str, forum: str, cohort: str, body: dict[str, Any], now: datetime) -> DraftRow:
    return DraftRow(
        key=key, forum=forum, cohort=cohort, state="pending", body=body, reason=body["reason"], created_at=now
    )


def ledger_rows(key: str, forum: str, cohort: str, body: dict[str, Any], now: datetime) -> list[LedgerRow]:
    """Return the entry of a draft, one for its pin, and one for each further language.

    An entry that the guard refuses is `failed` from the start.
    """
    draft = draft_from_json(body)
    texts = (draft, *(replace(draft, title=one.title, raw=one.raw) for one in draft.translations))
    refused = "; ".join(dict.fromkeys(objection for text in texts for objection in objections(text)))

    def row(row_key: str, part: str, action: str, payload: dict[str, Any]) -> LedgerRow:
        made = intended_entry(
            row_key,
            forum=forum,
            cohort=cohort,
            playbook=body["playbook"],
            step=body["step"],
            slot=datetime.fromisoformat(body["slot"]),
            part=part,
            action=action,
            payload=payload,
            now=now,
        )
        made.to_learner = payload.get("to_learner")
        if refused:
            made.state, made.reason = "failed", refused
        return made

    rows = [row(key, draft.part, draft.kind.value, body)]
    if draft.pin_days and not refused:
        until = (now + timedelta(days=draft.pin_days)).isoformat()
        pin = {"of": key, "until": until, "position": body["position"] + 1}
        rows.append(row(f"{key[:-4]}-pin", f"{draft.part}-pin".strip("-"), PIN, pin))
    for one in draft.translations if not refused else ():
        text = {**asdict(one), "of": key, "position": body["position"] + 1}
        rows.append(row(translation_key(key, one.locale), f"{draft.part}-{one.locale}".strip("-"), TRANSLATING, text))
    return rows


def translation_key(key: str, locale: str) -> str:
    """Return the key of the entry of a further language of a topic."""
    return f"{key[:-6]}-{locale[:5]}"


def note_about(row: LedgerRow, key: str, note: Draft, now: datetime) -> LedgerRow:
    """Return the entry of a message to the LCMs about another entry, whose step and date it shares."""
    return intended_entry(
        key,
        forum=row.forum,
        cohort=row.cohort,
        playbook=row.playbook,
        step=row.step,
        slot=row.slot,
        part=note.part,
        action=note.kind.value,
        payload={**row.payload, **draft_to_json(note)},
        now=now,
    )
