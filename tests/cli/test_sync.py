"""`lcm sync` as an admin uses it: look, save, review, apply, look again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.errors import ForumError
from sync_worker.forum import FailedCall, Forum, Outcome, Patience
from tests.accounts import account_ids

HEADER = "email,name,cohort,role\n"
SERIAL = count(1)


@dataclass
class Admin:
    """Somebody at a shell, in a folder with lcm.yaml and roster.csv."""

    folder: Path
    forum: Any
    cohort: str

    def people(self, *names: str, more: str = "") -> None:
        """Write the roster: the first one is the LCM."""
        rows = [
            f"{name}@{self.cohort}.org,{name.title()},{self.cohort},{'learner' if place else 'lcm'}\n"
            for place, name in enumerate(names)
        ]
        (self.folder / "roster.csv").write_text(HEADER + "".join(rows) + more, encoding="utf-8")

    def limit(self, text: str) -> None:
        """Write lcm.yaml with these limits; without any, those of the first use."""
        text = text or "allow: [add, owners, create]"
        lines = [
            f"forum: {{url: {self.forum.url}, key_env: PRACTICE_KEY, calls_per_minute: 100000}}",
            "roster: {csv: roster.csv}",
            f"limits: {{{text}{'' if 'grace_days' in text else ', grace_days: 0'}}}",
            "cohorts:",
            f"- {{key: {self.cohort}, name: Cohort {self.cohort}, timezone: UTC, start: 2027-03-01, end: 2027-06-01}}",
        ]
        (self.folder / "lcm.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def lcm(self, *arguments: str) -> Result:
        """Run a command."""
        options = ["--config", str(self.folder / "lcm.yaml")]
        return CliRunner().invoke(main, [*arguments, *options], env={"PRACTICE_KEY": self.forum.key})

    def members(self) -> set[str]:
        """Who is in the cohort's group."""
        with Forum.connect(self.forum.settings, self.forum.key) as forum:
            return {member.name for member in forum.members(self.cohort)}


@pytest.fixture
def admin(make_practice_forum: Any, tmp_path: Path) -> Admin:
    """An admin of a forum with the accounts of Lea, Ana, Ben and Cleo."""
    practice_forum = make_practice_forum(settings={"enable_category_group_moderation": "true"})
    made = Admin(tmp_path, practice_forum, f"k{next(SERIAL):03}")
    for name in ("lea", "ana", "ben", "cleo"):
        practice_forum.add_user(f"{name}_{made.cohort}", email=f"{name}@{made.cohort}.org", name=name.title())
    made.people("lea", "ana", "ben")
    made.limit("")
    return made


def test_looking_shows_every_line_with_its_reason_and_changes_nothing(admin: Admin) -> None:
    admin.people("lea", "ana", "zoe")
    result = admin.lcm("sync")
    assert result.exit_code == 0, result.stderr
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["make", "group", "-", admin.cohort, "the", "forum", "has", "no", "such", "group"] in lines
    assert f"ana_{admin.cohort} (Ana)" in result.stdout
    assert f"no account has email zoe@{admin.cohort}.org." in result.stdout
    assert "3 to add, 1 owner to make, 0 to remove, 1 unknown, " in result.stdout
    assert "Nothing was changed" in result.stdout
    with pytest.raises(ForumError):
        admin.members()


def test_applying_and_looking_again_there_is_nothing_to_do(admin: Admin) -> None:
    result = admin.lcm("sync", "--apply")
    assert result.exit_code == 0, result.stderr
    assert "Done: 8 lines of the plan" in result.stdout
    assert admin.members() == {"Lea", "Ana", "Ben"}
    again = admin.lcm("sync")
    assert again.exit_code == 0
    assert "Nothing to do" in again.stdout
    assert "0 to add, 0 to remove, 0 unknown, 4 unchanged." in again.stdout
    assert "Nothing to do" in admin.lcm("sync", "--apply").stdout


def test_who_stays_as_they_are_is_shown_on_demand(admin: Admin) -> None:
    admin.lcm("sync", "--apply")
    assert "Ana" not in admin.lcm("sync").stdout
    assert f"ana_{admin.cohort} (Ana)" in admin.lcm("sync", "--all").stdout


def test_a_saved_plan_is_applied_as_it_was_reviewed(admin: Admin) -> None:
    plan = admin.folder / "plan.json"
    assert admin.lcm("sync", "--out", str(plan)).exit_code == 0
    assert len(json.loads(plan.read_text(encoding="utf-8"))["checksum"]) == 64
    result = admin.lcm("sync", "--apply", str(plan))
    assert result.exit_code == 0, result.stderr
    assert admin.members() == {"Lea", "Ana", "Ben"}


def test_a_saved_plan_is_refused_when_the_roster_has_changed(admin: Admin) -> None:
    plan = admin.folder / "plan.json"
    admin.lcm("sync", "--out", str(plan))
    admin.people("lea", "ana", "cleo")
    result = admin.lcm("sync", "--apply", str(plan))
    assert result.exit_code == 3
    assert "no longer what was reviewed" in result.stderr
    assert f"new: add cleo_{admin.cohort} in {admin.cohort}" in result.stderr
    with pytest.raises(ForumError):
        admin.members()


def test_a_saved_plan_needs_apply_and_out_refuses_it(admin: Admin) -> None:
    assert admin.lcm("sync", "plan.json").exit_code == 2
    assert admin.lcm("sync", "--apply", "--out", "plan.json").exit_code == 2
    assert admin.lcm("sync", "--apply", str(admin.folder / "none.json")).exit_code == 2


def test_json_is_for_scripts(admin: Admin) -> None:
    document = json.loads(admin.lcm("sync", "--json").stdout)
    assert document["counts"]["add"] == 4
    assert document["changes"][0]["kind"] == "create_group"
    assert document["api_calls"] >= 3
    applied = json.loads(admin.lcm("sync", "--apply", "--json").stdout)
    assert (applied["done"], applied["failed"]) == (8, [])


def test_removal_is_shown_as_kept_until_it_is_allowed(admin: Admin) -> None:
    admin.lcm("sync", "--apply")
    admin.people("lea", "ana")
    shown = admin.lcm("sync")
    assert "removal is not switched on (limits.allow): no longer in the roster" in shown.stdout
    assert "Nothing to do" in shown.stdout
    admin.limit("allow: [add, remove]")
    assert "1 to remove" in admin.lcm("sync").stdout
    assert admin.lcm("sync", "--apply").exit_code == 0
    assert admin.members() == {"Lea", "Ana"}


def test_a_plan_beyond_the_limits_is_shown_and_refused(admin: Admin) -> None:
    admin.people("lea", "ana", "ben", "cleo")
    admin.lcm("sync", "--apply")
    admin.people("lea", "ana")
    admin.limit("allow: [remove], small_group_removals: 1, max_shrink_fraction: 1")
    result = admin.lcm("sync", "--apply")
    assert result.exit_code == 3
    assert "had 4 people in the roster and has 2 now" in result.stderr
    admin.limit("allow: [remove], small_group: 0, max_shrink_fraction: 1")
    result = admin.lcm("sync")
    assert result.exit_code == 3
    assert "takes 2 of 4 people out of the group" in result.stderr
    assert "2 to remove" in result.stdout
    assert admin.lcm("sync", "--apply").exit_code == 3
    assert admin.members() == {"Lea", "Ana", "Ben", "Cleo"}


def test_rejected_rows_within_the_limit_are_shown_and_the_rest_is_synced(admin: Admin) -> None:
    admin.people("lea", "ana", more=f"ben,Ben,{admin.cohort},learner\n")
    assert admin.lcm("sync", "--apply").exit_code == 3
    admin.limit("allow: [add, owners, create], max_rejected_rows: 1")
    result = admin.lcm("sync", "--apply")
    assert result.exit_code == 0, result.stderr
    assert "roster.csv:4: email 'ben' is not an e-mail address." in result.stdout
    assert ", 1 rejected." in result.stdout
    assert admin.members() == {"Lea", "Ana"}


def test_part_of_the_work_is_exit_code_4_with_the_reasons(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise FailedCall("the slug is taken.", outcome=Outcome.REFUSED, status=422)

    monkeypatch.setattr(Forum, "create_category", refuse)
    result = admin.lcm("sync", "--apply")
    assert result.exit_code == 4
    assert f"not done: make category - in Cohort {admin.cohort}: the slug is taken." in result.stderr
    assert "7 lines of the plan done, 1 not." in result.stderr
    assert admin.members() == {"Lea", "Ana", "Ben"}


def test_a_forum_that_does_not_answer_is_exit_code_5(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patience, "pause_after", lambda *_, **__: None)
    text = (admin.folder / "lcm.yaml").read_text(encoding="utf-8")
    (admin.folder / "lcm.yaml").write_text(text.replace(admin.forum.url, "http://127.0.0.1:9"), encoding="utf-8")
    assert admin.lcm("sync").exit_code == 5


def test_an_unknown_cohort_is_exit_code_2(admin: Admin) -> None:
    result = admin.lcm("sync", "--cohort", "nope")
    assert result.exit_code == 2
    assert "there is no cohort 'nope'" in result.stderr


def run_of(admin: Admin) -> str:
    document = json.loads(admin.lcm("sync", "runs", "--json").stdout)
    return str(document[0]["id"])


def test_only_adding_is_on_until_more_is_allowed(admin: Admin) -> None:
    text = (admin.folder / "lcm.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("limits:")]
    (admin.folder / "lcm.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = admin.lcm("sync")
    assert "the group does not exist; creating is not switched on (limits.allow)" in result.stdout
    assert "Nothing to do" in result.stdout


def test_a_run_is_listed_and_taken_back(admin: Admin) -> None:
    assert admin.lcm("sync", "runs").stdout == "No sync has changed anything yet.\n"
    applied = admin.lcm("sync", "--apply")
    run = run_of(admin)
    assert f"To take it back: lcm sync undo {run}" in applied.stdout
    listed = admin.lcm("sync", "runs").stdout
    assert "2 make group, 1 make category, 4 add, 1 make owner" in listed
    admin.limit("allow: [add, remove, owners, create], max_removal_fraction: 1, small_group_removals: 9")
    looked = admin.lcm("sync", "undo", run)
    assert looked.exit_code == 0, looked.stderr
    assert f"added by {run}" in looked.stdout
    assert f"To carry this out: lcm sync undo {run} --apply" in looked.stdout
    assert admin.members() == {"Lea", "Ana", "Ben"}
    done = admin.lcm("sync", "undo", run, "--apply")
    assert done.exit_code == 0, done.stderr
    assert admin.members() == set()
    again = admin.lcm("sync", "undo", run, "--apply")
    assert f"taken back already by {run_of(admin)}" in again.stdout
    assert "Nothing to do" in again.stdout
    document = json.loads(admin.lcm("sync", "undo", run, "--json").stdout)
    assert document["counts"]["unchanged"] == 4


def test_an_undo_beyond_the_limits_is_shown_and_refused(admin: Admin) -> None:
    admin.lcm("sync", "--apply")
    result = admin.lcm("sync", "undo", run_of(admin), "--apply")
    assert result.exit_code == 3
    assert "Switch remove on under limits.allow" in result.stderr
    assert admin.members() == {"Lea", "Ana", "Ben"}


def test_undoing_an_unknown_run_is_exit_code_2(admin: Admin) -> None:
    result = admin.lcm("sync", "undo", "sync-x")
    assert result.exit_code == 2
    assert "'lcm sync runs' lists them" in result.stderr


def test_of_many_lines_of_drift_a_few_are_shown_and_all_on_demand(admin: Admin) -> None:
    admin.lcm("sync", "--apply")
    names = [f"h{number}" for number in range(12)]
    admin.forum.add_users(*names, emails=[f"{name}@h.org" for name in names])
    with Forum.connect(admin.forum.settings, admin.forum.key) as forum:
        group = next(group for group in forum.groups() if group.name == admin.cohort)
        forum.add_members(group.id, account_ids(forum, *names))
    few, every = admin.lcm("sync", "drift").stdout, admin.lcm("sync", "drift", "--all").stdout
    assert (few.count("added manually  h"), "... and 9 more" in few, "12 lines." in few) == (3, True, True)
    assert (every.count("added manually  h"), "more" in every) == (12, False)


def test_drift_shows_what_was_done_by_hand(admin: Admin) -> None:
    admin.lcm("sync", "--apply")
    assert "Nothing was changed manually." in admin.lcm("sync", "drift").stdout
    with Forum.connect(admin.forum.settings, admin.forum.key) as forum:
        group = next(group for group in forum.groups() if group.name == admin.cohort)
        forum.add_members(group.id, account_ids(forum, f"cleo_{admin.cohort}"))
        forum.remove_members(group.id, account_ids(forum, f"ana_{admin.cohort}"))
    shown = admin.lcm("sync", "drift").stdout
    assert f"added manually  cleo_{admin.cohort}" in shown
    assert f"left            ana_{admin.cohort}" in shown
    assert "UTC  " in shown.splitlines()[1]
    document = json.loads(admin.lcm("sync", "drift", "--json").stdout)
    found = [(line["kind"], line["by"]) for line in document["drift"]]
    assert found == [("added", "forumadmin"), ("left", "forumadmin")]
    assert all(datetime.fromisoformat(line["at"]).tzinfo for line in document["drift"])
    assert document["api_calls"] <= 7


def test_whoever_waits_for_removal_is_shown_with_the_day(admin: Admin) -> None:
    admin.limit("allow: [add, remove, create], grace_days: 7")
    admin.lcm("sync", "--apply", "--now", "2027-03-15T09:00Z")
    admin.people("lea", "ana")
    result = admin.lcm("sync", "--apply", "--now", "2027-03-16T09:00Z")
    assert "to be removed on 2027-03-23, if 1 more run finds them gone: no longer in the roster" in result.stdout
    assert "1 waits for removal" in result.stdout
    result = admin.lcm("sync", "--apply", "--now", "2027-03-23T10:00Z")
    assert "1 to remove" in result.stdout
    assert admin.members() == {"Lea", "Ana"}


def test_an_empty_or_stale_roster_is_refused_and_changes_nothing(admin: Admin) -> None:
    admin.lcm("sync", "--apply")
    admin.limit("allow: [remove], max_shrink_fraction: 1, max_removal_fraction: 1")
    (admin.folder / "roster.csv").write_text(HEADER, encoding="utf-8")
    assert admin.lcm("sync", "--apply").exit_code == 2
    admin.people("lea")
    text = (admin.folder / "lcm.yaml").read_text(encoding="utf-8")
    (admin.folder / "lcm.yaml").write_text(text.replace("{csv: roster.csv}", "{csv: roster.csv, max_age_days: 3}"))
    assert admin.lcm("sync", "--apply", "--now", "2040-01-01T00:00Z").exit_code == 2
    assert admin.members() == {"Lea", "Ana", "Ben"}


def test_additions_can_be_capped(admin: Admin) -> None:
    admin.limit("allow: [add, create], max_additions: 3")
    result = admin.lcm("sync", "--apply")
    assert result.exit_code == 3
    assert "the plan adds 4 people to groups, limits.max_additions is 3." in result.stderr


def test_a_partial_roster_removes_nobody(admin: Admin) -> None:
    admin.lcm("sync", "--apply")
    admin.people("lea", "ana", more="ben,Ben,x,learner\n")
    admin.limit("allow: [add, remove], max_rejected_rows: 1, max_shrink_fraction: 1")
    result = admin.lcm("sync", "--apply")
    assert result.exit_code == 0, result.stderr
    assert "1 row of the roster was rejected, so absence from it proves nothing" in result.stdout
    assert admin.members() == {"Lea", "Ana", "Ben"}


def test_cohorts_that_each_shrink_a_little_are_refused_together(admin: Admin) -> None:
    other = f"{admin.cohort}b"
    admin.limit("allow: [add]")
    with (admin.folder / "lcm.yaml").open("a", encoding="utf-8") as file:
        file.write(f"- {{key: {other}, name: Other {other}, timezone: UTC, start: 2027-03-01, end: 2027-06-01}}\n")

    def roster(each: int) -> None:
        rows = [f"p{n}@{key}.org,P{n},{key},learner\n" for key in (admin.cohort, other) for n in range(each)]
        (admin.folder / "roster.csv").write_text(HEADER + "".join(rows), encoding="utf-8")

    roster(4)
    assert admin.lcm("sync", "--apply", "--now", "2027-03-15T09:00Z").exit_code == 0
    roster(2)
    result = admin.lcm("sync", "--apply", "--now", "2027-03-16T09:00Z")
    assert result.exit_code == 3
    assert "the cohorts had 8 people in the roster, and have lost 4 of them (3 are allowed)" in result.stderr
    assert "limits.max_overall_shrink_fraction" in result.stderr


def test_a_roster_that_differs_too_much_is_accepted_once_by_a_person(admin: Admin) -> None:
    admin.limit("allow: [add, remove, owners, create], max_removal_fraction: 1, small_group_removals: 1")
    admin.people("lea", "ana", "ben", "cleo")
    admin.lcm("sync", "--apply")
    admin.people("lea", "ana")
    refused = admin.lcm("sync", "--apply")
    assert refused.exit_code == 3
    assert "If that is meant, take it once: lcm sync --apply --accept-roster" in refused.stderr
    admin.limit(
        "allow: [add, remove, owners, create], small_group: 0, small_group_removals: 9, max_removal_fraction: 1"
    )
    assert admin.lcm("sync", "--apply", "--cohort", admin.cohort).exit_code == 3
    looked = admin.lcm("sync", "--accept-roster", "--cohort", admin.cohort)
    assert f"To carry this out: lcm sync --apply --cohort {admin.cohort} --accept-roster" in looked.stdout
    assert admin.lcm("sync", "--apply", "--accept-roster").exit_code == 0
    assert admin.members() == {"Lea", "Ana"}
    assert admin.lcm("sync", "--apply").exit_code == 0


def test_a_saved_plan_says_where_it_is_and_how_to_carry_out_exactly_that(admin: Admin) -> None:
    plan = admin.folder / "plan.json"
    shown = admin.lcm("sync", "--out", str(plan)).stdout
    assert f"Saved for review: {plan} (8 changes, every line and reason)." in shown
    assert f"To carry out exactly this plan: lcm sync --apply {plan}" in shown


def many(admin: Admin, count: int) -> None:
    """Put as many learners into the roster, each with an account."""
    names = [f"m{n:04}" for n in range(count)]
    admin.forum.add_users(
        *(f"{name}_{admin.cohort}" for name in names), emails=[f"{name}@{admin.cohort}.org" for name in names]
    )
    admin.people("lea", *names)


def test_a_plan_of_many_lines_shows_a_few_of_each_kind_and_counts_the_rest(admin: Admin) -> None:
    many(admin, 300)
    shown = admin.lcm("sync").stdout
    assert len(shown.splitlines()) < 20
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert f"add and 297 more {admin.cohort} learner in the roster" in lines
    assert sum("learner in the roster (" in line for line in lines) == 3
    assert f"add lea_{admin.cohort} (Lea) {admin.cohort} lcm in the roster (roster.csv:2)" in lines
    assert "302 to add, 1 owner to make, 0 to remove, 0 unknown, 0 unchanged." in lines[-3]
    assert "Every line: --all, --json or --out FILE." in shown
    assert sum("learner in the roster" in line for line in admin.lcm("sync", "--all").stdout.splitlines()) == 300
    assert len(json.loads(admin.lcm("sync", "--json").stdout)["changes"]) == 306
    admin.lcm("sync", "--apply")
    admin.limit("allow: [add, remove, owners, create], max_removal_fraction: 1, max_removals: 999, grace_days: 0")
    assert len(admin.lcm("sync", "undo", run_of(admin)).stdout.splitlines()) < 20
    assert len(admin.lcm("sync", "undo", run_of(admin), "--all").stdout.splitlines()) > 300


def test_people_without_an_account_are_counted_together_with_how_to_invite_them(admin: Admin) -> None:
    admin.people("lea", *(f"nobody{n}" for n in range(40)))
    lines = [" ".join(line.split()) for line in admin.lcm("sync").stdout.splitlines()]
    assert f"unknown and 37 more {admin.cohort} no account has email …" in lines
    hint = "40 people of the roster have no account that is certainly theirs. To invite them, allow 'invite'"
    assert any(line.startswith(hint) for line in lines)
    admin.limit("allow: [add, invite, create, owners]")
    assert "To invite them" not in admin.lcm("sync").stdout
