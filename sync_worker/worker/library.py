"""Keeps the practice library: what LCMs marked comes in, what must not be shown goes out, later cohorts are offered it.

The library is worked out anew from how things stand, never from what changed: which finds may be shown gives the posts
that should be there, and the ledger says which are. After any interruption the next run finds the same difference.

A find is a reply under the topic of its subject: it has an address of its own, people can answer it, and when it has to
go it is deleted, where an edit would leave the words in the post's history. Nobody is notified but who watches there.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.activity.practices import (
    ASKS_AUTHOR,
    NO,
    agreed_text,
    begin_anew,
    is_refused,
    may_stand,
    offer_for_marking,
    practices,
    read_answer,
    take_in_marks,
    take_out,
)
from sync_worker.activity.reader import as_seen
from sync_worker.checks import failed, ok
from sync_worker.content.library import Texts, quoted_in, subject_of, words_of
from sync_worker.content.markdown import escape, person_name
from sync_worker.content.roundup_items import shown_title
from sync_worker.errors import ForumError, LcmError, UsageError
from sync_worker.languages.parts import PRACTICES, language
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import Approval, Citation, Draft, DraftKind, Use, fold
from sync_worker.publish.citations import Trouble
from sync_worker.publish.unshowable import TAKES_OUT, naming, unwished
from sync_worker.signals.plain import plain_text
from sync_worker.signals.subjects import Shelf, Text, named_in, says_the_same
from sync_worker.store.ledger import published_rows
from sync_worker.store.tables import DraftRow, LedgerRow, PostRow, PracticeRow
from sync_worker.worker.library_names import library_key
from sync_worker.worker.library_offers import Offers
from sync_worker.worker.library_posts import (
    LibraryPosts,
    citation_of,
    draft_row,
    entry_of,
    same_find,
    text_of,
)
from sync_worker.worker.recovery import READ_BACK
from sync_worker.worker.surroundings import readers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.checks import Finding
    from sync_worker.config.options import LibrarySettings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Category
    from sync_worker.model import Cohort, Post, Topic
    from sync_worker.publish.last_look import LastLook
    from sync_worker.publish.publisher import Deed, Publisher
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
ROUNDUPS_OF = timedelta(days=14)
OFFERED_OF_A_ROUNDUP = 3
LOOK_EVERY = timedelta(days=7)
ANSWERS_EVERY, ANSWERS_FOR = timedelta(days=1), timedelta(days=90)
MOST_A_RUN = 40  # finds that one run looks at
MOST_ROUNDS = 3  # so often words that were changed are chosen anew, and so often an author is asked at most
MOST_LCMS = 10
AREA = "practice library"
NOTHING_SAID = "it says nothing in its author's own words"
NOT_ASKED = "an LCM decided not to ask its author"
SAID_NO = "its author does not want it to be shown"
OTHER_WORDS = "its author agreed to a text that quotes nothing"
NO_COHORT = "its cohort is not in lcm.yaml, so nobody can ask its author"


@dataclass(frozen=True, slots=True)
class LibraryCare:
    """Keeps the library of one forum; hold the forum's lock meanwhile. `cohorts` are those of `lcm.yaml`, by key."""

    forum: Forum
    store: Store
    publisher: Publisher
    settings: LibrarySettings
    cohorts: Mapping[str, Cohort]
    now: datetime
    look: LastLook
    before_writing: Callable[[], None]
    _found: list[Category] = field(default_factory=list)

    def follow_up(self) -> Sequence[Deed]:
        """Take in marks, look after what is there, ask authors, and write what is missing on the forum.

        Calls: none where nothing was marked or changed, but once a week those of `LastLook.stale` for each find, and
        once a day in the first three months 1 for each author who was asked. For a new find 1 for the forum's
        categories, those of `LastLook.stale`, and what is posted; where the author is asked those of `readers_of` and
        of `members_of`.

        Raises:
            UsageError: the library's category is not there.
            ForumError: the forum does not answer.

        """
        with self.store.begin() as session:
            take_in_marks(session, self.forum.name, self.cohorts)
            self._ask_about_roundups(session)
            self._settle_questions(session)
            _free_joined(practices(session, self.forum.name))
            due = [row.post_id for row in practices(session, self.forum.name) if self._is_due(session, row)]
        for number in due[:MOST_A_RUN]:
            self._carefully(number, self._look_at)
        with self.store.begin() as session:
            asking = practices(session, self.forum.name, ("asking",))
            unasked = [row.post_id for row in asking if row.asked_key is None and not self._rests(row)]
        for number in unasked:
            self._carefully(number, self._ask)
        posts = LibraryPosts(
            self.forum,
            self.store,
            self.publisher,
            self.texts,
            self.now,
            self.cohorts,
            self.before_writing,
            self.settings.subjects,
        )
        deeds = posts.agree(self.category)
        for cohort in self.cohorts.values():
            if cohort.start <= self.now.astimezone(cohort.zone).date() <= cohort.end:
                Offers(self.forum, self.store, cohort, self.now).offer(self.look)
        return deeds

    def _rests(self, row: PracticeRow) -> bool:
        """Whether the forum refused less than a day ago what the question to an author needs."""
        return bool(row.reason) and row.looked_at is not None and self.now - row.looked_at < ANSWERS_EVERY

    def _carefully(self, number: int, do: Callable[[int], None]) -> None:
        """Do something about one find; what the forum refuses about it is noted with it, and stops no other."""
        try:
            do(number)
        except ForumError as error:
            if error.unreachable:
                raise
            LOG.warning("the post %d for the practice library: %s", number, error)
            with self.store.begin() as session:
                row = session.get(PracticeRow, (self.forum.name, number))
                if row is not None:
                    row.looked_at, row.reason = self.now, error.what

    @property
    def texts(self) -> Texts:
        """What the library says, in its language."""
        return Texts(self.settings.language)

    def category(self) -> Category:
        """Return the library's category. Calls: 1 the first time.

        Raises:
            UsageError: it is not there.

        """
        if not self._found:
            self._found.append(category_named(self.forum, self.settings))
        return self._found[0]

    def _ask_about_roundups(self, session: Session) -> None:
        """Let the LCMs be asked about what a roundup quoted, at most three a roundup."""
        for cohort in self.cohorts.values():
            for row in published_rows(session, self.forum.name, cohort.key, ("done",), ("roundup",)):
                is_new = timedelta(0) <= self.now - row.updated_at < ROUNDUPS_OF and row.reason != READ_BACK
                if is_new and row.action == DraftKind.TOPIC:
                    cited = row.payload.get("citations", ())
                    quoted = [one["post_id"] for one in cited if one["use"] == Use.QUOTE and one["passages"]]
                    shown = [number for number in dict.fromkeys(quoted) if number is not None]
                    offer_for_marking(session, self.forum.name, cohort, shown[:OFFERED_OF_A_ROUNDUP], self.now)

    def _settle_questions(self, session: Session) -> None:
        """Enter what became of questions that an LCM rejected, or that could not be sent."""
        for row in practices(session, self.forum.name, ("asking",)):
            draft = session.get(DraftRow, row.asked_key) if row.asked_key else None
            sent = session.get(LedgerRow, row.asked_key) if row.asked_key else None
            if sent is not None and sent.state in ("skipped", "failed", "dropped"):
                take_out(row, sent.reason or NOT_ASKED)
            elif sent is not None and sent.state == "done" and not row.answer:
                row.answer = "asked"
            elif sent is None and draft is not None and draft.state in ("rejected", "withdrawn"):
                take_out(row, draft.decision_reason or NOT_ASKED)

    def _is_due(self, session: Session, row: PracticeRow) -> bool:
        """Whether a find is to be looked at: it is new, it was not looked at lately, or the store knows of a change."""
        if row.looked_at is None:
            return True
        age = self.now - row.looked_at
        if row.state == "asking" and (not row.answer or self.now - row.at >= ANSWERS_FOR):
            return False
        asked = row.asked_key is not None and self.now - row.at < ANSWERS_FOR
        if not timedelta(0) <= age < (ANSWERS_EVERY if asked or row.state == "new" else LOOK_EVERY):
            return True
        if row.state == "kept" and not may_stand(row):
            return True  # a yes that was taken back, as something else has read
        return row.state == "kept" and age >= timedelta(hours=1) and self._is_doubtful(session, row)

    def _is_doubtful(self, session: Session, row: PracticeRow) -> bool:
        """Whether the store knows what speaks against a find: other words, or a person who is not quoted or named."""
        post = session.get(PostRow, (self.forum.name, row.post_id))
        is_changed = post is not None and not same_find(row, post)
        unwanted = bool(unwished(session, self.forum.name, [citation_of(row)])) or is_refused(session, row)
        return is_changed or unwanted or self._names_a_silent_one(session, row)

    def _names_a_silent_one(self, session: Session, row: PracticeRow) -> bool:
        """Whether somebody who asked not to be quoted is named in the words that a find shows; its line shows none."""
        return row.joined is None and bool(naming(session, self.forum.name, [citation_of(row)]))

    def _look_at(self, number: int) -> None:
        """Look up one find on the forum, and enter what follows."""
        with self.store.begin() as session:
            row = session.get_one(PracticeRow, (self.forum.name, number))
        if row.asked_key and row.state in ("asking", "kept"):
            row = read_answer(self.forum, self.store, number, self.now) or row
        is_closed, trouble = self._judged(row)
        with self.store.begin() as session:
            found = session.get(PracticeRow, (self.forum.name, number))
            if found is None:
                return
            found.looked_at = self.now
            if found.answer == NO and found.state in ("asking", "kept"):
                take_out(found, SAID_NO)
                return
            if found.state == "kept" and trouble is None and self._shows_a_title(session, found):
                begin_anew(
                    found, found.at
                )  # somebody else's title stands in it: an edit would leave that in its history
                return
            if trouble is Trouble.PASSAGE_GONE and found.round < MOST_ROUNDS:
                begin_anew(found, found.at)  # the next run chooses other words
                return
            if trouble is not None:
                take_out(found, trouble.value)
                return
            found.reason = ""
            if is_closed and not found.needs_consent:
                self._needs_consent(found)
            elif found.needs_consent and found.state in ("asking", "kept"):
                _by_answer(found)
            if found.state in ("new", "unplaced"):
                self._choose(session, found)

    def _judged(self, row: PracticeRow) -> tuple[bool, Trouble | None]:
        """Return whether the author must be asked, and what speaks against showing a find, None where nothing does."""
        found = self._trouble(row, Use.AGREED if row.needs_consent else Use.KEPT)
        if found is not Trouble.PRIVATE:
            return row.needs_consent, found
        return True, self._trouble(row, Use.AGREED)

    def _trouble(self, row: PracticeRow, use: Use) -> Trouble | None:
        words = (quoted_in(agreed_text(row)) if row.joined is None else ()) or tuple(row.words)
        if row.joined is not None and row.needs_consent:
            words = ()  # its line quotes nothing
        cited = Citation(use, row.topic_id, post_id=row.post_id, number=row.number, user_id=row.user_id, passages=words)
        found = self.look.stale([cited], self.category().id, row.cohort)
        against = TAKES_OUT | ({Trouble.NOT_IN_GOOD_STANDING} if row.state != "kept" else frozenset())
        trouble = next((one.trouble for one in found if one.trouble in against), None)
        with self.store.begin() as session:
            if trouble is None and use is Use.KEPT and is_refused(session, row):
                return Trouble.NO_CONSENT
            return trouble or (Trouble.NAMED if self._names_a_silent_one(session, row) else None)

    def _shows_a_title(self, session: Session, row: PracticeRow) -> bool:
        """Whether a find shows the title of a topic, as it was just read, of somebody who will not be quoted."""
        topic = self.look.seen.get(row.topic_id)
        seen = as_seen(session, self.forum.name, topic) if topic is not None else None
        return bool(row.title) and seen is not None and not seen.may_be_named

    def _needs_consent(self, row: PracticeRow) -> None:
        """Note that not all who read the library can read the post; what was shown unasked is asked about."""
        if row.state != "new":
            begin_anew(row, row.at)
        row.needs_consent, row.looked_at = True, self.now

    def _choose(self, session: Session, row: PracticeRow) -> None:
        """Choose the words of a find, its subject, and the entry that says the same, if there is one."""
        seen = self.look.seen.get(row.topic_id)
        topic = as_seen(session, self.forum.name, seen) if seen is not None else None
        post = next((one for one in topic.posts if one.id == row.post_id), None) if topic is not None else None
        if topic is None or post is None or not post.quotable:
            take_out(row, Trouble.UNQUOTED.value if post is not None else Trouble.POST_GONE.value)
            return
        staff = frozenset({self.forum.username})
        locale = self.cohorts[row.cohort].locale if row.cohort in self.cohorts else self.settings.language
        row.words = list(row.words or words_of(topic, post, locale, staff))
        if not row.words:
            take_out(row, NOTHING_SAID)
            return
        row.username, row.name = post.username, post.name
        may_name = topic.may_be_named and (not row.needs_consent or topic.opened_by(staff | {post.username}))
        row.title = shown_title(topic, staff) if may_name else ""
        self._place(session, row, topic, post, may_name=may_name)

    def _place(self, session: Session, row: PracticeRow, topic: Topic, post: Post, *, may_name: bool) -> None:
        kept = [one for one in practices(session, self.forum.name, ("kept",)) if one.joined is None]
        shelf = Shelf([text_of(session, one) for one in kept])
        about = Text(row.post_id, row.subject or topic.title, plain_text(post.cooked))
        by_id = {one.post_id: one for one in kept}
        near = shelf.about_the_same(about)
        subject = row.subject or (by_id[near.number].subject if near is not None else "")
        subject = subject or (named_in(about, self.settings.subjects) or "")
        if not subject and not self.settings.subjects:
            subject = subject_of(topic, row.words, frozenset({self.forum.username}), may_name=may_name)
        if not subject:
            row.state, row.reason = "unplaced", ""
            return
        row.subject = subject
        others = [one for one in kept if fold(one.subject) == fold(subject)]
        row.joined = says_the_same(row.words, {one.post_id: one.words for one in others})
        row.state = "asking" if row.needs_consent else "kept"
        row.reason = ""

    def _ask(self, number: int) -> None:
        """Write the question to the author of a find, for an LCM to approve."""
        with self.store.begin() as session:
            row = session.get_one(PracticeRow, (self.forum.name, number))
        cohort = self.cohorts.get(row.cohort)
        question = self._question(row, cohort) if cohort is not None else None
        with self.store.begin() as session:
            found = session.get(PracticeRow, (self.forum.name, number))
            if found is None or found.state != "asking" or found.asked_key is not None:
                return
            if question is None:
                take_out(found, NO_COHORT)
                return
            found.asked_key = question.key
            if session.get(DraftRow, question.key) is None and session.get(LedgerRow, question.key) is None:
                session.add(question)

    def _question(self, row: PracticeRow, cohort: Cohort) -> DraftRow:
        """Return the draft of a message to an author, which its cohort's LCMs share."""
        category, own = self.category(), frozenset({self.forum.username})
        readers = readers_of(self.forum, category.name, category.id, own)
        members = members_of(self.forum, self.store.sessions, cohort, cohort.lcm_group)
        hosts = [one for one in members if one.username not in own][:MOST_LCMS]
        entry = entry_of(row, self.forum.url)
        shown = self.texts.entry(entry) if row.joined is None else self.texts.also(entry)
        texts = Texts(cohort.locale)
        names = language(cohort.locale).listing([person_name(one.name or "", one.username) for one in hosts])
        title, body = texts.question(
            entry,
            self.texts.opening(row.subject)[0],
            shown,
            texts.place(readers.category, readers.people, public=readers.public),
            escape(names),
        )
        draft = Draft(
            DraftKind.MESSAGE,
            body,
            PRACTICES.of(cohort.locale).ask_reason.format(name=entry.name),
            part=f"ask-{row.post_id}",
            title=title,
            recipients=(row.username, *(one.username for one in hosts)),
            approval=Approval.LCM,
            about_posts=(row.post_id,),
            about_users=(row.user_id,),
            refs=(ASKS_AUTHOR,),
            to_learner=row.user_id,
            citations=(replace(citation_of(row), use=Use.AGREED),),
            signed=tuple(one.name or one.username for one in hosts),
        )
        key = library_key(self.forum.name, row.cohort, f"ask:{row.post_id}:{row.round}")
        return draft_row(key, self.forum.name, cohort, draft, category.id, self.now)


def category_named(forum: Forum, settings: LibrarySettings) -> Category:
    """Return the category of a library by its number, slug or name. Calls: 1.

    Raises:
        UsageError: there is none, or several have the name.

    """
    wanted = settings.category
    categories = forum.categories()
    if isinstance(wanted, int):
        found = [one for one in categories if one.id == wanted]
    else:
        found = [one for one in categories if fold(one.slug) == fold(wanted)]
        found = found or [one for one in categories if fold(one.name) == fold(wanted)]
    if len(found) != 1:
        what = "has no category" if not found else "has several categories called"
        raise UsageError(
            f"the forum {what} '{wanted}', which lcm.yaml names for the practice library.",
            where="library.category",
            do="Make the category on the forum, or name another one by its number.",
        )
    return found[0]


def check_library(forum: Forum, settings: LibrarySettings | None) -> list[Finding]:
    """Return the line of `lcm check` about the library; none where there is none. Calls: 1."""
    if settings is None:
        return []
    try:
        return [ok(AREA, f"is kept in the category '{category_named(forum, settings).name}'.")]
    except LcmError as error:
        return [failed(AREA, error)]


def _free_joined(rows: Sequence[PracticeRow]) -> None:
    """Let finds that stood under one that is not shown any more be looked at as finds of their own."""
    shown = {row.post_id for row in rows if row.state == "kept" and row.joined is None}
    for row in rows:
        if row.joined is not None and row.joined not in shown:
            begin_anew(row, row.at)


def _by_answer(row: PracticeRow) -> None:
    """Enter what an author's answer means for the find, where it is no no."""
    agreed = agreed_text(row)
    if not agreed or (row.joined is None and not quoted_in(agreed)):
        row.round += row.state == "kept"  # should it come back, it is a new post
        row.state, row.reason = "asking", OTHER_WORDS if agreed else ""
    else:
        row.words = list(quoted_in(agreed)) if row.joined is None else row.words
        row.state, row.reason = "kept", ""
