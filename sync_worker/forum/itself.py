"""What the forum says about itself: its time, which site it is, and which topics and messages it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from sync_worker.errors import ForumError
from sync_worker.forum.parse import Shape, is_deleted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.forum.answer import Answer
    from sync_worker.forum.transport import Transport

NOT_FOUND = 404
MAX_PAGES = 50  # of 30 messages each


@dataclass(frozen=True, slots=True)
class TopicHead:
    """The identity of a topic or message; staff still see one that is `deleted`."""

    id: int
    external_id: str | None
    deleted: bool


class ForumItself:
    """Calls that ask the forum about itself."""

    def __init__(self, http: Transport) -> None:
        self._http = http

    def server_time(self) -> datetime | None:
        """Return the forum's own time, to the second or better; None where no answer has a time.

        The web server in front of Discourse usually adds a Date header; without it the time of our plugin is taken.

        Calls: 1; 2 where the answer has no date, or where the key opens only our plugin.

        Raises:
            ForumError: no answer.

        """
        try:
            answer = self._http.ask("GET", "/session/current.json")
        except ForumError as error:
            if not error.denied:
                raise
        else:
            if answer.date:
                return answer.date
        try:
            answer = self._http.ask("GET", "/lcm/status.json")
        except ForumError as error:
            if error.refused:
                return None
            raise
        return answer.date or _plugin_time(answer)

    def is_practice(self) -> bool:
        """Whether this is a practice forum: only a practice forum has a clock that can be read. Calls: 1."""
        try:
            answer = self._http.ask("GET", "/practice/clock.json").json()
        except ForumError as error:
            if error.refused or error.status == NOT_FOUND:  # Rails in development answers 404 with a page of its own
                return False
            raise
        return isinstance(answer, dict) and set(answer) == {"now", "virtual"} and isinstance(answer["virtual"], bool)

    def site_identity(self) -> str:
        """Return the time at which the site was created: it stays the same when the site moves. Calls: 1.

        A copy of the site has the same; "" where the site does not show it.
        """
        about = Shape(self._http.ask("GET", "/about.json").json(), "answer").get("about", {})
        created = about.get("site_creation_date").value
        return created if isinstance(created, str) else ""

    def topic_head(self, topic_id: int) -> TopicHead | None:
        """Return the identity of a topic or message, deleted or not; None where none has this id. Calls: 1."""
        try:
            answer = Shape(self._http.ask("GET", f"/t/{topic_id}.json").json(), "answer")
        except ForumError as error:
            if error.refused_with(404, 410):
                return None
            if error.denied:  # it exists, and our key may not read it
                return TopicHead(topic_id, None, deleted=False)
            raise
        external = answer.get("external_id").value
        return TopicHead(topic_id, external if isinstance(external, str) else None, is_deleted(answer))

    def newest_topic_id(self) -> int:
        """Return the highest id of a topic that can be seen, 0 where there is none. Calls: 1."""
        answer = Shape(self._http.ask("GET", "/latest.json", params={"order": "created"}).json(), "answer")
        return max((item.at("id").integer() for item in answer.at("topic_list").at("topics").items()), default=0)

    def own_message_ids(self) -> Iterator[int]:
        """Yield the ids of the private messages that the API user sent or got. Calls: 2, and 1 more per 30 messages."""
        name = quote(str(self._http.api_username).lower(), safe="")
        for kind in ("private-messages-sent", "private-messages"):
            for page in range(MAX_PAGES):
                path = f"/topics/{kind}/{name}.json"
                answer = Shape(self._http.ask("GET", path, params={"page": page}).json(), "answer").at("topic_list")
                listed = answer.at("topics").items()
                yield from (item.at("id").integer() for item in listed)
                if answer.get("more_topics_url").value is None or not listed:
                    break


def _plugin_time(answer: Answer) -> datetime | None:
    text = Shape(answer.json(), "answer").get("server_time").value
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
