"""A cohort whose pages show all they can: each state of a text, a story, a blocker, a run and the worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.plugin.browsing import PLAYBOOK, iso, publication

if TYPE_CHECKING:
    from tests.plugin.browsing import Cohort

STATES_OF_A_STEP = ("to_come", "due", "done", "nothing", "not_now", "waiting", "skipped", "failed", "missed")
RUNS = {
    "playbook": "done",
    "sync": "partial",
    "publish": "failed",
    "preview": "running",
    "shift": "refused",
}
TEXT = """## A heading

A **bold** word, a [link](/about), `code`, and a list:

- the first line
- the second line

> What somebody said
"""


@dataclass(frozen=True)
class Everything:
    """Where things are that `show_everything` made.

    Attributes:
        run: the id of a run with a log and a preview.
        plain_topic: the path of a topic that is nothing to the cohort.
        plain_message: the path of a message in which nobody is asked for anything.

    """

    run: str
    plain_topic: str
    plain_message: str


def show_everything(cohort: Cohort) -> Everything:
    """Publish and decide until every kind of thing stands on the pages of a cohort."""
    forum, tag, now = cohort.forum, cohort.forum.tag, datetime.now(UTC)
    solved = forum.topic(f"ines_{tag}", f"Where is the plan of the rooms {tag}", category=cohort.category)
    told = forum.topic(f"tomas_{tag}", f"We wrote the rule on the wall {tag}", category=cohort.category)
    task = forum.topic(f"sam_{tag}", f"Write down your own rule {tag}", category=cohort.category)
    desk = publication(forum, cohort.people, cohort.story, cohort.question, cohort.message)
    desk["calendar"] += _calendar(now, task["topic_id"])
    desk["drafts"] += _drafts(cohort, now)
    proof = {"text": "Three people tried it.", "url": f"/t/{told['topic_id']}"}
    rule = {"post_id": told["id"], "title": "The rule on the wall", "evidence": [proof]}
    desk["stories"].append({**rule, "quote": "It stays."})
    desk["practices"] = [rule]
    solution = {"state": "solved", "state_at": iso(now)}
    desk["blockers"] = [_blocker(cohort.question, now, {}), _blocker(solved, now, solution)]
    desk["notes"] = [{"title": "Handed over to you", "lines": [proof]}]
    forum.call("PUT", f"/lcm/cohorts/{cohort.key}/desk.json", desk)
    _decide(cohort)
    run = _runs(cohort, now)
    forum.call(
        "PUT",
        "/lcm/heartbeat.json",
        {
            "worker": f"host-{tag}:lcm.db",
            "version": "1.0",
            "next_at": iso(now + timedelta(hours=3)),
            "calls": 12,
            "calls_limit": 55,
            "problems": ["The roster has not been read since Friday."],
        },
    )
    forum.call("PUT", "/lcm/playbooks.json", {"playbooks": [PLAYBOOK]})
    plain = forum.topic(f"sam_{tag}", f"Something else entirely {tag}", category=cohort.category)
    message = forum.topic("system", f"Good to know {tag}", archetype="private_message", target_recipients=f"ines_{tag}")
    return Everything(run, f"/t/{plain['topic_id']}", f"/t/{message['topic_id']}")


def _calendar(now: datetime, task: int) -> list[dict[str, Any]]:
    step = {"at": iso(now), "step": "challenge", "play": "prompt"}
    steps = [{**step, "title": f"A step: {state}", "state": state} for state in STATES_OF_A_STEP]
    assignment = {
        "at": iso(now - timedelta(hours=2)),
        "step": "assignment",
        "play": "assignment",
        "title": "Your own rule",
        "state": "done",
        "topic_id": task,
        "due": iso(now + timedelta(days=3)),
        "reason": "The LCM asked for it.",
    }
    return [*steps, assignment]


def _drafts(cohort: Cohort, now: datetime) -> list[dict[str, Any]]:
    tag = cohort.forum.tag
    common = {"raw": TEXT, "reason": "It is Friday.", "created_at": iso(now), "recipients": [f"ines_{tag}"]}
    states = {
        "sent": None,
        "failed": "The forum refused it: the title is too short.",
        "withdrawn": "She wrote meanwhile.",
    }
    drafts = [
        {**common, "key": f"{kind}-{tag}", "kind": kind, "title": None if kind == "reply" else f"A {kind}"}
        for kind in ("topic", "reply", "mail")
    ]
    drafts[1]["topic_id"] = cohort.question["topic_id"]
    drafts += [
        {
            **common,
            "key": f"{state}-{tag}",
            "kind": "message",
            "title": f"It was {state}",
            "state": state,
            "outcome": why,
        }
        for state, why in states.items()
    ]
    return drafts


def _blocker(topic: dict[str, Any], now: datetime, more: dict[str, object]) -> dict[str, object]:
    since = iso(now - timedelta(days=4))
    return {"topic_id": topic["topic_id"], "question": "Who decides this?", "since": since, **more}


def _decide(cohort: Cohort) -> None:
    forum, tag, lcm = cohort.forum, cohort.forum.tag, f"sam_{cohort.forum.tag}"
    desk = f"/lcm/desk/{cohort.key}"
    forum.call("PUT", f"{desk}/drafts/topic-{tag}.json", {"decision": "approve"}, username=lcm)
    forum.call(
        "PUT", f"{desk}/drafts/mail-{tag}.json", {"decision": "reject", "reason": "Not this week."}, username=lcm
    )
    forum.call("PUT", f"{desk}/drafts/reply-{tag}.json", {"decision": "edit", "raw": TEXT + "\nEdited."}, username=lcm)
    question = f"/lcm/topics/{cohort.question['topic_id']}"
    until = iso(datetime.now(UTC) + timedelta(days=3))
    forum.call("PUT", f"{question}/pin.json", {"until": until}, username=lcm)
    forum.call("PUT", f"{question}/practice.json", {}, username=lcm)
    forum.call("PUT", f"{question}/timer.json", {"kind": "close", "at": until}, username=lcm)
    forum.call("PUT", f"{question}/blocker.json", {}, username=lcm)
    forum.call("PUT", f"{desk}/blockers/{cohort.question['topic_id']}.json", {"owner": lcm}, username=lcm)


def _runs(cohort: Cohort, now: datetime) -> str:
    forum, tag = cohort.forum, cohort.forum.tag
    lines = [
        {"number": number, "at": iso(now), "level": level, "text": f"A line of the log: {level}."}
        for number, level in enumerate(("info", "warning", "error"), start=1)
    ]
    preview = {"kind": "topic", "title": "This week", "raw": TEXT, "recipients": [f"ines_{tag}"], "reason": "Friday"}
    for kind, state in RUNS.items():
        report = {"kind": kind, "cohort": cohort.key, "state": state, "started_at": iso(now), "lines": lines}
        if state != "running":
            report |= {"finished_at": iso(now), "summary": "Three people were written to."}
        if kind == "preview":
            report |= {"step": "roundup", "previews": [preview]}
        forum.call("PUT", f"/lcm/runs/{kind}-{tag}.json", report)
    return f"preview-{tag}"
