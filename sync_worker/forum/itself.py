"""What tells one forum from another, and an older state of it from a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from sync_worker.errors import ForumError
from sync_worker.forum.parse import Shape, is_deleted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sync_worker.forum.transport import Transport

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

    def server_time(self) -> datetime:
        """Return the forum's own time, as its answers carry it, to the second. Calls: 1, or 2 with a key of our plugin.

        Raises:
            ForumError: no answer, or none with a time.

        """
        try:
            answer = self._http.ask("GET", "/session/current.json")
        except ForumError as error:
            if not error.denied:
                raise
            answer = self._http.ask("GET", "/lcm/status.json")
        try:
            return parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
        except (TypeError, ValueError):
            raise ForumError("the forum's answers carry no time.", url=str(self._http.host)) from None

    def is_practice(self) -> bool:
        """Whether this is a practice forum, by what only such a forum answers. Calls: 1."""
        try:
            answer = self._http.ask("GET", "/practice/clock.json").json()
        except ForumError as error:
            if error.refused:
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
