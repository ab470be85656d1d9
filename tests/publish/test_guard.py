from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import Draft, DraftKind
from sync_worker.publish.entries import objections

TOPIC = Draft(
    DraftKind.TOPIC, "What did you say first, and how would you open today?", "a prompt", title="The first sentence"
)
MESSAGE = replace(TOPIC, kind=DraftKind.MESSAGE, recipients=("ines",))
REPLY = replace(TOPIC, kind=DraftKind.REPLY, title=None, topic_id=7)


@pytest.mark.parametrize("draft", [TOPIC, MESSAGE, REPLY])
def test_a_sound_draft_passes(draft: Draft) -> None:
    assert objections(draft) == []


@pytest.mark.parametrize(
    ("draft", "why"),
    [
        (replace(TOPIC, raw="  short  "), "the text has 5 characters"),
        (replace(TOPIC, raw="long " * 7000), "Discourse takes 32,000"),
        (replace(TOPIC, title="Short"), "the title has 5 characters"),
        (replace(TOPIC, title=None), "the title has 0 characters"),
        (replace(TOPIC, title="t" * 256), "the title has 256 characters"),
        (replace(TOPIC, title="The first\nsentence of it"), "a line break"),
        (replace(TOPIC, raw=f"{TOPIC.raw} <!-- lcm:some-key -->"), "an HTML comment"),
        (replace(TOPIC, raw=f"{TOPIC.raw} \u202eabc"), "invisible control characters"),
        (replace(TOPIC, raw=f"{TOPIC.raw} @All of you"), "would notify everybody (@all)"),
        (replace(TOPIC, raw=f"@here {TOPIC.raw}"), "would notify everybody (@here)"),
        (replace(TOPIC, raw=" ".join(f"@user{n}" for n in range(11))), "mentions 11 accounts"),
        (replace(MESSAGE, title="?"), "the title has 1 characters; Discourse wants 2 to 255"),
        (replace(MESSAGE, recipients=()), "no recipient"),
        (replace(MESSAGE, recipients=("ines", " ")), "no recipient"),
        (replace(REPLY, topic_id=None), "names no topic"),
    ],
)
def test_what_must_not_leave_is_stopped_with_the_reason(draft: Draft, why: str) -> None:
    assert any(why in objection for objection in objections(draft)), objections(draft)


def test_code_addresses_and_single_mentions_are_no_mass_mention() -> None:
    raw = "Ask @ines or write to team@all.example.org; `@here` and ```\n@everyone\n``` are only code."
    assert objections(replace(TOPIC, raw=raw)) == []


@given(st.text(max_size=200), st.text(max_size=300))
def test_no_text_makes_the_guard_fail(raw: str, title: str) -> None:
    assert isinstance(objections(replace(TOPIC, raw=raw, title=title)), list)
