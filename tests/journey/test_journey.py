"""One cohort's journey on a practice forum and, with `pytest -m live`, on a real Discourse.

For a real one set DISCOURSE_URL, DISCOURSE_API_KEY (a key for all users) and, where they differ, DISCOURSE_API_USERNAME
(`system`) and DISCOURSE_CALLS_PER_MINUTE (55). What is made there is deleted in the end: accounts, groups, a category.

The tests are the stages of one journey, in their order.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.journey.conftest import Journey

ADVICE = (
    "Keep the daily meeting to ten minutes by letting everybody write down their point before it starts. "
    "We did that for a week, and people began to listen to each other again."
)
QUESTION = "How do you get people to speak up in a meeting when two of them always talk? I have tried going round."
ANSWER = "Ask the quiet ones for their view the day before, so that they come prepared. It worked for me at once."
THANKS = "Thanks, that helped: I asked the two quiet ones yesterday, and both spoke today."


def test_the_check_finds_nothing_in_the_way(journey: Journey) -> None:
    journey.write(journey.learners)
    findings = journey.json("check")
    assert findings["ok"], findings


def test_a_plan_changes_nothing(journey: Journey) -> None:
    plan = journey.json("sync")
    assert plan["counts"]["add"] == len(journey.learners) + 2  # the LCM is in both groups
    assert not journey.site.has(f"/groups/{journey.cohort}.json")


def test_the_sync_makes_groups_category_members_and_owner(journey: Journey) -> None:
    done = journey.json("sync", "--apply")
    assert done["failed"] == []
    assert journey.site.members(journey.cohort) == {*journey.learners, journey.lcm}
    assert journey.site.members(journey.lcm_group) == {journey.lcm}
    category = journey.site.category(journey.cohort)
    rights = {each["group_name"]: each["permission_type"] for each in category["group_permissions"]}
    assert category["read_restricted"]
    assert rights.items() >= {journey.cohort: 1, journey.lcm_group: 1}.items()
    assert "everyone" not in rights


def test_only_the_cohort_sees_its_category(journey: Journey) -> None:
    category = journey.site.category(journey.cohort)["id"]
    assert journey.site.has(f"/c/{category}/show.json", as_user=journey.learners[0])
    journey.site.add_account(f"guest_{journey.suffix}", "Guest")
    assert not journey.site.has(f"/c/{category}/show.json", as_user=f"guest_{journey.suffix}")


def test_a_second_sync_has_nothing_to_do(journey: Journey) -> None:
    assert "Nothing to do" in journey.command("sync", "--apply").stdout


def test_the_playbook_welcomes_the_cohort_once(journey: Journey) -> None:
    deeds = journey.run(journey.start, 9)["deeds"]
    assert [(deed["action"], deed["state"]) for deed in deeds] == [("topic", "done"), ("pin", "done")]
    again = journey.run(journey.start, 9)
    assert (again["deeds"], again["happenings"], again["calls"]) == ([], [], 0)
    category = journey.site.category(journey.cohort)["id"]
    assert len(journey.site.topics(journey.cohort, category)) == 1


def test_the_first_prompt_is_pinned_for_a_week_and_found_by_its_key(journey: Journey) -> None:
    deeds = journey.run(journey.prompt_day, 9)["deeds"]
    assert [(deed["action"], deed["state"]) for deed in deeds] == [("topic", "done"), ("pin", "done")]
    topic = journey.site.get(f"/t/{deeds[0]['topic_id']}.json")
    wanted = datetime.combine(journey.prompt_day + timedelta(days=7), datetime.min.time(), UTC)
    ends = datetime.fromisoformat(topic["pinned_until"])
    assert timedelta(hours=9) <= ends - wanted <= timedelta(hours=10)
    found = journey.site.call("GET", f"/t/external_id/{deeds[0]['key']}.json", allow_redirects=False)
    assert (found.status_code, found.headers["Location"].endswith(f"/{topic['id']}.json")) == (301, True)
    assert journey.run(journey.prompt_day, 9)["deeds"] == []


def test_what_learners_write_is_rounded_up_without_naming_anybody_who_is_notified(journey: Journey) -> None:
    ana, ben, cleo, dan, _ = journey.learners
    site, category = journey.site, journey.site.category(journey.cohort)["id"]
    site.post(ana, ADVICE, title=f"Ten minutes are enough {journey.suffix}", category=category)
    asked = site.post(ben, QUESTION, title=f"Two people who talk all the time {journey.suffix}", category=category)
    answered = site.post(cleo, ANSWER, topic_id=asked["topic_id"])
    site.post(ben, f"{THANKS} ({journey.suffix})", topic_id=asked["topic_id"])
    site.like(dan, answered["id"])
    deeds = journey.run(journey.roundup_day, 15)["deeds"]
    topics = [deed for deed in deeds if deed["action"] == "topic" and deed["step"] == "roundup"]
    assert [deed["state"] for deed in topics] == ["done"]
    text = site.get(f"/t/{topics[0]['topic_id']}.json?include_raw=true")["post_stream"]["posts"][0]["raw"]
    assert "Ask the quiet ones for their view the day before" in text
    assert f"@{cleo}" not in text
    again = journey.run(journey.roundup_day, 15)
    assert (again["deeds"], again["happenings"]) == ([], [])


def test_somebody_who_leaves_the_roster_leaves_the_group_and_a_guest_stays(journey: Journey) -> None:
    guest = f"guest_{journey.suffix}"
    group = journey.site.get(f"/groups/{journey.cohort}.json")["group"]["id"]
    journey.site.done("PUT", f"/groups/{group}/members.json", data={"usernames": guest})
    staying = journey.learners[:-1]
    journey.write(staying)
    done = journey.json("sync", "--apply")
    assert (done["counts"]["remove"], done["failed"]) == (1, [])
    assert journey.site.members(journey.cohort) == {*staying, journey.lcm, guest}
    assert "Nothing to do" in journey.command("sync", "--apply").stdout
