"""What is in somebody's way comes to the LCMs once, then to the people named for it, until it is solved."""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from sync_worker.cli import main
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.store.tables import DraftRow
from tests.worker.story_site import add_user, day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - id: hinders
    every: weekday 09:00
    play: blockers
    with: {unanswered: 2d, escalate: [{after: 1d, to: [NAME]}, {after: 3d, to: [moderators]}]}
"""
NUMBERS = count(1)


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder = tmp_path_factory.mktemp("blockers")

    def make(locale: str = "en", approval: str = "") -> TopicsSite:
        key = f"block{next(NUMBERS):03}"
        add_user(story_server, f"sponsor_{key}")
        steps = STEPS.replace("NAME", f"sponsor_{key}") + (f"    approval: {approval}\n" if approval else "")
        return begin(story_server, folder, key, steps, locale=locale)

    return make


@pytest.fixture
def site(new: Callable[..., TopicsSite]) -> TopicsSite:
    return new()


def asks(site: TopicsSite, title: str = "No access to the rota", number: int = 1, **more: Any) -> int:
    """Let ana open a topic at eight; return its id."""
    site.set_clock(day(number, 8))
    body = {"title": f"{title} {site.key}", "raw": f"{title}: I cannot open it, and it begins on Monday."}
    post = site.call("POST", "/posts.json", site.learner, json={**body, "category": site.category, **more})
    return int(post["topic_id"])


def let_read(site: TopicsSite, *, may: bool = True) -> None:
    """Let the sponsor read the cohort's category, as a member of its LCMs' group, or not any more."""
    with site.forum() as forum:
        [group] = [one for one in forum.groups() if one.name == f"{site.key}-lcm"]
        sponsor = forum.user(f"sponsor_{site.key}")
        assert sponsor is not None
        (forum.add_members if may else forum.remove_members)(group.id, [sponsor.id])


def live(site: TopicsSite, *numbers: int) -> None:
    for number in numbers:
        site.run(day(number, 9))


def got(site: TopicsSite) -> list[str]:
    """What was sent so far: by its title, without the cohort's name."""
    return [one.title.partition(": ")[2] for one in site.messages()]


def command(site: TopicsSite, folder: Path, *words: str, fails: bool = False) -> str:
    (folder / "lcm.yaml").write_text(site.settings.model_dump_json(exclude_defaults=True), encoding="utf-8")
    more = ["--config", str(folder / "lcm.yaml"), "--now", day(4, 12).isoformat()]
    result = CliRunner().invoke(main, ["blockers", *words, *more], env={"DISCOURSE_API_KEY": DEFAULT_KEY})
    assert (result.exit_code != 0) == fails, result.output
    return result.output


def blockers_in_status(folder: Path) -> int:
    """How many open blockers `lcm status` counts in the one cohort."""
    result = CliRunner().invoke(main, ["status", "--json", "--config", str(folder / "lcm.yaml")])
    return int(json.loads(result.output)["cohorts"][0]["blockers"])


def readers(site: TopicsSite, place: int = -1) -> set[str]:
    """The accounts and groups that a message was sent to."""
    details = site.call("GET", f"/t/{site.messages()[place].id}.json")["details"]
    return {one["username"] for one in details["allowed_users"]} | {one["name"] for one in details["allowed_groups"]}


NEW, STILL = "something is in the way", "something is still in the way, and your help would count"


def test_the_lcms_hear_once_then_those_who_are_named_one_after_the_other(site: TopicsSite) -> None:
    topic = asks(site)
    live(site, 1, 2)
    assert got(site) == []
    live(site, 3)
    assert got(site) == [NEW]
    note = site.note(NEW)
    assert f"/{topic}), [Ana](" in note
    assert "Monday 1\u00a0March: nobody has answered." in note
    assert f"in one day, weekends and holidays not counted, sponsor\\_{site.key} will hear of it.\n\nWhat" in note
    live(site, 4, 5, 6)
    assert got(site) == [NEW, STILL]
    assert {f"sponsor_{site.key}", f"{site.key}-lcm"} <= readers(site)
    live(site, 8, 9, 10, 30)
    assert got(site) == [NEW, STILL, STILL]
    assert "moderators" in readers(site)


def test_an_answer_ends_it(site: TopicsSite) -> None:
    topic = asks(site)
    live(site, 3)
    site.say(f"ben_{site.key}", "Ask the porter, who has the key.", day(3, 10), topic)
    live(site, 4, 5, 10)
    assert got(site) == [NEW]


def test_a_tag_makes_one_at_once_and_its_end_ends_it(site: TopicsSite) -> None:
    topic = asks(site)
    site.call("PUT", f"/t/-/{topic}.json", json={"tags": ["stuck"]})
    live(site, 2)
    assert "tagged “stuck”" in site.note(NEW)
    site.say(f"ben_{site.key}", "Ask the porter, who has the key.", day(2, 10), topic)
    live(site, 3)
    assert got(site) == [NEW, STILL]
    site.call("PUT", f"/t/-/{topic}.json", json={"tags": [""]})
    live(site, 4, 5, 9)
    assert got(site) == [NEW, STILL]


def test_commands_give_it_to_somebody_solve_it_and_open_it_again(site: TopicsSite, tmp_path: Path) -> None:
    topic = asks(site)
    live(site, 3)
    assert f"@ben_{site.key} looks after it." in command(
        site, tmp_path, "assign", str(topic), "--to", f"BEN_{site.key}"
    )
    assert "nobody in cohort" in command(site, tmp_path, "assign", str(topic), "--to", "nobody-here", fails=True)
    solve = ("solve", f"{site.server.url}/t/-/{topic}/1", "--note", "the key was ordered", "--by", "lea")
    assert command(site, tmp_path, *solve).endswith("is solved.\n")
    assert command(site, tmp_path, *solve).endswith("is solved, as it was.\n")
    assert command(site, tmp_path, "list", site.key) == "Nothing is in the way, as far as the forum tells.\n"
    assert blockers_in_status(tmp_path) == 0
    [row] = json.loads(command(site, tmp_path, "list", "--all", "--json"))
    assert (row["state"], row["ended"], row["note"], row["owner"]) == (
        *("solved", "lcm", "the key was ordered"),
        f"ben_{site.key}",
    )
    assert [one["word"] for one in row["said"]] == ["assign", "solve"]
    live(site, 5)
    assert got(site) == [NEW]  # nobody else hears of it
    assert command(site, tmp_path, "reopen", str(topic)).endswith("is open again.\n")
    assert blockers_in_status(tmp_path) == 1
    shown = command(site, tmp_path, "list", site.key)
    assert "No access to the rota" in shown
    assert f"ben_{site.key}" in shown
    assert "nobody said that topic" in command(site, tmp_path, "reopen", str(asks(site, "Another one", 4)), fails=True)
    assert "the forum has no topic" in command(site, tmp_path, "solve", "no-topic", fails=True)


def test_what_an_lcm_calls_a_blocker_is_not_told_to_them_and_goes_on_to_others(
    site: TopicsSite, tmp_path: Path
) -> None:
    let_read(site)
    topic = asks(site, number=4)
    assert command(site, tmp_path, "open", str(topic), "--note", "waits for a key").endswith("is a blocker.\n")
    live(site, 5)
    assert got(site) == []
    live(site, 8)
    assert got(site) == [STILL]
    assert "Note: “waits for a key”." in site.note(STILL)


def test_french(new: Callable[..., TopicsSite]) -> None:
    site = new("fr")
    asks(site)
    live(site, 3, 4)
    assert got(site) == ["quelque chose bloque", "cela bloque toujours, et votre aide compterait"]


def test_who_may_not_read_the_category_hears_neither_the_topic_nor_its_author(new: Callable[..., TopicsSite]) -> None:
    site = new()
    asks(site)
    live(site, 3, 4)
    text = site.note(STILL)
    assert text.startswith(f"In Cohort {site.key}, something has been in somebody’s way since Monday 1\u00a0March,")
    assert f"ask [Lea]({site.server.url}/u/lea_{site.key}) here what it is about" in text
    assert "If it stays open, I will write to moderators next." in text
    assert not {"rota", "Ana", "/t/"} & set(re.findall(r"\w+|/t/", text))


def test_who_may_read_the_category_hears_it_in_full(site: TopicsSite) -> None:
    topic = asks(site)
    let_read(site)
    live(site, 3, 4)
    assert f"/{topic}), from [Ana](" in site.note(STILL)


def test_an_escalation_waits_where_the_step_says_so_and_is_looked_at_again_before_it_goes_out(
    new: Callable[..., TopicsSite],
) -> None:
    site = new(approval="lcm")
    asks(site)
    let_read(site)
    live(site, 3, 4)
    assert got(site) == [NEW]  # the LCMs' own note needs nobody's yes
    let_read(site, may=False)
    assert site.approve() == 1
    live(site, 5)
    assert got(site) == [NEW]  # the text has changed, and waits once more
    assert site.approve() == 1
    live(site, 8)
    assert got(site) == [NEW, STILL]
    assert "rota" not in site.note(STILL)


def test_an_escalation_that_an_lcm_rejected_does_not_come_back_and_the_next_one_comes_in_its_time(
    new: Callable[..., TopicsSite],
) -> None:
    site = new(approval="lcm")
    asks(site)
    live(site, 3, 4)
    with site.store() as store, store.begin() as session:
        [waiting] = session.scalars(select(DraftRow).where(DraftRow.cohort == site.key))
        waiting.state, waiting.decided_by = "rejected", site.lcm
    live(site, 5)
    assert site.approve() == 0
    live(site, 8)
    assert site.approve() == 1
    live(site, 9)
    assert got(site) == [NEW, STILL]
    assert "moderators" in readers(site)
