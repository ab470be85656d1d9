"""What people wrote, liked and allowed on the forum, and how far its readers have come."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Double, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.model import Answer, BlockerWord, CaseKind, Lever, NoteKind
from sync_worker.store.tables.ledger import Table, UtcDateTime, one_of


class TopicRow(Table):
    """A topic of a category that some cohort reads."""

    __tablename__ = "topics"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category_id: Mapped[int] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    bumped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    posts_count: Mapped[int] = mapped_column(default=0)
    like_count: Mapped[int] = mapped_column(default=0)
    views: Mapped[int] = mapped_column(default=0)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    closed: Mapped[bool] = mapped_column(default=False)
    external_id: Mapped[str | None] = mapped_column(String(50))


class PostRow(Table):
    """A regular post of such a topic."""

    __tablename__ = "posts"
    __table_args__ = (
        Index("posts_by_topic", "forum", "topic_id", "number"),
        Index("posts_by_author", "forum", "user_id", "created_at"),
        Index("posts_by_time", "forum", "created_at"),
    )

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    topic_id: Mapped[int]
    number: Mapped[int]
    user_id: Mapped[int] = mapped_column(index=True)
    username: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    raw: Mapped[str | None] = mapped_column(Text)
    cooked: Mapped[str] = mapped_column(Text)
    likes: Mapped[int] = mapped_column(default=0)
    reads: Mapped[int] = mapped_column(default=0)
    reply_to: Mapped[int | None]
    accepted: Mapped[bool] = mapped_column(default=False)


class LikeRow(Table):
    """Somebody likes a post; known only where our plugin tells."""

    __tablename__ = "likes"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    author_id: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VisitRow(Table):
    """A day on which a member was on the forum; known only where our plugin tells."""

    __tablename__ = "visits"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    posts_read: Mapped[int] = mapped_column(default=0)
    seconds_read: Mapped[int] = mapped_column(default=0)


ACTIVITY_COUNTS = "activity counts"
"""The cursor that says that the counts below hold; without it they are made anew."""


class ActivityDayRow(Table):
    """What one person did in one category on one day of UTC: counts of `signals.participation.DayShare`.

    They are made of the rows above, and changed with them in one transaction; without the cursor that says so they are
    made anew.
    """

    __tablename__ = "activity_days"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    category_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    posts: Mapped[int] = mapped_column(default=0)
    replies_given: Mapped[int] = mapped_column(default=0)
    replies_received: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    wait: Mapped[int] = mapped_column(BigInteger, default=0)
    likes_given: Mapped[int] = mapped_column(default=0)
    likes_received: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_post: Mapped[int | None]


class AnswerWeekRow(Table):
    """How often one person answered another in one category, in the week that begins on a Monday of UTC."""

    __tablename__ = "answer_weeks"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    category_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    week: Mapped[date] = mapped_column(primary_key=True)
    by_user: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    to_user: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    replies: Mapped[int]


class DismissalRow(Table):
    """An LCM's word that somebody needs no hand: why, by whom, and until when (None: for the rest of the cohort)."""

    __tablename__ = "dismissals"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class BlockerWordRow(Table):
    """What a person said about a blocker, in order: that it is one, is solved, is open again, or who looks after it.

    `owner` is a username, "" for the LCMs; `by` who said it. Rows are only added: they are the blocker's journal.
    """

    __tablename__ = "blocker_words"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    topic_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    word: Mapped[str] = mapped_column(String(10), info=one_of(*BlockerWord))
    owner: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChoiceRow(Table):
    """What a person allows, where it is not everything: to be written to when silent, quoted, paired.

    Each has the time at which it was last said. Where that is None it never was: it is allowed, or as the plugin told
    it beside one that was said. `at` is when anything was last told.
    """

    __tablename__ = "choices"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    username: Mapped[str] = mapped_column(String(60))
    nudges: Mapped[bool] = mapped_column(default=True)
    quoting: Mapped[bool] = mapped_column(default=True)
    pairing: Mapped[bool] = mapped_column(default=True)
    nudges_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quoting_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pairing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PracticeMarkRow(Table):
    """A post that an LCM marked as a practice: it comes first in the next roundup."""

    __tablename__ = "practice_marks"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PracticeRow(Table):
    """A post that the practice library shows, may show once its author agrees, or that LCMs are asked about.

    `offered`: a roundup showed it, and nobody has said whether it is to be kept; `declined`: it is not. `new`: it was
    marked and is to be looked at; `unplaced`: no subject of the settings fits it; `asking`: its author is asked first,
    as `needs_consent` says, for not all who read the library can read the post; `kept`: it may be shown; `out`: it may
    not, for a `reason`. `words` are the author's sentences that are shown, none for a post that is `joined` to another
    entry (the number of that one's post) because it says the same. `title` is that of its topic, where it may be shown.

    `asked_key` is the key of the message to the author, `shown` the text in it, `answer` what the author says to it
    (`asked`: nothing yet), `answered_at` when they said so, `answer_words` in which words, where that is no plain yes.
    `round` counts how often it came into the library.
    """

    __tablename__ = "practices"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    cohort_name: Mapped[str] = mapped_column(Text)
    topic_id: Mapped[int]
    number: Mapped[int]
    user_id: Mapped[int]
    username: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(Text, default="")
    day: Mapped[date]
    state: Mapped[str] = mapped_column(
        String(10), info=one_of("offered", "declined", "new", "unplaced", "asking", "kept", "out")
    )
    reason: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(Text, default="")
    joined: Mapped[int | None]
    title: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    needs_consent: Mapped[bool] = mapped_column(default=False)
    asked_key: Mapped[str | None] = mapped_column(String(50))
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    answer: Mapped[str] = mapped_column(String(10), default="", info=one_of("", "asked", "yes", "no", "unclear"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_words: Mapped[str] = mapped_column(Text, default="")
    round: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ConsentRow(Table):
    """Whether an author lets us show a post as a story, as it stood when it was last `looked_at`.

    `answer` is `asked` (silence), `yes`, `no` or `unclear`; `shown` the story's title and text as the author saw them,
    `answer_post` and `words` what the author wrote. `decided` is a click of the author, or an LCM's reading.
    """

    __tablename__ = "consents"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    post_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int]
    username: Mapped[str] = mapped_column(String(60))
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    message_key: Mapped[str] = mapped_column(String(50))
    answer: Mapped[str] = mapped_column(String(10), default="asked", info=one_of("asked", "yes", "no", "unclear"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shown: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    answer_post: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")
    decided: Mapped[str] = mapped_column(String(10), default="", info=one_of("", "yes", "no"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(60), default="")
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


# How far readers of the forum have come, and cohorts whose dates were moved.


class CursorRow(Table):
    """How far a reader of the forum has come."""

    __tablename__ = "cursors"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class CohortClockRow(Table):
    """A cohort whose journey was paused or shifted by some days, or that was made an archive before its time."""

    __tablename__ = "cohort_clocks"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), primary_key=True)
    paused: Mapped[bool] = mapped_column(default=False)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    shift_days: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TrialRow(Table):
    """Chance decided whether a step writes to somebody: who was to be written to, and who was `held_out`.

    Both sides are written down at the `slot` of the step, by the key that the message has or would have had. Whether
    they came back is looked at `until` then. `share` is the share of people that was held out at that time.
    """

    __tablename__ = "trials"
    __table_args__ = (Index("trials_by_cohort", "forum", "cohort"),)

    key: Mapped[str] = mapped_column(String(50), primary_key=True)
    forum: Mapped[str] = mapped_column(String(255))
    cohort: Mapped[str] = mapped_column(String(40))
    playbook: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int]
    held_out: Mapped[bool]
    share: Mapped[float] = mapped_column(Double)
    slot: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class ForgottenRow(Table):
    """A person who asked to be forgotten: a keyed digest of an identifier or an account, by which they are left out."""

    __tablename__ = "forgotten"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class WebhookEventRow(Table):
    """A webhook that arrived: its `event`, which topic it is about, and whether the worker has `worked` on it."""

    __tablename__ = "webhook_events"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    event: Mapped[str] = mapped_column(String(60))
    topic_id: Mapped[int | None]
    worked: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CommitmentRow(Table):
    """What a person is going to do, by their first reply to a topic that asks for it, as it was last read.

    `words` are as they were quoted, once they were; `day` is the one after which they are asked about, `named` whether
    they named it themselves. `asked_at` is when the message was sent that asks what became of it, `talk` its topic,
    `later_at` when the reply came that comes back to it weeks later; both by the entries of these keys. `answer` is
    `done`, `not yet` or `changed`, by a vote (`vote`) or a reply (`answer_post`); `later_answer` the same after that
    reply. `withdrawn_at` is when the post was found to be gone.
    """

    __tablename__ = "commitments"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    topic_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    playbook: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(80))
    slot: Mapped[datetime] = mapped_column(UtcDateTime)
    post_id: Mapped[int]
    number: Mapped[int]
    username: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[list[str]] = mapped_column(JSON)
    is_cut: Mapped[bool] = mapped_column(default=False)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    day: Mapped[date]
    named: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_key: Mapped[str | None] = mapped_column(String(50))
    talk: Mapped[int | None]
    later_key: Mapped[str | None] = mapped_column(String(50))
    later_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(10), default="", info=one_of("", *Answer))
    later_answer: Mapped[str] = mapped_column(String(10), default="", info=one_of("", *Answer))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_post: Mapped[int | None]
    vote: Mapped[str] = mapped_column(String(10), default="", info=one_of("", *Answer))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseRow(Table):
    """What a person answered some weeks after a programme, by the key of the message that asked, as it was last read.

    `used` is the place of the answer among the options, from 0; it came by a vote or in a post (`answer_post`). `words`
    is what came of it, `words_post` the post that says so, `answered_at` when an answer was read first or changed.
    `kind` says that the person was chosen, as a best or a worst case, and `post_ids` are those that speak of it. `said`
    is what they answered to the invitation in `invite_talk`, `entered` what an LCM entered of it, by whom and when;
    `unclear` that they wrote there what says neither. The guide for the conversation is the message `guide_key`.
    """

    __tablename__ = "cases"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    asked_key: Mapped[str] = mapped_column(String(50), primary_key=True)
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    playbook: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(80))
    slot: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int]
    username: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    talk: Mapped[int | None]
    used: Mapped[int | None]
    answer_post: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text, default="")
    words_post: Mapped[int | None]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(10), default="", info=one_of("", *CaseKind))
    post_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invite_talk: Mapped[int | None]
    said: Mapped[dict[str, bool]] = mapped_column(JSON, default=dict)
    entered: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    unclear: Mapped[bool] = mapped_column(default=False)
    guide_key: Mapped[str | None] = mapped_column(String(50))
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CaseNoteRow(Table):
    """A line of an LCM's notes of the conversation with a person who was chosen; `post_id` where it came by a reply.

    `factor` is the lever that helped or hindered, "" for none of them.
    """

    __tablename__ = "case_notes"

    forum: Mapped[str] = mapped_column(String(255), primary_key=True)
    asked_key: Mapped[str] = mapped_column(String(50), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cohort: Mapped[str] = mapped_column(String(40), index=True)
    user_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10), info=one_of(*NoteKind))
    factor: Mapped[str] = mapped_column(String(20), default="", info=one_of("", *Lever))
    note: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(60))
    post_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
