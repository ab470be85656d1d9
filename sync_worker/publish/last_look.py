"""The forum as it is now, for what a draft shows: what of it no longer holds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from sync_worker.activity.blockers import solved_by_word
from sync_worker.activity.cases import may_ask_manager
from sync_worker.activity.choices import take_in_choices, unquoted, unwilling
from sync_worker.activity.collect import keep_seen, opens_to_all, shown_posts
from sync_worker.activity.consents import agrees_to, reread_consent
from sync_worker.activity.practices import may_be_kept
from sync_worker.activity.reader import as_seen
from sync_worker.errors import ForumError
from sync_worker.forum.plugin_records import WantedPerson
from sync_worker.model import (
    TOGETHER,
    UNTIL_ANSWERED,
    UNTIL_REPLIED,
    UNTIL_SOLVED,
    WHILE_FACT,
    WHILE_IN,
    WHILE_KEPT,
    WHILE_MAY_ASK,
    WHILE_READS,
    Citation,
    Draft,
    DraftKind,
    Use,
    behind_mark,
)
from sync_worker.model.rights import reads_by_itself
from sync_worker.publish.citations import Facts, Finding, Trouble, citations_of, judge
from sync_worker.publish.unshowable import naming, refused, titles_of
from sync_worker.signals.blockers import is_over
from sync_worker.signals.waiting import asks_for_a_reply
from sync_worker.store.facts import facts_of
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.tables import MembershipRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import Category, ForumTopic
    from sync_worker.store.database import Store


BARRED = ("suspended", "silenced")
NAMES_NOBODY_SILENT = frozenset({"roundup", "story", "relay", "library"})
"""Refs of drafts that show what people wrote to others than those to whom they wrote it."""
GONE = ("removing", "removed", "left")  # memberships that have ended


@dataclass(slots=True)
class LastLook:
    """Looks up what a draft shows, right before it goes out; what it has seen once it does not ask for again.

    Make one for each occurrence, so that what it has seen is as old as the writing of its drafts, and no older. What
    it has read replaces what the store has of these topics; a preview gives a `scratch_copy` of the store.

    Calls, for a draft that shows nothing of the forum: none. Else 1 for each topic shown, 1 for each category that is
    not the target and 1 for the target, 1 for each person named; with the plugin 1 for all persons together, and 1 for
    the choices made since last time. For a story, those of `reread_consent` for its post, and for a find of the
    practice library those of `read_answer`. For a message that only readers of the target may get, 1 for the target,
    and for each recipient that is not itself named in the target's permissions 1 for the account and 1 for each group
    named there.
    """

    forum: Forum
    store: Store
    now: datetime
    seen: dict[int, ForumTopic | None] = field(default_factory=dict)
    _categories: dict[int, Category | None] = field(default_factory=dict)
    _barred: dict[int, bool] = field(default_factory=dict)
    _unquoted: frozenset[int] | None = None
    _reads: dict[tuple[str, int], bool] = field(default_factory=dict)

    def findings(self, draft: Draft, target: int, cohort: str) -> tuple[Finding, ...]:
        """Return what of a draft no longer holds.

        Args:
            draft: as it would be sent.
            target: the category whose readers count.
            cohort: the key of the cohort that it is for.

        Raises:
            ForumError: it cannot be looked up now.

        """
        return (
            self._unwilling(draft, cohort)
            or self._replied(draft)
            or self._refused(draft)
            or self._closed(draft, target)
            or self.stale(citations_of(draft), target, cohort)
            or self._titled(draft)
            or self._naming(draft)
            or self._without_consent(draft)
            or self._not_to_be_asked(draft)
            or self._answered(draft)
            or self._left(draft)
            or self._untrue(draft, cohort)
            or self._not_kept(draft)
        )

    def stale(self, citations: Sequence[Citation], target: int, cohort: str) -> tuple[Finding, ...]:
        """Return what of these citations no longer holds; arguments and errors are those of `findings`."""
        if not citations:
            return ()
        self._read_choices()
        self.read_topics({one.topic_id for one in citations})
        facts = self._facts(target)
        found = judge(citations, facts)
        if found:
            return found
        people = _people(citations, facts)
        self._read_people(people, cohort)
        barred = frozenset(number for number in people if self._barred[number])
        return judge(citations, replace(facts, barred=barred))

    def _titled(self, draft: Draft) -> tuple[Finding, ...]:
        """Return the titles that a topic or reply shows of people who asked not to be quoted. Calls: none."""
        if draft.kind not in {DraftKind.TOPIC, DraftKind.REPLY}:
            return ()  # a message shows its reader nothing but what they can open
        there = [(number, topic) for number, topic in self.seen.items() if topic is not None]
        openers = {number: post.user_id for number, topic in there for post in topic.posts if post.number == 1}
        return titles_of(citations_of(draft), openers, self._silent())

    def _naming(self, draft: Draft) -> tuple[Finding, ...]:
        """Return what names somebody, in others' words, who asked not to be quoted. Calls: none."""
        if NAMES_NOBODY_SILENT.isdisjoint(draft.refs):
            return ()
        with self.store.begin() as session:
            return naming(session, self.forum.name, citations_of(draft))

    def _facts(self, target: int) -> Facts:
        places = {topic.category_id for topic in self.seen.values() if topic and topic.category_id is not None}
        readable = frozenset(place for place in places if self._can_be_read(place, target))
        return Facts(dict(self.seen), readable, self._silent())

    def _silent(self) -> frozenset[int]:
        """Return who is neither quoted nor named: who asked for that, and who wrote here and asked to be forgotten."""
        wrote = {post.user_id for topic in self.seen.values() if topic is not None for post in topic.posts}
        with self.store.begin() as session:
            forgotten = read_forgotten(session, self.forum.name)
        return (self._unquoted or frozenset()) | {number for number in wrote if forgotten.has_account(number)}

    @property
    def unnamed(self) -> frozenset[int]:
        """Accounts that were found to be neither quoted nor named."""
        barred = {number for number, barred in self._barred.items() if barred}
        return frozenset(barred) | self._silent()

    @property
    def closed_to(self) -> frozenset[str]:
        """Accounts and groups that were found not to read the target."""
        return frozenset(name for (name, _), reads in self._reads.items() if not reads)

    def _closed(self, draft: Draft, target: int) -> tuple[Finding, ...]:
        """Return that somebody may not read the target who gets a message only while they may."""
        names = behind_mark(draft.refs, WHILE_READS)
        asked = [name for name in names if (name, target) not in self._reads]
        self._reads.update({(name, target): self._may_read(name, target) for name in asked})
        closed = not all(self._reads[name, target] for name in names)
        return (Finding(Citation(Use.LINK, 0), Trouble.PRIVATE),) if closed else ()

    def _may_read(self, name: str, target: int) -> bool:
        """Whether an account, or everybody in a group, may read a category; what is not known counts as no."""
        category = self._category(target)
        permissions = category.permissions if category is not None else None
        if not permissions:
            return False
        if reads_by_itself(permissions, name):
            return True
        account = self.forum.user(name)
        if account is None:
            return False
        return account.admin or any(self._is_member(name, group) for group in permissions)

    def _is_member(self, username: str, group: str) -> bool:
        try:
            return bool(self.forum.members_named(group, [username]))
        except ForumError as error:
            if error.refused_with(403, 404):
                return False
            raise

    def _read_choices(self) -> None:
        if self._unquoted is not None:
            return
        plugin = self.forum.plugin
        if plugin is not None:
            take_in_choices(plugin, self.store, self.forum.name)
        with self.store.begin() as session:
            self._unquoted = unquoted(session, self.forum.name)

    def read_topics(self, wanted: Iterable[int]) -> None:
        """Read topics that were not seen yet as they are now. Calls: 1 for each of these."""
        read = {number: self.forum.topic(number) for number in sorted(wanted) if number not in self.seen}
        self.seen.update(read)
        if read:
            with self.store.begin() as session:
                keep_seen(session, self.forum.name, read)

    def _can_be_read(self, place: int, target: int) -> bool:
        """Whether everybody who reads the target can read another category; what is not known counts as no."""
        if place == target:
            return True
        other, own = self._category(place), self._category(target)
        return other is not None and own is not None and opens_to_all(other, own)

    def _category(self, number: int) -> Category | None:
        if number not in self._categories:
            try:
                self._categories[number] = self.forum.category(number)
            except ForumError as error:
                if not error.refused_with(403, 404):
                    raise
                self._categories[number] = None
        return self._categories[number]

    def _read_people(self, people: Sequence[int], cohort: str) -> None:
        asked = [number for number in people if number not in self._barred]
        if asked and not self._ask_plugin(asked, cohort):
            for number in asked:
                account = self.forum.user_by_id(number)
                self._barred[number] = account is None or account.suspended or account.silenced

    def _ask_plugin(self, asked: Sequence[int], cohort: str) -> bool:
        """Ask for all at once; False where there is no plugin, or it does not know the cohort."""
        plugin = self.forum.plugin
        if plugin is None:
            return False
        try:
            seen = plugin.look(cohort, [WantedPerson(str(number), user_id=number) for number in asked])
        except ForumError as error:
            if not error.refused_with(404):
                raise
            return False
        for number in asked:
            found = seen.found.get(str(number))
            self._barred[number] = found is None or found.account.standing in BARRED
        return True

    def _refused(self, draft: Draft) -> tuple[Finding, ...]:
        """Return the posts of a roundup that their authors do not want to be shown. Calls: none."""
        if "roundup" not in draft.refs:
            return ()
        with self.store.begin() as session:
            return refused(session, self.forum.name, citations_of(draft))

    def _answered(self, draft: Draft) -> tuple[Finding, ...]:
        """Return the topic whose answer a message asks for, where the person has written there meanwhile."""
        asked = [int(number) for number in behind_mark(draft.refs, UNTIL_ANSWERED)]
        self.read_topics(asked)
        return tuple(
            Finding(Citation(Use.LINK, number), Trouble.ANSWERED)
            for number in asked
            if (topic := self.seen[number])
            and any(post.number > 1 and post.user_id in draft.about_users for post in shown_posts(topic))
        )

    def _replied(self, draft: Draft) -> tuple[Finding, ...]:
        """Return topics of which a message says that they wait for a reply, or hinder somebody, and do not any more."""
        waiting = [int(number) for number in behind_mark(draft.refs, UNTIL_REPLIED)]
        until_solved = behind_mark(draft.refs, UNTIL_SOLVED)
        hindering = {int(number): tag for number, _, tag in (one.partition(":") for one in until_solved)}
        if not waiting and not hindering:
            return ()
        self.read_topics({*waiting, *hindering})
        with self.store.begin() as session:
            solved = solved_by_word(session, self.forum.name, tuple(hindering))
            there = {number: seen for number in (*waiting, *hindering) if (seen := self.seen[number]) is not None}
            read = {number: as_seen(session, self.forum.name, seen) for number, seen in there.items()}
        ours = {self.forum.username}
        over = [one for one in waiting if (topic := read.get(one)) is None or not asks_for_a_reply(topic, ours)]
        for number, tag in hindering.items():
            topic = read.get(number)
            if topic is None or number in solved or is_over(topic) or (tag and tag not in topic.tags):
                over.append(number)
        return tuple(Finding(Citation(Use.LINK, number), Trouble.ANSWERED) for number in dict.fromkeys(over))

    def _unwilling(self, draft: Draft, cohort: str) -> tuple[Finding, ...]:
        """Return that somebody whom a message brings together with others does not want that any more."""
        if TOGETHER not in draft.refs:
            return ()
        self._read_choices()
        with self.store.begin() as session:
            refused = unwilling(session, self.forum.name, cohort) & set(draft.about_users)
        return (Finding(Citation(Use.LINK, 0), Trouble.UNWILLING),) if refused else ()

    def _left(self, draft: Draft) -> tuple[Finding, ...]:
        """Return that a person is not in a group any more, as far as the last sync saw it. Calls: none."""
        groups = behind_mark(draft.refs, WHILE_IN)
        if not groups:
            return ()
        with self.store.begin() as session:
            gone = session.scalar(
                select(func.count()).where(
                    MembershipRow.forum == self.forum.name,
                    MembershipRow.group_name.in_(groups),
                    MembershipRow.user_id.in_(draft.about_users),
                    MembershipRow.role == "member",
                    MembershipRow.state.in_(GONE),
                )
            )
        return (Finding(Citation(Use.LINK, 0), Trouble.LEFT),) if gone else ()

    def _untrue(self, draft: Draft, cohort: str) -> tuple[Finding, ...]:
        """Return that what a message says of a person is not so any more, or not known any more."""
        wanted = [fact.partition("=") for fact in behind_mark(draft.refs, WHILE_FACT)]
        if not wanted:
            return ()
        with self.store.begin() as session:
            known = facts_of(session, self.forum.name, cohort)
        holds = all(
            (fact := known.get(person, {}).get(name)) is not None and fact.value is (value == "yes")
            for person in draft.about_users
            for name, _, value in wanted
        )
        cited = draft.citations[0] if draft.citations else Citation(Use.LINK, 0)
        return () if holds else (Finding(cited, Trouble.NOT_SO),)

    def _without_consent(self, draft: Draft) -> tuple[Finding, ...]:
        """Return the posts of a story whose authors' yes does not stand any more, or was for another text."""
        if "story" not in draft.refs:
            return ()
        self._read_choices()
        noted = {one.post_id: one for one in citations_of(draft)}
        refused = [number for number in draft.about_posts if not self._agreed(number, draft)]
        cited = (noted.get(number, Citation(Use.QUOTE, 0, post_id=number)) for number in refused)
        return tuple(Finding(one, Trouble.NO_CONSENT) for one in cited)

    def _not_to_be_asked(self, draft: Draft) -> tuple[Finding, ...]:
        """Return that a person does not allow any more that their manager is asked. Calls: 1 for each such person."""
        keys = behind_mark(draft.refs, WHILE_MAY_ASK)
        for key in keys:
            with self.store.begin() as session:
                allowed = may_ask_manager(self.forum, session, key)
            if not allowed:
                return (Finding(Citation(Use.LINK, 0), Trouble.NO_CONSENT),)
        return ()

    def _not_kept(self, draft: Draft) -> tuple[Finding, ...]:
        """Return the finds of the practice library that may not be shown any more. Calls: those of `read_answer`."""
        numbers = [int(number) for number in behind_mark(draft.refs, WHILE_KEPT)]
        refused = [number for number in numbers if not may_be_kept(self.forum, self.store, number, self.now)]
        cited = {one.post_id: one for one in draft.citations}
        return tuple(
            Finding(cited.get(number, Citation(Use.AGREED, 0, post_id=number)), Trouble.NO_CONSENT)
            for number in refused
        )

    def _agreed(self, post_id: int, draft: Draft) -> bool:
        """Whether the author's yes to this very text stands in the conversation now."""
        with self.store.begin() as session:
            row = reread_consent(self.forum, session, self.forum.name, post_id, self.now)
            return agrees_to(row, draft.title, draft.raw)


def _people(citations: Sequence[Citation], facts: Facts) -> list[int]:
    """Return whom the citations name or quote, each once."""
    named = {
        post.user_id
        for citation in citations
        if citation.use is not Use.LINK and (topic := facts.topics[citation.topic_id])
        for post in topic.posts
        if post.number == citation.number
    }
    return sorted(named)
