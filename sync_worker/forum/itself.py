"""What tells one forum from another, and an older state of it from a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from sync_worker.errors import ForumError
from sync_worker.forum.parse import Shape, is_deleted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.forum.answers import Answer
    from sync_worker.forum.transport import Transport

NOT_FOUND = 404
MAX_PAGES = 50  # of 30 messages each


@dataclass(frozen=True, slots=True)
class TopicHead:
    """A topic or message as far as it says whose it is; `deleted` ones are still shown to staff."""

    id: int
    external_id: str | None
    deleted: bool


class ForumItself:
    """Questions to the forum about itself."""

    _http: Transport

    def server_time(self) -> datetime | None:
        """Return the forum's own time, to the second or better; None where no answer of it carries one.

        The web server in front of Discourse usually dates its answers; where none does, our plugin says the time.

        Calls: 1; 2 where the answer has no date, or with a key of our plugin.

        Raises:
            ForumError: no answer.

        """
        try:
            answer = self._http.ask("GET", "/session/current.json")
        except ForumError as error:
            if not error.denied:
                raise
        else:
            if dated := _date_of(answer):
                return dated
        try:
            answer = self._http.ask("GET", "/lcm/status.json")
        except ForumError as error:
            if error.refused:
                return None
            raise
        return _date_of(answer) or _time_said(answer)

    def is_practice(self) -> bool:
        """Whether this is a practice forum, by what only such a forum answers. Calls: 1."""
        try:
            answer = self._http.ask("GET", "/practice/clock.json").json()
        except ForumError as error:
            if error.refused or error.status == NOT_FOUND:  # a server for developers says so in words of its own
                return False
            raise
        return isinstance(answer, dict) and set(answer) == {"now", "virtual"} and isinstance(answer["virtual"], bool)

    def site_identity(self) -> str:
        """Return what stays the same wherever this site is moved to: when it was created. Calls: 1.

        A copy of a site has the same; "" where the site does not say.
        """
        about = Shape(self._http.ask("GET", "/about.json").json(), "answer").get("about", {})
        said = about.get("site_creation_date").value
        return said if isinstance(said, str) else ""

    def topic_head(self, topic_id: int) -> TopicHead | None:
        """Return whose a topic or message is, deleted or not; None where there is none with this id. Calls: 1."""
        try:
            answer = Shape(self._http.ask("GET", f"/t/{topic_id}.json").json(), "answer")
        except ForumError as error:
            if error.refused_with(404, 410):
                return None
            if error.denied:  # it is there, and our key does not open it
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


def _date_of(answer: Answer) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _time_said(answer: Answer) -> datetime | None:
    said = Shape(answer.json(), "answer").get("server_time").value
    try:
        return datetime.fromisoformat(str(said)).astimezone(UTC)
    except ValueError:
        return None
