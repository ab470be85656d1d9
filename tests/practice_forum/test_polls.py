"""Polls on the practice forum, as Discourse's poll plugin does them (its source and its own tests say how)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.cook import CookContext, cook
from sync_worker.practice_forum.server.options import ForumOptions
from tests.contract.recorded import Answer, Client, Keys

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
COOKED = """\
<div class="poll" data-poll-name="poll" data-poll-status="open" data-poll-type="multiple">
<div class="poll-container">
<ol>
<li data-poll-option-id="b6475cbf6acb8676b20c60582cfc487a">test 1 <img src="/images/emoji/twitter/slight_smile.png?v=14" title=":slight_smile:" class="emoji" alt=":slight_smile:" loading="lazy" width="20" height="20"> <b>test</b></li>
<li data-poll-option-id="7158af352698eb1443d709818df097d4">test 2</li>
</ol>
</div>
<div class="poll-info">
<div class="poll-info_counts">
<div class="poll-info_counts-count">
<span class="info-number">0</span>
<span class="info-label">voters</span>
</div>
</div>
</div>
</div>"""  # noqa: E501  (as Discourse's own test has it)
QUESTION = """\
How did it go with the plan that you made?

[poll name=how results={results} public=true]
* Did it
* Not yet
[/poll]"""


class Polls:
    """A practice forum whose members vote."""

    def __init__(self, server: ForumServer) -> None:
        self.client = Client(server.url, Keys(ForumOptions().api_key, ""))
        self.at(NOW)

    def at(self, moment: datetime) -> None:
        assert self.client.call("PUT", "/practice/clock.json", json_body={"now": moment.isoformat()}).status == 200

    def post(self, raw: str, user: str = "forumadmin", **form: str) -> Answer:
        return self.client.call("POST", "/posts.json", user=user, raw=raw, **{"category": "4", **form})

    def ask(self, results: str = "always", **form: str) -> Any:
        answer = self.post(QUESTION.format(results=results), title="How did it go with your own plan", **form)
        assert answer.status == 200, answer.text
        return answer.json

    def vote(self, post: Any, option: str, user: str) -> Answer:
        """Vote for the option of that text."""
        ids = {one["html"]: one["id"] for one in post["polls"][0]["options"]}
        form = {"post_id": str(post["id"]), "poll_name": "how", "options[]": ids.get(option, option)}
        return self.client.call("PUT", "/polls/vote.json", user=user, **form)

    def poll(self, post: Any, user: str = "forumadmin") -> Any:
        return self.shown(post, user)["polls"][0]

    def shown(self, post: Any, user: str = "forumadmin") -> Any:
        return self.client.call("GET", f"/posts/{post['id']}.json", user=user).json


@pytest.fixture
def forum() -> Iterator[Polls]:
    with ForumServer(":memory:", options=ForumOptions(bulk_users=5, now=NOW - timedelta(days=30))) as server:
        yield Polls(server)


def counts(poll: Any) -> list[int | None]:
    return [option.get("votes") for option in poll["options"]]


def test_a_poll_is_cooked_letter_by_letter_as_discourse_does() -> None:
    raw = "[poll type=multiple]\n1. test 1 :) <b>test</b>\n2. test 2\n[/poll]"
    assert cook(raw, context=CookContext()) == COOKED


def test_what_is_no_whole_poll_stays_text() -> None:
    assert cook("[poll]\n* one\n* two", context=CookContext()).startswith("<p>[poll]")


def test_a_vote_counts_once_and_can_be_changed_and_taken_back(forum: Polls) -> None:
    post = forum.ask()
    assert post["polls"][0]["status"] == "open"
    assert forum.vote(post, "Did it", "bulk0001").json["poll"]["voters"] == 1
    answer = forum.vote(post, "Not yet", "bulk0001").json
    assert (answer["poll"]["voters"], counts(answer["poll"])) == (1, [0, 1])
    assert forum.shown(post, "bulk0001")["polls_votes"] == {"how": answer["vote"]}
    assert "polls_votes" not in forum.shown(post, "bulk0002")
    forum.client.call("DELETE", "/polls/vote.json", user="bulk0001", post_id=str(post["id"]), poll_name="how")
    assert forum.poll(post)["voters"] == 0


def test_who_voted_for_what_is_shown_where_the_poll_is_public(forum: Polls) -> None:
    post = forum.ask()
    forum.vote(post, "Did it", "bulk0002")
    forum.vote(post, "Did it", "bulk0001")
    poll = forum.poll(post, "bulk0003")
    first = poll["options"][0]["id"]
    assert [user["username"] for user in poll["preloaded_voters"][first]] == ["bulk0001", "bulk0002"]
    assert forum.client.call("GET", f"/polls/voters.json?post_id={post['id']}&poll_name=how").json["voters"]


@pytest.mark.parametrize(
    ("results", "seen"),
    [
        ("always", {"forumadmin": True, "bulk0001": True, "bulk0002": True}),
        ("on_vote", {"forumadmin": True, "bulk0001": True, "bulk0002": False}),
        ("staff_only", {"forumadmin": True, "bulk0001": False, "bulk0002": False}),
        ("on_close", {"forumadmin": False, "bulk0001": False, "bulk0002": False}),
    ],
)
def test_results_are_for_those_whom_the_poll_names(forum: Polls, results: str, seen: dict[str, bool]) -> None:
    post = forum.ask(results)
    forum.vote(post, "Did it", "bulk0001")
    for user, shown in seen.items():
        assert counts(forum.poll(post, user)) == ([1, 0] if shown else [None, None]), user


def test_a_closed_poll_shows_its_results_and_takes_no_vote(forum: Polls) -> None:
    post = forum.ask("on_close")
    forum.vote(post, "Did it", "bulk0001")
    form = {"post_id": str(post["id"]), "poll_name": "how", "status": "closed"}
    assert forum.client.call("PUT", "/polls/toggle_status.json", user="bulk0001", **form).status == 422
    assert forum.client.call("PUT", "/polls/toggle_status.json", user="forumadmin", **form).status == 200
    assert counts(forum.poll(post, "bulk0002")) == [1, 0]
    late = forum.vote(post, "Did it", "bulk0002")
    assert (late.status, late.json["errors"]) == (422, ["Poll must be open to vote."])


def test_a_poll_that_ends_closes_by_itself(forum: Polls) -> None:
    raw = QUESTION.format(results="on_close close=2026-03-03T09:00:00.000Z")
    post = forum.post(raw, title="How did it go with your own plan").json
    assert forum.vote(post, "Did it", "bulk0001").status == 200
    forum.at(NOW + timedelta(days=2))
    assert counts(forum.poll(post, "bulk0002")) == [1, 0]
    assert forum.vote(post, "Did it", "bulk0002").status == 422


def test_a_poll_in_a_message_is_for_those_who_are_in_it(forum: Polls) -> None:
    form = {"category": "", "archetype": "private_message", "target_recipients": "bulk0001"}
    post = forum.ask("always", **form)
    assert forum.vote(post, "Not yet", "bulk0001").status == 200
    stranger = forum.vote(post, "Not yet", "bulk0002")
    assert stranger.status == 422
    assert "can't post in this topic" in stranger.json["errors"][0]


@pytest.mark.parametrize(
    ("poll", "said"),
    [
        ("[poll]\n[/poll]", "Poll must have at least 1 option."),
        ("[poll]\n* one\n* one\n[/poll]", "Poll must have different options."),
        ("[poll results=maybe]\n* one\n[/poll]", "Invalid value 'maybe' for argument 'results'."),
        ("[poll]\n* one\n[/poll]\n\n[poll]\n* two\n[/poll]", "When creating multiple polls"),
        ("[poll type=multiple min=3 max=1]\n* one\n* two\n[/poll]", "has invalid parameters"),
        ("[poll]\n" + "".join(f"* option {n}\n" for n in range(21)) + "[/poll]", "must have less than 20 options"),
    ],
)
def test_a_poll_that_does_not_hold_up_is_refused_in_discourses_words(forum: Polls, poll: str, said: str) -> None:
    answer = forum.post(f"A question for all of you here.\n\n{poll}", title="A question for all of you here")
    assert answer.status == 422
    assert said in answer.json["errors"][0]


def test_a_newcomer_may_not_make_polls_and_an_unknown_option_is_no_vote(forum: Polls) -> None:
    assert forum.vote(forum.ask(), "Perhaps", "bulk0001").json["errors"] == ["You must select at least 1 valid option."]
    user = forum.client.call("GET", "/u/bulk0003.json", user="forumadmin").json["user"]["id"]
    forum.client.call("PUT", f"/admin/users/{user}/trust_level.json", user="forumadmin", level="0")
    answer = forum.post(QUESTION.format(results="always"), user="bulk0003", title="How did it go with my own plan")
    assert answer.json["errors"] == ["You are not allowed to create polls."]


def test_a_poll_with_votes_cannot_be_changed_later_but_the_text_around_it_can(forum: Polls) -> None:
    post = forum.ask()
    forum.vote(post, "Did it", "bulk0001")
    forum.at(NOW + timedelta(hours=1))

    def edit(raw: str) -> Answer:
        return forum.client.call("PUT", f"/posts/{post['id']}.json", user="forumadmin", **{"post[raw]": raw})

    raw = QUESTION.format(results="always")
    assert edit(f"{raw}\n\nTell us more below.").status == 200
    assert forum.poll(post)["voters"] == 1
    late = edit(raw.replace("Not yet", "No"))
    assert late.status == 422
    assert "after the first 5 minutes" in late.json["errors"][0]
