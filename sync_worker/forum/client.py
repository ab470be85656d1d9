"""The forum as the rest of the worker sees it: typed methods, each of which says how many calls it makes."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from sync_worker.errors import ForumError, Outcome
from sync_worker.forum.answers import CHECK_PROXY
from sync_worker.forum.parse import Shape, parse_category, parse_created, parse_group, parse_webhooks
from sync_worker.forum.patience import FailedCall
from sync_worker.forum.reading import ForumReader
from sync_worker.forum.transport import Transport
from sync_worker.forum.writing import BatchSize, InviteCalls, Sent, StatusCalls, add_by_email, change_members
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from sync_worker.config import ForumSettings
    from sync_worker.forum.budget import Budget
    from sync_worker.forum.patience import Patience
    from sync_worker.forum.records import BulkResult, Category, CreatedPost, EmailBatch, Group, WebhookPage

Made = TypeVar("Made")
FIRST_BATCH = 200
BATCH_SECONDS = 10.0


class Forum(ForumReader, InviteCalls, StatusCalls):
    """One forum, read and written as one API user."""

    def __init__(self, http: Transport) -> None:
        super().__init__(http)
        first, most = min(FIRST_BATCH, http.people_a_call), http.people_a_call
        self._adding = BatchSize(first, most, BATCH_SECONDS)
        self._removing = BatchSize(first, most, BATCH_SECONDS)

    @classmethod
    def connect(
        cls,
        settings: ForumSettings,
        key: str,
        *,
        read_only: bool = False,
        budget: Budget | None = None,
        patience: Patience | None = None,
    ) -> Forum:
        """Return the forum; nothing is sent yet.

        Args:
            settings: address, API user and timeouts.
            key: the API key.
            read_only: refuse every write before it is sent.
            budget: the site's call budget, in the lane this work belongs to; None for none.
            patience: how often and how long to repeat where that is harmless.

        """
        return cls(Transport(settings, key, read_only=read_only, budget=budget, patience=patience))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Forum:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def create_group(self, name: str, full_name: str, **fields: Any) -> Group:
        """Make a group. Calls: 1; after a doubtful answer 1 more to look.

        Raises:
            ForumError: with status 422 where the name is taken (by a group or by a user) or refused.

        """
        group = {"name": name, "full_name": full_name, **fields}

        def send() -> Group:
            answer = self._http.ask("POST", "/admin/groups.json", json={"group": group})
            return parse_group(Shape(answer.json(), "answer").at("basic_group"))

        def look() -> Group | None:
            return next((found for found in self.groups() if fold(found.name) == fold(name)), None)

        return self._make_once(send, look)

    def update_group(self, group_id: int, *, update_existing_users: bool = False, **fields: Any) -> None:
        """Change a group; `update_existing_users` passes new notification defaults on to present members. Calls: 1."""
        body = {"group": fields, "update_existing_users": "true" if update_existing_users else "false"}
        self._http.ask("PUT", f"/groups/{group_id}.json", json=body, harmless=True, expects="success")

    def create_category(  # noqa: PLR0917
        self,
        name: str,
        slug: str,
        permissions: Mapping[str, int],
        moderating_group_ids: Sequence[int] = (),
        color: str = "0088CC",
        text_color: str = "FFFFFF",
        **fields: Any,
    ) -> Category:
        """Make a category that only the groups in `permissions` can see. Calls: 1; after a doubtful answer 1 more.

        `fields` are sent as they are: `parent_category_id`, `allowed_tags[]`, `allow_global_tags`.

        Raises:
            ForumError: with status 422 where name or slug is taken.

        """
        if not permissions:
            raise ValueError("a category without permissions would be open to everybody")
        more = {"moderating_group_ids[]": list(moderating_group_ids)} if moderating_group_ids else {}

        def send() -> Category:
            made = self._http.create_category(name, color, text_color, dict(permissions), slug=slug, **more, **fields)
            return self._remember(parse_category(Shape(made, "answer").at("category")))

        def look() -> Category | None:
            return next((found for found in self.categories() if found.slug == slug), None)

        return self._make_once(send, look)

    def webhooks(self) -> WebhookPage:
        """Return the site's webhooks (the first 50), and the numbers of the events by name. Calls: 1."""
        answer = self._http.ask("GET", "/admin/api/web_hooks.json").json()
        return parse_webhooks(Shape(answer, "answer"))

    def create_webhook(self, url: str, secret: str, event_ids: Sequence[int]) -> int:
        """Let the site send these events to an address, signed with the secret; return the hook's number.

        Calls: 1; after a doubtful answer 1 more to look.

        Raises:
            ForumError: with status 422 where the forum does not take address or secret.

        """
        hook = {
            "payload_url": url,
            "content_type": "1",
            "secret": secret,
            "wildcard_web_hook": False,
            "web_hook_event_type_ids": [str(number) for number in event_ids],
            "verify_certificate": True,
            "active": True,
        }

        def send() -> int:
            answer = self._http.ask("POST", "/admin/api/web_hooks.json", json={"web_hook": hook})
            return Shape(answer.json(), "answer").at("web_hook").at("id").integer()

        def look() -> int | None:
            return next((one.id for one in self.webhooks().hooks if one.url == url), None)

        return self._make_once(send, look)

    def delete_webhook(self, number: int) -> None:
        """Delete a webhook. Calls: 1."""
        self._http.ask("DELETE", f"/admin/api/web_hooks/{number}.json", harmless=True, expects="success")

    def change_site_setting(self, name: str, value: str) -> str:
        """Change a setting of the site and return the value that it has then: Discourse may write it otherwise.

        Calls: 2, one to change it and one to look.

        Raises:
            ForumError: with status 422 where Discourse does not take the value.

        """
        self._http.ask("PUT", f"/admin/site_settings/{name}.json", json={name: value}, harmless=True)
        return self.site_settings([name]).get(name, "")

    def update_category(self, category_id: int, **fields: Any) -> None:
        """Change a category; `permissions`, if given, replaces all of them. Calls: 1."""
        self._http.ask("PUT", f"/categories/{category_id}.json", json=fields, harmless=True, expects="success")

    def add_members(self, group_id: int, accounts: Sequence[int]) -> BulkResult:
        """Add accounts, by their ids, to a group. Calls: 1 per batch of 200 to 1,000; 2 more after a failed batch.

        A batch has no more than `forum.people_a_call` of the settings.

        A batch with accounts that the forum has no more costs the look as well.

        Returns:
            `done` are in the group now; `skipped` are accounts that the forum does not have any more.

        Raises:
            ForumError: the forum refuses or keeps failing; what was added stays added.

        """
        return change_members(_Members(self, self._http, group_id, adding=True), accounts, self._adding)

    def remove_members(self, group_id: int, accounts: Sequence[int]) -> BulkResult:
        """Remove accounts, by their ids, from a group. Calls: as `add_members`.

        `done` are not in the group now; `skipped` are those of a batch of which the forum has nobody any more.
        """
        return change_members(_Members(self, self._http, group_id, adding=False), accounts, self._removing)

    def add_by_email(self, group_id: int, emails: Sequence[str]) -> Iterator[EmailBatch]:
        """Add the accounts with these addresses to a group, and yield each batch as it is done.

        Calls: 1 per 200 to 1,000 addresses.
        The server resolves the addresses; it does not say which of them it does not know, or whose each is.

        Raises:
            ForumError: the forum refuses or keeps failing; what was added stays added.

        """
        return add_by_email(self._http, group_id, emails, self._adding)

    def add_owners(self, group_id: int, accounts: Sequence[int]) -> tuple[int, ...]:
        """Make accounts, by their ids, owners and members of a group; return those that the forum has.

        Calls: 1; 2 more where the forum does not have all of them any more.
        """
        data = {"user_ids": ",".join(map(str, accounts))}
        answer = self._http.ask("PUT", f"/groups/{group_id}/owners.json", data=data, harmless=True)
        if len(Shape(answer.json(), "answer").at("usernames").texts()) == len(accounts):
            return tuple(accounts)
        owners = _Members(self, self._http, group_id, adding=True, owners=True).settled(accounts)
        return tuple(account for account in accounts if account in owners)

    def remove_owner(self, group_id: int, user_id: int) -> None:
        """Make an owner a plain member. Calls: 1."""
        path = f"/admin/groups/{group_id}/owners.json"
        self._http.ask("DELETE", path, data={"user_id": str(user_id)}, harmless=True, expects="success")

    def create_topic(  # noqa: PLR0917
        self, title: str, raw: str, category_id: int, external_id: str, tags: Sequence[str] = (), locale: str = ""
    ) -> CreatedPost:
        """Start a topic, or return the one that was started with this external id before. Calls: 1, or 3 if repeated.

        `locale` says in which language it is, so that `translate` can add others.

        Raises:
            ForumError: refused (the words say why), or `error_type` "enqueued" where it waits for approval.

        """
        more = {"locale": locale} if locale else {}
        return self._start(external_id, content=raw, title=title, category_id=category_id, tags=list(tags), **more)

    def create_message(self, title: str, raw: str, recipients: Sequence[str], external_id: str) -> CreatedPost:
        """Send a private message to users and groups, once per external id. Calls and errors: as `create_topic`."""
        names = ",".join(recipients)
        return self._start(external_id, content=raw, title=title, archetype="private_message", target_recipients=names)

    def _start(self, external_id: str, **post: Any) -> CreatedPost:
        def look() -> CreatedPost | None:
            topic_id = self.topic_id_of(external_id)
            return None if topic_id is None else self._opening(topic_id)

        return self._make_once(
            lambda: self._created(self._http.create_post(external_id=external_id, **post)), look, unique=True
        )

    def reply(self, topic_id: int, raw: str, reply_to: int | None = None) -> CreatedPost:
        """Reply to a topic, or to its post number `reply_to`. Calls: 1; never repeated where it may have been done.

        Raises:
            ForumError: as `create_topic`; after a doubtful one the caller looks for its marker before trying again.

        """
        return self._created(self._http.create_post(raw, topic_id=topic_id, reply_to_post_number=reply_to))

    def edit_opening(self, post_id: int, title: str, raw: str, *, instead_of: str, quietly: bool = False) -> None:
        """Change the title and the text of a topic by its first post, if its text is still `instead_of`.

        `quietly` lets it stay where it is in lists though nobody has replied to it, which Discourse knows from 2026.1
        on; an older one moves a topic up whose only post is edited. Nobody is notified of an edit.

        Calls: 1; 1 more where in doubt, because a repeat of an edit that was made would be refused as a conflict.

        Raises:
            ForumError: with status 409 where somebody changed the text meanwhile.

        """
        self._edit(post_id, raw, instead_of, {"title": title} | ({"bypass_bump": "true"} if quietly else {}))

    def edit_reply(self, post_id: int, raw: str, *, instead_of: str) -> None:
        """Change the text of a reply, if it is still `instead_of`; its topic stays where it is in lists.

        The last post of a topic moves it up all the same where Discourse is older than 2026.1. Nobody is notified.

        Calls: 1; 1 more where in doubt.

        Raises:
            ForumError: with status 409 where somebody changed the text meanwhile.

        """
        self._edit(post_id, raw, instead_of, {"bypass_bump": "true"})

    def _edit(self, post_id: int, raw: str, instead_of: str, more: dict[str, str]) -> None:
        path = f"/posts/{post_id}.json"
        body: dict[str, Any] = {**more, "post": {"raw": raw, "original_text": instead_of}}

        is_harmless = raw.strip() == instead_of.strip()  # only a title changes: a repeat is no conflict

        def send() -> bool:
            self._http.ask("PUT", path, json=body, expects="post", harmless=is_harmless)
            return True

        def look() -> bool | None:
            if is_harmless:
                return None
            present = Shape(self._http.ask("GET", path).json(), "answer").at("raw").text()
            return True if present.strip() == raw.strip() else None

        self._make_once(send, look)

    def hide_earlier_texts(self, post_id: int) -> int:
        """Hide from all but staff how a post read before, each time that it was changed; return how many times it was.

        Discourse counts a text that is hidden twice as two, so each is looked at first. What our user cannot see, as
        it is no staff, is not hidden.

        Calls: 1 for each earlier text, 1 where there is none; 2 more for each that was not hidden yet, and 1 more where
        in doubt.

        Raises:
            ForumError: with status 403 where our key, or its user, may not; some may have been hidden.

        """
        hidden = 0
        revision = self.revision(post_id)
        while revision is not None:
            if not revision.hidden:
                self._hide(post_id, revision.number)
                hidden += 1
            revision = self.revision(post_id, revision.before) if revision.before is not None else None
        return hidden

    def _hide(self, post_id: int, number: int) -> None:
        def look() -> bool | None:
            found = self.revision(post_id, number)
            return True if found is None or found.hidden else None

        path = f"/posts/{post_id}/revisions/{number}/hide.json"
        self._see_done("PUT", path, look, "the forum's address answered, but the earlier text is still shown.")

    def upload_image(self, name: str, content: bytes) -> str:
        """Upload a picture, and return the address by which a post shows it (`upload://...`). Calls: 1.

        The same content again gives the same address; Discourse deletes a picture that no post shows after a while.

        Raises:
            ForumError: with status 422 where the forum takes no such file.

        """
        files = {"file": (name, content)}
        answer = self._http.ask("POST", "/uploads.json", data={"upload_type": "composer"}, files=files, harmless=True)
        return Shape(answer.json(), "answer").at("short_url").text()

    def translations(self, post_id: int) -> dict[str, tuple[str, str]]:
        """Return title and text of a topic's first post by the languages that were added to it. Calls: 1.

        A title that was not translated is "".

        Raises:
            ForumError: with status 403 where the forum translates nothing, or we may not.

        """
        answer = self._get(f"/post_localizations/{post_id}.json")
        found = {}
        for item in answer.at("post_localizations").items():
            title = item.get("topic_localization", {}).get("title", "").text()
            found[item.at("locale").text()] = (title, item.at("raw").text())
        return found

    def translate(self, topic_id: int, post_id: int, locale: str, title: str, raw: str) -> None:
        """Add a language to a topic and its first post, or replace it. Calls: 2; repeating it changes nothing."""
        text = {"post_id": post_id, "locale": locale, "raw": raw}
        path = "/post_localizations/create_or_update.json"
        self._http.ask("POST", path, json=text, harmless=True, expects="success")
        named = {"topic_id": topic_id, "locale": locale, "title": title}
        path = "/topic_localizations/create_or_update.json"
        self._http.ask("POST", path, json=named, harmless=True, expects="success")

    def delete_topic(self, topic_id: int) -> None:
        """Delete a topic with its replies; moderators still see it and can restore it.

        Discourse answers a deletion with an empty body, as a proxy may too; therefore the topic is read afterwards.

        Calls: 2; 1 more where in doubt.

        Raises:
            ForumError: refused, or not there; doubtful where the topic is still shown after it.

        """
        path = f"/t/{topic_id}.json"

        def look() -> bool | None:
            head = self.itself.topic_head(topic_id)
            return True if head is None or head.deleted else None

        self._see_done("DELETE", path, look, "the forum's address answered, but the topic is still there.")

    def delete_reply(self, topic_id: int, post_id: int) -> None:
        """Delete a reply; moderators still see it and can restore it.

        Calls: 2; 1 more where in doubt. The topic is read afterwards, because a deletion is answered with nothing.

        Raises:
            ForumError: refused, or not there; doubtful where the reply is still shown after it.

        """
        path = f"/posts/{post_id}.json"

        def look() -> bool | None:
            topic = self.topic(topic_id)
            return True if topic is None or all(post.id != post_id for post in topic.posts) else None

        self._see_done("DELETE", path, look, "the forum's address answered, but the reply is still there.")

    def _see_done(self, verb: str, path: str, look: Callable[[], bool | None], not_done: str) -> None:
        """Send what is answered with nothing, and look whether it was done."""

        def send() -> bool:
            self._http.ask(verb, path)
            if look() is None:
                url = f"{self.url}{path}"
                raise FailedCall(not_done, outcome=Outcome.DOUBTFUL, unreachable=True, url=url, do=CHECK_PROXY)
            return True

        self._make_once(send, look)

    def _created(self, answer: Any) -> CreatedPost:
        shape = Shape(answer, "answer")
        if shape.get("action").value == "enqueued":
            raise FailedCall(
                "the post waits for approval in the forum's review queue.",
                outcome=Outcome.REFUSED,
                status=200,
                url=f"{self.url}/review",
                error_type="enqueued",
                do="Let the API user post without approval, and reject the waiting post.",
            )
        return parse_created(shape, self.url)

    def _opening(self, topic_id: int) -> CreatedPost:
        posts = self._get(f"/t/{topic_id}.json").at("post_stream").at("posts").items()
        opening = next((post for post in posts if post.at("post_number").integer() == 1), None)
        if opening is None:
            raise ForumError(f"topic {topic_id} has lost its first post.", url=f"{self.url}/t/{topic_id}")
        return parse_created(opening, self.url)

    def _make_once(self, send: Callable[[], Made], look: Callable[[], Made | None], *, unique: bool = False) -> Made:
        """Send until it is done; look first whenever it may have been done before.

        Args:
            send: makes the thing.
            look: finds it on the forum.
            unique: what `look` finds can only be ours, so any refusal may mean that it exists.

        """
        doubtful = False
        for attempt in count(1):
            try:
                return send()
            except ForumError as error:
                doubtful = doubtful or error.doubtful
                if doubtful or (unique and error.refused_with(422)):
                    found = _looked(look, error)
                    if found is not None:
                        return found
                self._pause_or_raise(error, attempt)
        raise AssertionError("unreachable")


def _looked(look: Callable[[], Made | None], error: ForumError) -> Made | None:
    """Look for what a failed call may have made; where that fails too, the call stays in doubt."""
    try:
        return look()
    except ForumError:
        error.outcome = Outcome.DOUBTFUL
        raise error from None


class _Members:
    """The calls that change the members of one group."""

    def __init__(self, forum: Forum, http: Transport, group_id: int, *, adding: bool, owners: bool = False) -> None:
        self._forum = forum
        self._http = http
        self._group_id = group_id
        self._adding = adding
        self._owners = owners
        self._name = ""

    def send(self, accounts: Sequence[int]) -> Sent:
        # One comma-joined text: an array would be a 500. In the body: a query would outgrow the server's limit.
        verb = "PUT" if self._adding else "DELETE"
        path = f"/groups/{self._group_id}/members.json"
        answer = self._http.ask(verb, path, data={"user_ids": ",".join(map(str, accounts))})
        shape = Shape(answer.json(), "answer")
        known = [*shape.at("usernames").texts(), *shape.get("skipped_usernames", []).texts()]
        return Sent(len(known), answer.seconds)

    def settled(self, accounts: Sequence[int]) -> frozenset[int]:
        if not self._name:
            found = self._http.ask("GET", f"/groups/by-id/{self._group_id}.json").json()
            self._name = Shape(found, "answer").at("group").at("name").text()
        members = self._forum.members(self._name)
        present = {member.id for member in members if member.owner or not self._owners}
        return frozenset(account for account in accounts if (account in present) is self._adding)
