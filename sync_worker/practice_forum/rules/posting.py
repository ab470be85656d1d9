"""What happens when somebody posts: the checks in Discourse's order and words, then the topic and the post."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from sync_worker.practice_forum.cook.inline import clean_title
from sync_worker.practice_forum.rules import events, notifying, polls, rights, text_rules, writing
from sync_worker.practice_forum.rules.settings import PostingLimits
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.rules.writing import cook_post
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.tables import Category, Post, PostLocale, Topic

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian
    from sync_worker.practice_forum.rules.settings import UserLimits
    from sync_worker.practice_forum.tables import User

TOPIC_NOT_FOUND = "Something has gone wrong. Perhaps this topic was closed or deleted while you were looking at it?"
TITLE_TAKEN = "Title has already been used"
EXTERNAL_TAKEN = "External has already been taken"
TOO_SIMILAR = "Body is too similar to what you recently posted"
_MENTION = re.compile(r'<(?:a|span) class="mention(?:-group)?[^>]*>')
_LINK = re.compile(r'<a href="')
_PICTURE = re.compile(r'<img (?![^>]*class="(?:emoji|avatar))')


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client wants to post."""

    raw: str
    title: str | None = None
    topic_id: int | None = None
    category: str | None = None
    tags: tuple[str, ...] = ()
    message: bool = False
    recipients: str = ""
    reply_to: int | None = None
    external_id: str | None = None
    created_at: datetime | None = None
    visible: bool = True
    auto_track: bool = True
    skip_validations: bool = False
    import_mode: bool = False
    bump: bool = True
    locale: str | None = None

    @property
    def opens_topic(self) -> bool:
        """Whether this is a new topic or message rather than a reply."""
        return self.topic_id is None


class Poster:
    """Checks and carries out one submission of one user."""

    def __init__(self, guardian: Guardian, user: User, limits: UserLimits, base_url: str) -> None:
        self.guardian = guardian
        self.user = user
        self.session: Session = guardian.session
        self.settings = guardian.settings
        self.now = guardian.now
        self.base_url = base_url
        self._cooked: dict[tuple[str, int | None], str] = {}
        self.limits = PostingLimits(limits, user, self.settings, self.now)

    def create(self, wanted: Submission) -> Post:
        """Write the topic or reply.

        Raises:
            RejectedError: it does not hold up.
            Refusal: 400 for an unknown category, 403 where the user may not post there, 429 where too soon.

        """
        found = polls.written(self.guardian, wanted.raw, self.user, self.base_url)
        event = events.written(
            self.guardian, wanted.raw, self.user, self.base_url, first=wanted.opens_topic and not wanted.message
        )
        topic = None if wanted.opens_topic else self.reply_topic(wanted)
        if topic is None:
            self.check_topic(wanted)
        if not wanted.skip_validations:
            self.check_body(wanted, topic)
        topic = topic or self._open(wanted)
        self.limits.check_post(skip=wanted.skip_validations)
        post = self._write(wanted, topic)
        polls.store(self.session, post, found, self.now)
        events.store(self.session, post, event)
        if wanted.locale:
            self.session.add(PostLocale(post_id=post.id, locale=wanted.locale))
        self.limits.count(opened=wanted.opens_topic, message=wanted.message, skipped=wanted.skip_validations)
        return post

    def check_topic(self, wanted: Submission) -> None:
        """Check everything about a new topic but its text.

        Raises:
            RejectedError: the title, the external id or the tags do not hold up.
            Refusal: 400 for an unknown category, 403 where the user may not open topics there.

        """
        category = self.category(wanted)
        if not wanted.skip_validations and not wanted.message:
            allowed = self.guardian.can_create_topic
            if not allowed or (category is not None and not self.guardian.can_create_topic_in(category)):
                raise requests.invalid_access()
        if wanted.category and category is None and not wanted.message:
            raise requests.invalid_parameters("category")
        if wanted.skip_validations:
            return
        errors = self._title_errors(wanted)
        if category is None and not wanted.message and not self.settings.flag("allow_uncategorized_topics"):
            errors.append("Category can't be blank")
        errors += self._external_id_errors(wanted)
        if not wanted.visible and not (self.guardian.is_staff or rights.staff_or_leader(self.guardian)):
            errors.append("Sorry, you cannot create an unlisted topic.")
        errors += text_rules.category_errors(self.session, self.guardian, category, wanted.tags)
        if errors:
            raise RejectedError(*errors)

    def check_body(self, wanted: Submission, topic: Topic | None) -> None:
        """Check the text.

        Raises:
            RejectedError: it is too short, too long, unclear, a repetition, or has too much of something in it.

        """
        message = wanted.message or (topic is not None and topic.archetype == rights.PRIVATE)
        errors = text_rules.body_errors(wanted.raw, self.settings, first=topic is None, message=message)
        if not self.user.staff and wanted.raw.strip() and self._repeats(wanted.raw):
            errors.append(TOO_SIMILAR)
        if not errors and not self.user.staff:
            errors = self._excess(wanted, topic, message=message)
        if errors:
            raise RejectedError(*errors)

    def category(self, wanted: Submission) -> Category | None:
        """The category of a new topic, None for messages and for names and unknown ids."""
        if wanted.message or not wanted.category or not wanted.category.isdigit():
            return None
        return self.session.get(Category, int(wanted.category))

    def reply_topic(self, wanted: Submission) -> Topic:
        """The topic of a reply.

        Raises:
            RejectedError: it is not there, or the user may not reply to it.

        """
        topic = self.guardian.topic(wanted.topic_id)
        if topic is not None and topic.deleted_at is None and wanted.message:
            raise RejectedError("Sorry, you can't create a PM on an existing topic.")
        if topic is None or topic.deleted_at is not None or not rights.can_reply(self.guardian, topic):
            raise RejectedError(TOPIC_NOT_FOUND)
        return topic

    def _title_errors(self, wanted: Submission) -> list[str]:
        title = clean_title(wanted.title or "")
        errors = text_rules.title_errors(title, self.settings, admin=self.user.admin, message=wanted.message)
        if not wanted.message and title and self.title_taken(title, wanted.category):
            errors.append(TITLE_TAKEN)
        return errors

    def title_taken(self, title: str, category: str | None, *, except_topic: int | None = None) -> bool:
        """Whether a listed topic has this title already, whatever its case."""
        if self.settings.flag("allow_duplicate_topic_titles"):
            return False
        query = select(Topic.id).where(
            func.lower(Topic.title) == title.lower(),
            Topic.archetype == "regular",
            Topic.deleted_at.is_(None),
            Topic.visible.is_(True),
        )
        if self.settings.flag("allow_duplicate_topic_titles_category"):
            query = query.where(Topic.category_id == int(category or 0))
        if except_topic is not None:
            query = query.where(Topic.id != except_topic)
        return self.session.scalar(query.limit(1)) is not None

    def _external_id_errors(self, wanted: Submission) -> list[str]:
        if not wanted.external_id:
            return []
        taken = select(Topic.id).where(Topic.external_id_lower == wanted.external_id.lower())
        errors = [EXTERNAL_TAKEN] if self.session.scalar(taken) is not None else []
        return errors + text_rules.external_id_errors(wanted.external_id)

    def _repeats(self, raw: str) -> bool:
        minutes = self.settings.number("unique_posts_mins")
        since = self.now - timedelta(minutes=minutes)
        wanted = re.sub(r"\s+", "", raw).lower()
        recent = select(Post.raw).where(
            Post.user_id == self.user.id,
            Post.created_at > since,
            Post.deleted_at.is_(None),
        )
        return minutes > 0 and any(re.sub(r"\s+", "", old).lower() == wanted for old in self.session.scalars(recent))

    def _excess(self, wanted: Submission, topic: Topic | None, *, message: bool) -> list[str]:
        cooked = self._cook(wanted.raw, topic)
        own_words = re.sub(r"<aside class=\"quote.*?</aside>", "", cooked, flags=re.DOTALL)
        newcomer = self.user.trust_level == 0 and not message
        mentioned = self.settings.number("newuser_max_mentions_per_post" if newcomer else "max_mentions_per_post")
        new = "new users can only" if newcomer else "you can only"
        errors = []
        if len(_MENTION.findall(own_words)) > mentioned:
            tail = " in a post."
            what = "one other user" if mentioned == 1 else f"{mentioned} users"
            errors.append(f"Sorry, {new} mention {what}{tail}")
        if newcomer:
            links, pictures = self.settings.number("newuser_max_links"), len(_PICTURE.findall(own_words))
            if pictures > self.settings.number("newuser_max_embedded_media"):
                errors.append("Sorry, new users can only put one embedded media item in a post.")
            if len(_LINK.findall(own_words)) > links:
                errors.append(f"Sorry, new users can only put {links} links in a post.")
        if topic is not None and not message and self._monologue(topic):
            most = self.settings.number("max_consecutive_replies")
            errors.append(
                f"No more than {most} consecutive replies are allowed. Please edit your previous reply, or wait for "
                "someone to reply to you."
            )
        return errors

    def _cook(self, raw: str, topic: Topic | None) -> str:
        topic_id = topic.id if topic else None
        if (raw, topic_id) not in self._cooked:
            self._cooked[raw, topic_id] = cook_post(self.session, raw, self.user, topic_id, self.base_url)
        return self._cooked[raw, topic_id]

    def _monologue(self, topic: Topic) -> bool:
        most = self.settings.number("max_consecutive_replies")
        if most == 0 or topic.user_id == self.user.id or self.guardian.can_moderate_category(topic.category_id):
            return False
        latest = (
            select(Post.user_id)
            .where(Post.topic_id == topic.id, Post.deleted_at.is_(None), Post.hidden.is_(False))
            .order_by(Post.post_number.desc())
            .limit(most)
        )
        authors = list(self.session.scalars(latest))
        return len(authors) == most and set(authors) == {self.user.id}

    def _open(self, wanted: Submission) -> Topic:
        """Store the topic of a submission that passed the checks."""
        category = self.category(wanted)
        at = wanted.created_at or self.now
        recipients = None
        if wanted.message:
            recipients = notifying.find(self.guardian, wanted.recipients, skip=wanted.skip_validations)
        external_id = wanted.external_id or None
        topic = Topic(
            title=clean_title(wanted.title or ""),
            user_id=self.user.id,
            category_id=category.id if category else None,
            archetype=rights.PRIVATE if wanted.message else "regular",
            subtype="user_to_user" if wanted.message else None,
            external_id=external_id,
            external_id_lower=external_id.lower() if external_id else None,
            created_at=at,
            updated_at=self.now,
            bumped_at=at,
            last_post_user_id=self.user.id,
            visible=wanted.visible,
        )
        writing.add_topic(self.session, topic)
        if wanted.tags:
            try:
                text_rules.put_on(self.session, self.guardian, topic, category, wanted.tags)
            except text_rules.TaggingError as error:
                raise RejectedError(*error.args, text_rules.UNABLE) from None
        if recipients is not None:
            notifying.invite(self.session, topic, self.user, recipients)
        self.limits.check_topic(message=wanted.message, skip=wanted.skip_validations)
        if wanted.auto_track and wanted.import_mode:
            writing.track(self.session, topic.id, self.user.id, writing.WATCHING)
        return topic

    def _write(self, wanted: Submission, topic: Topic) -> Post:
        cooked = self._cook(wanted.raw, topic)
        new = writing.NewPost(
            author_id=self.user.id,
            raw=wanted.raw,
            cooked=cooked,
            now=self.now,
            at=wanted.created_at or self.now,
            reply_to=wanted.reply_to,
            bump=wanted.bump,
            # The author's own reading is noted with the tracking, which both of these leave out.
            read_by_author=wanted.auto_track and not wanted.import_mode,
        )
        post = writing.add_post(self.session, topic, new)
        if wanted.import_mode:
            return post
        level = writing.NORMAL if not wanted.auto_track else writing.TRACKING
        level = writing.WATCHING if wanted.opens_topic and wanted.auto_track else level
        number = post.post_number
        writing.note_read(self.session, topic.id, self.user.id, number, self.now, posted=True, level=level)
        if topic.archetype == rights.PRIVATE:
            notifying.join(self.session, topic, self.user, self.guardian)
        else:
            self.user.last_posted_at = post.created_at
        most = self.settings.number("max_users_notified_per_group_mention")
        notifying.about_post(self.session, post, topic, self.user, self.now, most_in_group=most)
        return post
