"""The practice library on the forum: posts as they should be against those that are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.activity.consents import as_copied
from sync_worker.activity.practices import NOT_MARKED, agreed_text, may_stand, practices, take_out
from sync_worker.activity.replies import digest_of
from sync_worker.content.library import Entry, Texts
from sync_worker.content.markdown import escape, person_name
from sync_worker.languages.parts import PRACTICES
from sync_worker.model import WHILE_KEPT, Citation, Draft, DraftKind, Use
from sync_worker.publish.citations import holds
from sync_worker.publish.earlier_texts import TAKES_AWAY
from sync_worker.publish.entries import ledger_rows
from sync_worker.signals.plain import plain_text
from sync_worker.signals.subjects import Text
from sync_worker.store.ledger import REMOVING, REVISING, draft_body, intended_entry
from sync_worker.store.personal import GONE
from sync_worker.store.tables import DraftRow, LedgerRow, PostRow, PracticeRow
from sync_worker.worker.library_names import LIBRARY, OFFER, Names, library_key, named_by, topic_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Category
    from sync_worker.model import Cohort
    from sync_worker.publish.publisher import Deed, Publisher
    from sync_worker.store.database import Store

TOLD = "library-told"
NO_TOPIC = "the topic of its subject was deleted, or could not be made"
ROUNDS = 4  # a subject's topic is made before what stands under it, and called otherwise after what has to go
MOST_ROUNDS = 5  # so often a find comes into the library at most


@dataclass(frozen=True, slots=True)
class Wanted:
    """A post that should be there: which part of the library, under which subject, for which finds, with which text."""

    part: str
    subject: str
    rows: tuple[PracticeRow, ...]
    raw: str

    @property
    def digest(self) -> str:
        """What tells its text from another."""
        return digest_of(self.raw)


@dataclass(frozen=True, slots=True)
class LibraryPosts:
    """Makes the posts of the library agree with the finds that may be shown; hold the forum's lock meanwhile."""

    forum: Forum
    store: Store
    publisher: Publisher
    texts: Texts
    now: datetime
    cohorts: Mapping[str, Cohort]
    before_writing: Callable[[], None]
    subjects: Sequence[str] = ()

    def agree(self, category: Callable[[], Category]) -> list[Deed]:
        """Write what is missing, change what reads otherwise, delete what should not be there.

        With its last find a topic goes too, unless the settings name its subject: its title may be somebody's words.

        Calls: none where nothing differs; else those of what is posted, edited (2) or deleted (3).
        """
        deeds: list[Deed] = []
        for _ in range(ROUNDS):
            with self.store.begin() as session:
                rows = self._rows(session, category)
            if not rows:
                break
            self.before_writing()
            deeds += self.publisher.enter(rows)
        with self.store.begin() as session:
            thanks = self._thanks(session)
        return [*deeds, *self.publisher.enter(thanks)]

    def _thanks(self, session: Session) -> list[LedgerRow]:
        """Return the replies that tell authors who agreed where their words stand now, each once."""
        rows: list[LedgerRow] = []
        posted = posts_of_finds(session, self.forum.name)
        told = {row.part for row in library_entries(session, self.forum.name) if TOLD in row.payload.get("refs", ())}
        for row in standing_finds(session, self.forum.name):
            asked = session.get(LedgerRow, row.asked_key) if row.asked_key else None
            main = row if row.joined is None else session.get(PracticeRow, (row.forum, row.joined))
            post = posted.get(part_of(main)) if main is not None else None
            talk = asked.result.get("topic_id") if asked is not None else None
            part = f"told-{row.post_id}-{row.round}"
            if talk is None or post is None or part in told:
                continue
            locale = self.cohorts[row.cohort].locale if row.cohort in self.cohorts else self.texts.locale
            address = f"{self.forum.url}/p/{post.result['post_id']}"
            draft = Draft(
                DraftKind.REPLY,
                PRACTICES.of(locale).told.format(address=address),
                "its author hears where it stands",
                part=part,
                topic_id=talk,
                about_posts=(row.post_id,),
                about_users=(row.user_id,),
                refs=(LIBRARY, TOLD),
                to_learner=row.user_id,
                answers_learner=True,
            )
            key, body = library_key(self.forum.name, "", part), body_of(draft, 0, row.cohort_name, self.now)
            rows += ledger_rows(key, row.forum, row.cohort, body, self.now)
        return rows

    @property
    def names(self) -> Names:
        """Calls topics otherwise where they must not be called as they are."""
        return Names(self.forum.name, self.forum.username, self.texts, self.subjects, self.now)

    def wanted(self, session: Session) -> list[Wanted]:
        """Return the posts that should be there, by the finds that may be shown."""
        kept = standing_finds(session, self.forum.name)
        found = []
        for main in (row for row in kept if row.joined is None):
            others = [row for row in kept if row.joined == main.post_id]
            entries = [entry_of(row, self.forum.url) for row in others]
            for number, raw in enumerate(self.texts.posts(entry_of(main, self.forum.url), entries)):
                found.append(Wanted(part_of(main, number), main.subject, (main, *others), str(raw)))
        return found

    def _rows(self, session: Session, category: Callable[[], Category]) -> list[LedgerRow]:
        """Return the entries that bring the forum nearer to what should be there."""
        ours = library_entries(session, self.forum.name)
        renamed = self.names.settle(session, ours)
        session.flush()
        replies = [row for row in ours if row.action == DraftKind.REPLY]
        gone = {row.payload["of"] for row in ours if row.action == REMOVING and row.state != "failed"}
        wanted = {one.part: one for one in self.wanted(session)}
        there = [row for row in replies if row.key not in gone]
        rows = [self._removal(row) for row in there if is_there(row) and row.part not in wanted]
        rows += [self._removal(row) for row in there if self._is_void(session, row)]
        rows += renamed
        known = {row.part: row for row in replies}
        for one in wanted.values():
            row = known.get(one.part)
            if row is None:
                rows += self._begin(session, one, ours, rows, category)
            elif row.state in ("skipped", "failed", "dropped"):
                _look_again(one, row)
            elif row.state == "done" and (change := self._change(one, row, ours)) is not None:
                rows.append(change)
        standing: dict[str, list[PracticeRow]] = {}
        for one in wanted.values():
            standing.setdefault(topic_part(one.subject, ours), []).append(one.rows[0])
        rows += self.names.changes(session, ours, standing)
        return rows or self._empty_topics(session, list(wanted.values()), ours)

    def _empty_topics(self, session: Session, wanted: Sequence[Wanted], ours: Sequence[LedgerRow]) -> list[LedgerRow]:
        """Return the removals of topics under which no find stands any more, nor comes back in the next run."""
        known = {row.payload["of"] for row in ours if row.action == REMOVING and row.state != "failed"}
        used = {topic_part(subject, ours) for subject in (*self.subjects, *(one.subject for one in wanted))}
        found = []
        for row in ours:
            is_topic = row.action == DraftKind.TOPIC and row.state == "done" and row.result.get("topic_id") is not None
            is_empty = is_topic and row.part not in used and row.key not in known
            if is_empty and not self._is_coming_back(session, row, ours):
                removal = self._removal(row)
                removal.payload = {**removal.payload, "is_reply": False, "only_empty": True}
                found.append(removal)
        return found

    def _is_void(self, session: Session, row: LedgerRow) -> bool:
        """Whether an offer was posted whose find may not be shown any more; not where only its mark was taken away."""
        if OFFER not in row.payload.get("refs", ()) or row.state != "done" or row.result.get("post_id") is None:
            return False
        finds = [session.get(PracticeRow, (self.forum.name, number)) for number in row.payload.get("about_posts", ())]
        return not all(
            find is not None and (may_stand(find) or find.state == "new" or find.reason == NOT_MARKED) for find in finds
        )

    def _is_coming_back(self, session: Session, topic: LedgerRow, ours: Sequence[LedgerRow]) -> bool:
        """Whether a find that stood under a topic is being looked at anew."""
        under = [row for row in ours if row.payload.get("topic_id") == topic.result["topic_id"]]
        numbers = {number for row in under for number in row.payload.get("about_posts", ())}
        finds = (session.get(PracticeRow, (self.forum.name, number)) for number in sorted(numbers))
        return any(find is not None and find.state == "new" for find in finds)

    def _begin(
        self,
        session: Session,
        one: Wanted,
        ours: Sequence[LedgerRow],
        begun: Iterable[LedgerRow],
        category: Callable[[], Category],
    ) -> list[LedgerRow]:
        """Return the entry of a post that is missing, or first that of its subject's topic."""
        part = topic_part(one.subject, ours)
        topic = next((row for row in ours if row.part == part), None)
        if topic is None:
            if any(row.part == part for row in begun):
                return []
            title, raw = self.texts.opening(one.subject)
            draft = Draft(
                DraftKind.TOPIC,
                raw,
                one.subject,
                part=part,
                title=title,
                refs=(LIBRARY,),
                about_posts=(one.rows[0].post_id,),
                about_users=named_by(session, one.rows[0], self.subjects, (self.forum.username,)),
            )
            return self._entry(one, draft, category().id)
        if topic.state == "intended":
            return []
        topic_id = topic.result.get("topic_id")
        if topic.state != "done" or topic_id is None:
            take_out(one.rows[0], topic.reason or NO_TOPIC)
            return []
        draft = Draft(
            DraftKind.REPLY,
            one.raw,
            one.subject,
            part=one.part,
            topic_id=topic_id,
            about_posts=tuple(row.post_id for row in one.rows),
            about_users=tuple(row.user_id for row in one.rows),
            refs=(LIBRARY, *(f"{WHILE_KEPT}{row.post_id}" for row in one.rows)),
            citations=tuple(citation_of(row) for row in one.rows),
        )
        return self._entry(one, draft, topic.payload["category_id"])

    def _entry(self, one: Wanted, draft: Draft, category_id: int) -> list[LedgerRow]:
        main, key = one.rows[0], library_key(self.forum.name, "", draft.part)
        body = body_of(draft, category_id, main.cohort_name, self.now) | {"digest": one.digest}
        return ledger_rows(key, self.forum.name, main.cohort, body, self.now)

    def _change(self, one: Wanted, row: LedgerRow, ours: Sequence[LedgerRow]) -> LedgerRow | None:
        """Return the entry that writes a post anew, None where it reads as it should, or as a person left it."""
        changes = [entry for entry in ours if entry.action == REVISING and entry.payload["of"] == row.key]
        last = max(changes, key=lambda entry: entry.payload["number"], default=row)
        if last.payload["digest"] == one.digest or last.state == "intended":
            return None
        written = [entry for entry in changes if entry.state == "done"]
        present = max(written, key=lambda entry: entry.payload["number"], default=row)
        number = len(changes) + 1
        payload: dict[str, Any] = {
            "of": row.key,
            "raw": one.raw,
            "digest": one.digest,
            "instead_of": present.payload["digest"],
            "number": number,
            "about_posts": [each.post_id for each in one.rows],
            "title": one.subject,
            "position": 0,
            TAKES_AWAY: not _holds_all(one.raw, present.payload.get("raw") or ""),
        }
        return self._act(row, REVISING, f"{row.key}:{number}", payload)

    def _removal(self, row: LedgerRow) -> LedgerRow:
        payload = {"of": row.key, "is_reply": True, "about_posts": row.payload.get("about_posts", []), "position": 0}
        return self._act(row, REMOVING, f"{row.key}:out", payload)

    def _act(self, row: LedgerRow, action: str, mark: str, payload: dict[str, Any]) -> LedgerRow:
        return intended_entry(
            library_key(self.forum.name, row.cohort, mark),
            forum=row.forum,
            cohort=row.cohort,
            step=LIBRARY,
            slot=self.now,
            action=action,
            payload=payload,
            now=self.now,
        )


def _holds_all(text: str, earlier: str) -> bool:
    """Whether every line of an earlier text still stands; of one that was forgotten nobody knows."""
    return bool(earlier) and earlier != GONE and set(earlier.splitlines()) <= set(text.splitlines())


def _look_again(one: Wanted, row: LedgerRow) -> None:
    """Let all finds of a post that could not be posted be looked at anew, so that the next run tries it once more."""
    main = one.rows[0]
    main.round += 1
    for each in one.rows:
        each.looked_at = None
    if main.round >= MOST_ROUNDS or row.state != "skipped":
        take_out(main, row.reason or NO_TOPIC)


def standing_finds(session: Session, forum: str) -> list[PracticeRow]:
    """Return the finds that may be shown, as far as the store knows."""
    return [row for row in practices(session, forum, ("kept",)) if may_stand(row)]


def library_entries(session: Session, forum: str) -> Sequence[LedgerRow]:
    """Return all that the library wrote or is about to write, the oldest first."""
    query = select(LedgerRow).where(LedgerRow.forum == forum, LedgerRow.step == LIBRARY)
    return session.scalars(query.order_by(LedgerRow.created_at, LedgerRow.key)).all()


def is_there(row: LedgerRow) -> bool:
    """Whether an entry is that of a find which stands on the forum."""
    is_find = {OFFER, TOLD}.isdisjoint(row.payload.get("refs", ()))
    return is_find and row.state == "done" and row.result.get("post_id") is not None


# What the finds of the store are in texts, entries and drafts.


def part_of(row: PracticeRow, number: int = 0) -> str:
    """Return which part of the library the post of a find is, or one that goes on.

    An entry is found by its part: it keeps its key under another name of the forum or of a cohort.
    """
    return f"find-{row.post_id}-{row.round}-{number}"


def posts_of_finds(session: Session, forum: str) -> dict[str, LedgerRow]:
    """Return the entries of the finds' posts that were written, by `part_of`."""
    return {row.part: row for row in library_entries(session, forum) if is_there(row)}


def is_named(row: PracticeRow) -> bool:
    """Whether the author of a find may be named: not where the text that they agreed to leaves the name out."""
    agreed, name = agreed_text(row), person_name(row.name, row.username)
    return not row.needs_consent or not agreed or name in agreed or as_copied(escape(name)) in as_copied(agreed)


def entry_of(row: PracticeRow, url: str) -> Entry:
    """Return a find for the texts."""
    tail = f"/{row.number}" if row.number > 1 else ""
    return Entry(
        post_id=row.post_id,
        name=person_name(row.name, row.username) if is_named(row) else "",
        cohort=row.cohort_name,
        day=row.day,
        title=row.title,
        address=f"{url}/t/-/{row.topic_id}{tail}",
        is_open=not row.needs_consent,
        words=tuple(row.words),
        agreed=agreed_text(row) if row.needs_consent else "",
    )


def citation_of(row: PracticeRow) -> Citation:
    """Return what a text shows of a find; where its author agreed, it does not matter who can read the post itself."""
    use = Use.AGREED if row.needs_consent else Use.KEPT
    words = () if row.joined is not None and row.needs_consent else tuple(row.words)
    return Citation(
        use,
        row.topic_id,
        post_id=row.post_id,
        number=row.number,
        user_id=row.user_id,
        passages=words,
        titled=bool(row.title),
    )


def text_of(session: Session, row: PracticeRow) -> Text:
    """Return what a find is about: its subject and the post, or its words where the store has the post no more."""
    post = session.get(PostRow, (row.forum, row.post_id))
    return Text(row.post_id, row.subject, plain_text(post.cooked) if post is not None else " ".join(row.words))


def same_find(row: PracticeRow, post: PostRow) -> bool:
    """Whether the store's post still holds what is shown of it."""
    return post.user_id == row.user_id and all(holds(words, post.cooked) for words in row.words)


def body_of(draft: Draft, category_id: int, cohort_name: str, now: datetime) -> dict[str, Any]:
    """Return a draft of the library as the ledger and the drafts keep it."""
    return draft_body(draft, play=LIBRARY, step=LIBRARY, slot=now, category_id=category_id, cohort_name=cohort_name)


def draft_row(  # noqa: PLR0917
    key: str, forum: str, cohort: Cohort, draft: Draft, category_id: int, now: datetime
) -> DraftRow:
    """Return a draft that waits for a cohort's LCMs."""
    body = body_of(draft, category_id, cohort.name, now)
    return DraftRow(
        key=key, forum=forum, cohort=cohort.key, state="pending", body=body, reason=draft.reason, created_at=now
    )
