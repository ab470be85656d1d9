"""The dialects that were not recorded answer every recorded call as 3.5 does, but for what `dialects.toml` says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.practice_forum.dialects import NAMES
from tests.contract.conftest import ALL_USERS, SINGLE_USER, Replayed, serve
from tests.contract.meanwhile import BEFORE
from tests.contract.recorded import Client, Keys, PracticeClock, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.practice_forum.dialects import DialectName

FACTS_BY_KEY = {
    "tags": "tags_are_objects",
    "user_count": "user_count_only_with_members",
    "group_permissions": "everyone_is_split",
    "group_id": "permissions_have_group_ids",
    "available_groups": "everyone_is_split",
    "groups": "pseudogroups",
    "visible_group_names": "pseudogroups",
    "allowed_tags": "site_without_tag_rules",
    "allowed_tag_groups": "site_without_tag_rules",
    "grants_admin": "invites_grant",
    "grants_moderator": "invites_grant",
    "category_setting": "review_modes",
    "require_topic_approval": "review_modes",
    "require_reply_approval": "review_modes",
    "topic_posting_review_mode": "review_modes",
    "reply_posting_review_mode": "review_modes",
    "topic_posting_review_group_ids": "review_modes",
    "reply_posting_review_group_ids": "review_modes",
    "nested_replies_default": "nested_replies",
    "site_settings": "upcoming_changes",
}
"""Which fact lets the value under a key differ in its shape."""


def shapes(one: Any, other: Any, key: str = "") -> Iterator[str]:
    """Yield the keys under which two answers differ in shape: in their keys, their types or the length of a list."""
    if isinstance(one, dict) and isinstance(other, dict):
        yield from one.keys() ^ other.keys()
        for name in one.keys() & other.keys():
            yield from shapes(one[name], other[name], name)
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield key
            return
        for a, b in zip(one, other, strict=True):
            yield from shapes(a, b, key)
    elif type(one) is not type(other):
        yield key


@pytest.mark.parametrize("dialect", NAMES[1:])
def test_only_what_a_fact_says_is_otherwise(
    dialect: DialectName, recordings: dict[int, Recording], replayed: dict[int, Replayed]
) -> None:
    wrong: list[str] = []
    with serve(ip_limits=False, dialect=dialect) as server:
        client = Client(server.url, Keys(ALL_USERS, SINGLE_USER))
        clock = PracticeClock(client)
        clock.set(clock.now)
        holding = server.forum.dialect.holding
        for number, recording in recordings.items():
            if number not in replayed:
                continue
            if step := BEFORE.get(number):
                step(client, clock)
            clock.before(recording)
            before, now = replayed[number].answer, client.send(recording).answer
            if before.status != now.status:
                wrong.append(f"{number}: {before.status} became {now.status}")
            for key in set(shapes(before.json, now.json)):
                told = key.startswith(("imap_", "email_")) and "group_without_imap" in holding
                if not told and FACTS_BY_KEY.get(key) not in holding:
                    wrong.append(f"{number} {recording.name}: {key}")
    assert wrong == []
