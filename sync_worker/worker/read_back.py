"""What a store does not know any more, read back from the forum: our topics and messages carry their keys there."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.model import Draft, DraftKind
from sync_worker.plays.story import NO_STORY
from sync_worker.publish.entries import Place, build_entries
from sync_worker.publish.keys import day_of, occurrence_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sync_worker.config.base import Strict
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.playbook.load import Playbook
    from sync_worker.publish.entries import Entries
    from sync_worker.publish.publisher import Publisher
    from sync_worker.worker.due import Planned

READ_BACK = "read back from the forum"
QUOTED = re.compile(r'\[quote="[^"\]]*?, ?post:(\d+), ?topic:(\d+)')
BY_MESSAGE = ("consent", "story")  # plays whose messages have parts of their own
TOPIC_REFS = {name: (name,) for name in ("commitment", "prompt", "resource", "roundup", "story", "survey")}


@dataclass(slots=True)
class ReadBack:
    """Looks on the forum for occurrences that the store knows nothing of.

    Calls: 1 for each occurrence, 1 more for each that is found and for each topic that it quotes; where a step writes
    messages, those of `own_message_ids` and 1 for each message of ours.
    """

    forum: Forum
    publisher: Publisher
    playbook: Playbook
    _topics: dict[int, ForumTopic | None] = field(default_factory=dict)

    def find(self, planned: Sequence[Planned]) -> int:
        """Enter into the store what is found on the forum; return how many occurrences that are.

        Raises:
            ForumError: it could not be asked; what was entered so far stays.

        """
        found = 0
        for one in planned:
            topic_id = self.forum.topic_id_of(one.key)
            topic = self._topic(topic_id) if topic_id else None
            if topic is not None:
                found += self._enter(one, self._opened(one, topic), topic.id)
        by_message = [one for one in planned if one.step.play in BY_MESSAGE]
        return found + (self._find_messages(by_message) if by_message else 0)

    def _find_messages(self, planned: Sequence[Planned]) -> int:
        drafts: dict[str, tuple[Planned, list[tuple[Draft, int]]]] = {}
        for topic_id in dict.fromkeys(self.forum.itself.own_message_ids()):
            head = self.forum.itself.topic_head(topic_id)
            day = day_of(head.external_id or "") if head else None
            candidates = [one for one in planned if day and one.occurrence.own_day == day]
            topic = self._topic(topic_id) if candidates else None
            for one in candidates if topic else ():
                draft = self._message(one, topic) if topic else None
                if draft is not None:
                    drafts.setdefault(one.key, (one, []))[1].append((draft, topic_id))
        return sum(self._enter_all(one, parts) for one, parts in drafts.values())

    def _message(self, planned: Planned, topic: ForumTopic) -> Draft | None:
        """Return the message as it was drafted, None where it is not of this occurrence."""
        raw = self._raw(topic)
        if topic.external_id == occurrence_key(self.forum.name, planned.occurrence, "desk"):
            return Draft(DraftKind.MESSAGE, raw, READ_BACK, part="desk", title=topic.title, refs=(NO_STORY,))
        for post in self._quoted(raw):
            part = f"ask-{post.id}"
            if topic.external_id == occurrence_key(self.forum.name, planned.occurrence, part):
                return Draft(
                    DraftKind.MESSAGE,
                    raw,
                    READ_BACK,
                    part=part,
                    title=topic.title,
                    recipients=(post.username,),
                    about_posts=(post.id,),
                    about_users=(post.user_id,),
                    refs=("consent",),
                )
        return None

    def _opened(self, planned: Planned, topic: ForumTopic) -> Draft:
        """Return a topic as it was drafted, where that can be seen from it."""
        raw, play = self._raw(topic), planned.step.play
        shown = list(self._quoted(raw)) if play in ("roundup", "story") else []
        options = self.playbook.options_of(planned.step.id, planned.occurrence.cohort)
        return Draft(
            DraftKind.TOPIC,
            raw,
            READ_BACK,
            title=topic.title,
            tags=topic.tags,
            about_posts=tuple(post.id for post in shown),
            about_users=tuple(post.user_id for post in shown),
            refs=TOPIC_REFS.get(play, _template_ref(options)),
        )

    def _quoted(self, raw: str) -> Iterator[ForumPost]:
        """Yield the posts that a text quotes."""
        for number, topic_id in dict.fromkeys(QUOTED.findall(raw)):
            topic = self._topic(int(topic_id))
            yield from (post for post in (topic.posts if topic else ()) if post.number == int(number))

    def _topic(self, topic_id: int) -> ForumTopic | None:
        if topic_id not in self._topics:
            self._topics[topic_id] = self.forum.topic(topic_id)
        return self._topics[topic_id]

    @staticmethod
    def _raw(topic: ForumTopic) -> str:
        return next((post.raw or "" for post in topic.posts if post.number == 1), "")

    def _enter(self, planned: Planned, draft: Draft, topic_id: int) -> int:
        return self._enter_all(planned, [(draft, topic_id)])

    def _enter_all(self, planned: Planned, parts: Iterable[tuple[Draft, int]]) -> int:
        """Write down that an occurrence was done, and what it posted; 1 where that was not known."""
        found = list(parts)
        topics = {draft.part: topic_id for draft, topic_id in found}
        place = Place(self.forum.name, self._category(found[0][1]), planned.step.play)
        drafts = [draft for draft, _ in found]
        entries = build_entries(place, planned.occurrence, drafts, READ_BACK, self.publisher.now)
        for row in entries.ledger:
            row.state, row.reason, row.result = "done", READ_BACK, {"topic_id": topics[row.part]}
        return int(self._claim(entries))

    def _claim(self, entries: Entries) -> bool:
        return self.publisher.claim(entries)

    def _category(self, topic_id: int) -> int:
        topic = self._topic(topic_id)
        return topic.category_id or 0 if topic else 0


def _template_ref(options: Strict) -> tuple[str, ...]:
    template = getattr(options, "template", None)
    return (f"topic:{template}",) if isinstance(template, str) else ()
