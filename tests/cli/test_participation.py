"""How learners take part, with proof; what was put aside; who answers whom; whether messages to the silent help."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.config.load import load_settings
from sync_worker.forum import Forum
from sync_worker.store.database import open_store
from sync_worker.store.tables import CommitmentRow, PostRow, TrialRow
from tests.accounts import account_ids

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)
NOW = MONDAY + timedelta(days=25)
NAMES = ("ana", "ben", "cleo", "dora", "emil")
Lcm = "Callable[..., Result]"


@pytest.fixture
def lcm(practice_forum: Any, tmp_path: Path) -> Callable[..., Result]:
    """Run `lcm` on a forum where ana asked once, dora and emil talk each week, ben answers, and cleo never wrote."""
    site = practice_forum
    site.set_clock(MONDAY - timedelta(days=1))
    site.add_users(*NAMES, "lea")
    with Forum.connect(site.settings, site.key) as forum:
        group = forum.create_group("spring", "Spring")
        lcms = forum.create_group("spring-lcm", "Spring LCMs")
        forum.add_members(group.id, account_ids(forum, *NAMES, "lea"))
        forum.add_members(lcms.id, account_ids(forum, "lea"))
        category = forum.create_category("Spring 2027", "spring", {"spring": 1}).id

    def say(name: str, days: float, **body: Any) -> Any:
        site.set_clock(MONDAY + timedelta(days=days))
        answer = site.call("POST", "/posts.json", as_user=name, json=body)
        assert answer.ok, answer.text
        return answer.json()

    first = say("ana", 0, title="Who hands over at night?", raw="Who of you hands over at night?", category=category)
    say("ben", 1, topic_id=first["topic_id"], raw="We do, with one page and five boxes.")
    for week in range(4):
        talk = say(
            "dora",
            7 * week + 1,
            title=f"What week {week} was",
            raw=f"Week {week} was a long one for us.",
            category=category,
        )
        say("emil", 7 * week + 2, topic_id=talk["topic_id"], raw=f"Ours was long as well, that week {week}.")
        say("ben", 7 * week + 3, topic_id=talk["topic_id"], raw=f"And ours too in week {week}, I think.")
    site.set_clock(NOW)
    (tmp_path / "lcm.yaml").write_text(
        f"forum: {{url: '{site.url}', key_env: PRACTICE_KEY, calls_per_minute: 100000}}\n"
        "cohorts:\n- {key: spring, name: Spring 2027, timezone: UTC, start: 2027-03-01, end: 2027-05-31}\n",
        encoding="utf-8",
    )

    def run(*arguments: str) -> Result:
        now = [] if "--now" in arguments else ["--now", (NOW + timedelta(minutes=1)).isoformat()]
        options = ["--config", str(tmp_path / "lcm.yaml"), *now]
        return CliRunner().invoke(main, [*arguments, *options], env={"PRACTICE_KEY": site.key})

    return run


def test_who_may_need_a_hand_is_shown_with_the_reasons_and_the_post_that_shows_it(lcm: Callable[..., Result]) -> None:
    shown = lcm("participation", "spring")
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert [line.split()[0] for line in lines[1:6]] == list(NAMES)  # the LCM is no learner
    assert "  @ana: Last wrote 3 weeks ago. The others write about 4 posts in four weeks." in lines
    assert "  @cleo: Has not written here yet. The others write about 4 posts in four weeks." in lines
    assert sum(line.startswith("  @") for line in lines) == 2
    assert sum("/p/" in line for line in lines) == 1


def test_one_learner_is_shown_in_full_and_what_is_unknown_is_not_zero(
    lcm: Callable[..., Result], practice_forum: Any, tmp_path: Path
) -> None:
    settings = load_settings(tmp_path / "lcm.yaml")
    with Forum.connect(settings.forum, practice_forum.key) as forum, closing(open_store(settings.store)) as store:
        [dora] = account_ids(forum, "dora")
        with store.begin() as session:
            for number, answer in ((3, ""), (4, "done"), (5, "not yet")):
                plan = {"topic_id": number, "number": 2, "post_id": number, "words": ["I will ask."], "answer": answer}
                what = {"cohort": "spring", "playbook": "p", "step": "plan", "slot": MONDAY, "username": "dora"}
                day = {"written_at": MONDAY, "day": MONDAY.date() + timedelta(days=number)}
                session.add(CommitmentRow(forum=settings.forum.name, user_id=dora, **plan, **what, **day))
    row = json.loads(lcm("participation", "spring", "--user", "@Dora", "--json").stdout)
    assert (row["posts"], row["replies_received"], row["answered"], row["first_reply_after_hours"]) == (4, 8, 1.0, 24.0)
    assert (row["likes_given"], row["posts_read"], row["attended"]) == (None, None, None)
    assert row["weeks"] == [1, 1, 1, 1]
    assert len(row["last_posts"]) == 4
    assert [(one["day"], one["url"].rpartition("/t/")[2]) for one in row["open_plans"]] == [
        *(("2027-03-04", "3/2"), ("2027-03-06", "5/2")),  # what was called done is open no more
    ]
    text = lcm("participation", "spring", "--user", "dora").output
    assert "likes given" in text
    assert "unknown" in text


def test_a_sign_is_put_aside_for_a_reason_as_long_as_it_says(lcm: Callable[..., Result]) -> None:
    said = lcm(
        "participation",
        "spring",
        "--user",
        "ana",
        "--set-aside",
        "on a project",
        "--until",
        "2027-04-02",
        "--by",
        "lea",
    )
    assert said.output == "@ana: put aside until 2027-04-02.\n"
    lines = lcm("participation", "spring").output.splitlines()
    assert "  @ana: put aside until 2027-04-02 by lea: on a project" in lines
    assert not any(line.startswith("  @ana: Last wrote") for line in lines)
    later = lcm("participation", "spring", "--now", "2027-04-03T09:00+00:00").output
    assert "@ana: Last wrote" in later
    assert lcm("participation", "spring", "--user", "ana", "--show-again").exit_code == 0
    assert "@ana: Last wrote" in lcm("participation", "spring").output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--set-aside", "why"], "say whose sign with --user"),
        (["--user", "ana", "--set-aside", " "], "takes a reason"),
        (["--user", "ana", "--until", "2027-04-02"], "--until belongs to --set-aside"),
        (["--user", "anna"], "Did you mean 'ana'?"),
    ],
)
def test_wrong_calls_say_what_to_do(lcm: Callable[..., Result], options: list[str], says: str) -> None:
    result = lcm("participation", "spring", *options)
    assert result.exit_code == 2
    assert says in result.output


def test_the_network_shows_who_answers_whom(lcm: Callable[..., Result]) -> None:
    found = json.loads(lcm("network", "spring", "--json").stdout)
    assert (found["people"], found["ties"], found["parts"], found["isolates"]) == (5, 3, 1, ["cleo"])
    assert sorted(map(sorted, found["bridges"])) == [["ana", "ben"], ["ben", "dora"], ["dora", "emil"]]
    assert [(week["ties"], week["first_ties"]) for week in found["weeks"]] == [(3, 3), (2, 0), (2, 0), (2, 0)]
    text = lcm("network", "spring").output
    assert "Not connected to anybody yet: @cleo" in text
    assert "Only tie between two parts: @ana and @ben" in text


def test_whether_messages_help_is_said_with_the_numbers_or_that_there_are_too_few(
    lcm: Callable[..., Result], tmp_path: Path
) -> None:
    shown = lcm("nudges", "spring")
    assert (shown.exit_code, shown.output.split(".")[0]) == (0, "Nobody was held out of a nudge so far")
    settings = load_settings(tmp_path / "lcm.yaml")
    with closing(open_store(settings.store)) as store, store.begin() as session:
        session.add_all(drawn(settings.forum.name, number, held_out=number > 40) for number in range(1, 61))
        session.add_all(wrote(settings.forum.name, number) for number in (*range(1, 21), *range(41, 46)))
    found = json.loads(lcm("nudges", "spring", "--json").stdout)
    assert found["finding"] == "none"
    assert found["said"].startswith("No effect seen. Within 14 days, 20/40 (50\u00a0%) came back of those written to, ")
    assert [(one["step"], one["holdout"], one["sent"]) for one in found["trials"]] == [("quiet", 0.3, 0)]
    assert found["difference"]["low"] < 0 < found["difference"]["high"]
    early = lcm("nudges", "spring", "--now", (MONDAY + timedelta(days=12)).isoformat())
    assert "Too few to tell (n=0 + 0): at least 20 people on each side are needed." in early.output
    assert lcm("nudges", "spring", "--programme").exit_code == 2


def drawn(forum: str, number: int, *, held_out: bool) -> TrialRow:
    place = {"forum": forum, "cohort": "spring", "playbook": "ours", "step": "quiet"}
    person = {"user_id": 9000 + number, "held_out": held_out, "share": 0.3}
    return TrialRow(key=f"lcm-{number}", **place, **person, slot=MONDAY, until=MONDAY + timedelta(days=14))


def wrote(forum: str, number: int) -> PostRow:
    place = {"forum": forum, "id": 90_000 + number, "topic_id": 9_000, "number": number}
    person = {"user_id": 9000 + number, "username": f"person{number}"}
    return PostRow(**place, **person, created_at=MONDAY + timedelta(days=number % 14), cooked="")
