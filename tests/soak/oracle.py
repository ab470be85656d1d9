"""What must always hold, judged by what stands on the forum and by what people did, never by the worker's own word.

Lost: an occurrence that came and neither happened nor was left out by a rule, or a post that the ledger has and the
forum has not. Doubled: two posts or messages of one key, or two with the same words for the same readers. Leaked: a
member or reader whom the roster does not give, words where their author did not write them, somebody quoted or written
to who had said no, more messages than the caps let through.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from sync_worker.practice_forum.server.database import ADMIN_ID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tests.soak.stage import Stage
    from tests.soak.year import CohortOfYear, Person

WORD = re.compile(r"zq\d{5}zq")
MARK = re.compile(r"<!-- lcm:(\S+) -->")
PER_DAY, PER_WEEK = 1, 3
SYNCS_TO_JOIN, SYNCS_TO_LEAVE = 1, 4
STAFF = frozenset({"forumadmin", "system"})
TAKEN_OUT_WITHIN = timedelta(days=3)
NEW_POSTS = f"""
    SELECT p.id, p.topic_id, p.post_number, p.raw, p.created_at, t.title, t.archetype, t.category_id, t.external_id
    FROM posts p JOIN topics t ON t.id = p.topic_id
    WHERE p.user_id = {ADMIN_ID} AND p.id > :after AND p.post_type = 1 ORDER BY p.id"""


@dataclass(frozen=True, slots=True)
class Said:
    """One post of the worker as it was first seen."""

    post: int
    topic: int
    number: int
    at: datetime
    key: str
    title: str
    raw: str
    private: bool
    place: str
    readers: frozenset[str]

    @property
    def learner_alone(self) -> frozenset[str]:
        """The learners whom a message that opens a conversation is to."""
        opens = self.private and self.number == 1
        return frozenset(one for one in self.readers if "_p" in one) if opens else frozenset()


@dataclass
class Oracle:
    """Reads the forum again and again, and keeps what was ever seen, also of a forum that was put back since."""

    stage: Stage
    said: list[Said] = field(default_factory=list)
    problems: dict[str, list[str]] = field(
        default_factory=lambda: {"lost": [], "doubled": [], "leaked": [], "broken": []}
    )
    refused: dict[str, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))
    by_hand: set[tuple[str, str]] = field(default_factory=set)
    stores_put_back: int = 0
    left_by_hand: set[tuple[str, str]] = field(default_factory=set)
    _keys: dict[str, Said] = field(default_factory=dict)
    _last: int = 0
    _syncs: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    _told: set[str] = field(default_factory=set)

    def note(self, kind: str, what: str) -> None:
        """Keep a problem, once."""
        if what not in self._told:
            self._told.add(what)
            self.problems[kind].append(what)

    # What the worker said.

    def look(self) -> list[Said]:
        """Return what is new, and judge it."""
        fresh = [self._read(row) for row in self._rows(NEW_POSTS, after=self._last)]
        for one in fresh:
            self._last = max(self._last, one.post)
            if one.title.startswith("About the "):
                continue
            self._judge(one)
            self.said.append(one)
        return fresh

    def forum_was_put_back(self) -> None:
        """Go on behind the newest post that is left; the next sync brings everybody back."""
        self._syncs.clear()
        [(newest,)] = self._rows("SELECT max(id) FROM posts")
        self._last = newest

    def _rows(self, query: str, **more: Any) -> Sequence[Any]:
        with self.stage.server.forum.database.session() as session:
            return session.execute(text(query), more).all()

    def _read(self, row: Any) -> Said:
        private = row.archetype == "private_message"
        mark = MARK.search(row.raw)
        key = (row.external_id or "") if row.post_number == 1 else (mark[1] if mark else "")
        return Said(
            row.id,
            row.topic_id,
            row.post_number,
            _moment(row.created_at),
            key,
            row.title,
            row.raw,
            private,
            "" if private else self._slug(row.category_id),
            self._readers(row.topic_id) if private else frozenset(),
        )

    def _slug(self, category: int | None) -> str:
        found = self._rows("SELECT slug FROM categories WHERE id = :id", id=category)
        return found[0][0] if found else ""

    def _readers(self, topic: int) -> frozenset[str]:
        people = self._rows("SELECT user_id FROM topic_allowed_users WHERE topic_id = :id", id=topic)
        groups = self._rows(
            "SELECT g.name FROM topic_allowed_groups a JOIN groups g ON g.id = a.group_id WHERE a.topic_id = :id",
            id=topic,
        )
        return frozenset(self.stage.names.get(number, "forumadmin") for (number,) in people) | frozenset(
            f"@{name}" for (name,) in groups
        )

    def _judge(self, one: Said) -> None:
        self._judge_key(one)
        self._judge_words(one, self._author_places())
        self._judge_message(one)

    def _judge_key(self, one: Said) -> None:
        if not one.key:
            return
        before = self._keys.get(one.key)
        again = before is not None and before.post == one.post  # the forum was put back, and gave the number again
        if before is not None and (one.private or (not again and self._is_there(before))):
            self.note(
                "doubled", f"{one.key}: post {before.post} of {before.at} and {one.post} of {one.at} ({one.title})"
            )
        self._keys[one.key] = one

    def _is_there(self, one: Said) -> bool:
        found = self._rows("SELECT raw FROM posts WHERE id = :id AND topic_id = :topic", id=one.post, topic=one.topic)
        return bool(found) and found[0][0] == one.raw

    def _author_places(self) -> dict[str, str]:
        """Return where each word was written: a category's slug, or "" for a conversation."""
        return self.stage.written_at

    def _judge_words(self, one: Said, places: dict[str, str]) -> None:
        for word in set(WORD.findall(f"{one.title} {one.raw}")):
            author, home = self.stage.written_by.get(word, ""), places.get(word)
            if home is None:
                self.note("leaked", f"a word that nobody is known to have written: {word} in {one.title}")
                continue
            allowed = one.place == home if not one.private else self._may_read(one, author, home)
            if not allowed:
                self.note(
                    "leaked",
                    f"{word} of {author} in '{home}' stands in {one.place or sorted(one.readers)}: {one.title}",
                )
            said_no = self.refused[author].get("quote")
            others = not one.private or one.readers - {author} - self._lcms_of(author)
            if said_no and one.at > said_no and others and word not in self.stage.titles:
                self.note("leaked", f"{author} is quoted {one.at - said_no} after the no, in {one.title} ({one.key})")

    def _lcms(self, key: str) -> frozenset[str]:
        cohort = self._cohort(key)
        names = {one.username for one in cohort.people if one.is_lcm} if cohort else set()
        return frozenset(names | {f"@{key}-lcm"})

    def _may_read(self, one: Said, author: str, home: str) -> bool:
        """Whether all readers of a message may read what somebody wrote; in a conversation, only that one and LCMs."""
        lcms = self._lcms_of(author)
        if not home:
            return one.readers <= lcms | {author}
        cohort = self._cohort(home)
        people = {person.username for person in cohort.people} if cohort else set()
        return one.readers <= people | lcms | {author}

    def _lcms_of(self, author: str) -> frozenset[str]:
        """Staff and the LCMs who look after somebody: they read what that one writes, whatever was refused."""
        mine = [one for one in self.stage.year.cohorts if author in {person.username for person in one.people}]
        return STAFF.union({"@moderators"}, *(self._lcms(one.key) for one in mine))

    def _cohort(self, key: str) -> CohortOfYear | None:
        return next((one for one in self.stage.year.cohorts if one.key == key), None)

    def _judge_message(self, one: Said) -> None:
        for learner in one.learner_alone:
            said_no = self.refused[learner]
            is_pair = len(one.learner_alone) > 1
            for what in ("pair",) if is_pair else ("nudge",):
                if what in said_no and one.at > said_no[what] and "may I show" not in one.title:
                    self.note(
                        "leaked",
                        f"{learner} is written to {one.at - said_no[what]} after the no: {one.title} ({one.key})",
                    )
        for learner in one.learner_alone:
            self._judge_caps(learner, one)

    def _judge_caps(self, learner: str, one: Said) -> None:
        zones = {
            cohort.timezone for cohort in self.stage.year.cohorts if learner in {p.username for p in cohort.people}
        }
        is_question = "may I show" in one.title  # goes out at any time once it was approved, and counts
        for zone in zones:
            at = one.at.astimezone(ZoneInfo(zone))
            if not is_question and len(zones) == 1 and (at.weekday() >= 5 or not 7.5 <= at.hour + at.minute / 60 < 20):
                self.note("leaked", f"{learner} is written to at {at}: {one.title} ({one.key})")
            before = [
                other.at.astimezone(ZoneInfo(zone))
                for other in self.said
                if learner in other.learner_alone and one.at - other.at < timedelta(days=7)
            ]
            day = sum(other.date() == at.date() for other in before)
            week = sum(other.isocalendar()[:2] == at.isocalendar()[:2] for other in before)
            if not is_question and (day >= PER_DAY or week >= PER_WEEK):
                self.note(
                    "leaked",
                    f"{learner} gets message {day + 1} of {at.date()}, {week + 1} of the week: {one.title} ({one.key})",
                )

    def judge_all_that_stands(self, now: datetime) -> None:
        """Judge every post of the worker as it stands now, edited ones too: words, quotes after a no, doubles."""
        places, texts = self._author_places(), defaultdict(list)
        rows = self._rows(
            NEW_POSTS.replace("p.post_type = 1", "p.post_type = 1 AND p.deleted_at IS NULL AND t.deleted_at IS NULL"),
            after=0,
        )
        for one in map(self._read, rows):
            if one.title.startswith("About the ") or not one.key:
                continue
            self._judge_standing(one, places, now)
            bare = MARK.sub("", one.raw)
            texts[one.title, bare, one.place, one.readers].append(one)
        for (title, *_), alike in texts.items():
            near = [pair for pair in pairwise(alike) if pair[1].at - pair[0].at < timedelta(days=5)]
            for first, second in near:
                self.note(
                    "doubled", f"the same words twice: {title}: {first.key} {first.at} and {second.key} {second.at}"
                )

    def _judge_standing(self, one: Said, places: dict[str, str], now: datetime) -> None:
        cohort = self._cohort(one.place)
        if cohort is None or not cohort.is_declared(now.date()):
            return
        for word in set(WORD.findall(f"{one.title} {one.raw}")):
            author = self.stage.written_by.get(word, "")
            said_no = self.refused[author].get("quote")
            told = one.at < said_no and "-told" in one.key if said_no else False  # with a yes of its own
            if said_no and now - said_no > TAKEN_OUT_WITHIN and word not in self.stage.titles and not told:
                self.note("leaked", f"{author} still stands in {one.title} ({one.key}) {now - said_no} after the no")
            if places.get(word) != one.place:
                self.note("leaked", f"{word} of {author} stands in {one.place}: {one.title}")

    def judge_posts(self, posted: Mapping[str, int]) -> None:
        """Find topics that the ledger knows by their keys and that are not on the forum, not even deleted."""
        there = {number for (number,) in self._rows("SELECT id FROM topics")}
        for key, topic in posted.items():
            if topic not in there:
                self.note("lost", f"{key} is posted as topic {topic}, which the forum does not have")

    # Mails to managers.

    def judge_mails(self) -> int:
        """Judge all mails: none twice, no word of a learner in any; return how many there are."""
        folder = self.stage.folder / "mails"
        files = sorted(folder.glob("*.eml")) if folder.is_dir() else []
        seen: Counter[tuple[str, str, str]] = Counter()
        for file in files:
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            content = body.get_content() if body else ""
            seen[str(mail["To"]), str(mail["Subject"]), content] += 1
            if WORD.search(content):
                self.note("leaked", f"words of a learner in the mail '{mail['Subject']}' to {mail['To']}")
        for (to, subject, _), often in seen.items():
            if often > 1 + self.stores_put_back:  # what such a store had sent since is known to nobody: see the guide
                self.note("doubled", f"{often} mails to {to}: {subject}")
        return len(files)

    # Who is in which group.

    def judge_members(self, day: date, *, synced: bool) -> None:
        """Compare the group of each cohort with the roster; the next sync that did something makes a change."""
        for cohort in self.stage.year.cohorts:
            if not cohort.is_declared(day):
                continue
            present = {one.username for one in cohort.present(day)}
            observed = {self.stage.names.get(number, str(number)) for number in self.stage.members(cohort.key)} - STAFF
            for one in cohort.people:
                self._count_sync(cohort, one, one.username in present, synced=synced)
            for name in present - observed:
                if self._syncs[cohort.key, name, True] >= SYNCS_TO_JOIN and (cohort.key, name) not in self.left_by_hand:
                    self.note("lost", f"{name} is not in the group of {cohort.key} on {day}")
            for name in observed - present:
                known = (cohort.key, name) in self.by_hand or (cohort.key, name) in self.left_by_hand
                is_over = day > cohort.end  # who was in it at its end stays
                if not known and not is_over and self._syncs[cohort.key, name, False] >= SYNCS_TO_LEAVE:
                    self.note("leaked", f"{name} is still in the group of {cohort.key} on {day}")
                if name not in {one.username for one in cohort.people} and not known:
                    self.note("leaked", f"{name} is in the group of {cohort.key} and was never in its roster")
            if synced:
                self._judge_rights(cohort)

    def _count_sync(self, cohort: CohortOfYear, one: Person, is_in: bool, *, synced: bool) -> None:
        self._syncs[cohort.key, one.username, not is_in] = 0
        self._syncs[cohort.key, one.username, is_in] += synced

    def _judge_rights(self, cohort: CohortOfYear) -> None:
        query = """SELECT g.name FROM category_groups cg JOIN groups g ON g.id = cg.group_id
                   JOIN categories c ON c.id = cg.category_id WHERE c.slug = :slug"""
        found = {name for (name,) in self._rows(query, slug=cohort.key)}
        if found and not found <= {cohort.key, f"{cohort.key}-lcm", "staff", "admins", "moderators"}:
            self.note("leaked", f"the category of {cohort.key} is open to {sorted(found)}")

    def figures(self) -> dict[str, int]:
        """What the worker said in all."""
        return {
            "topics": sum(not one.private and one.number == 1 for one in self.said),
            "replies": sum(one.number > 1 for one in self.said),
            "messages": sum(one.private and one.number == 1 for one in self.said),
        }


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
