"""Cohorts that come from the source get groups, categories and playbooks like those declared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.cli.workspace import Workspace
from sync_worker.forum import Forum
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.store import moving
from sync_worker.worker import run as worker_run
from tests.rosters.oneroster.exports import export, write_folder, write_zip

NOW = "2027-10-04T09:00+00:00"
FROM = "cohorts_from: {timezone: Europe/Lisbon, locale: en, playbook: first-steps}"


@dataclass
class Admin:
    """Somebody at a shell with a OneRoster export."""

    folder: Path
    forum: Any

    def settings(self, *lines: str) -> None:
        """Write lcm.yaml."""
        text = [
            f"forum: {{url: {self.forum.url}, key_env: PRACTICE_KEY, calls_per_minute: 100000}}",
            "roster: {oneroster: export.zip, roles: {teacher: lcm}}",
            "limits: {allow: [add, owners, create]}",
            *lines,
        ]
        (self.folder / "lcm.yaml").write_text("\n".join(text) + "\n", encoding="utf-8")

    def export(self, **changed: str) -> None:
        """Write the export."""
        write_zip(self.folder / "export.zip", export(**changed))

    def lcm(self, *arguments: str) -> Result:
        """Run a command."""
        options = ["--config", str(self.folder / "lcm.yaml")]
        return CliRunner().invoke(main, [*arguments, *options], env={"PRACTICE_KEY": self.forum.key})

    def groups(self) -> dict[str, set[str]]:
        """Return the groups that are not the forum's own, with their members."""
        with Forum.connect(self.forum.settings, self.forum.key) as forum:
            return {
                group.name: {member.username for member in forum.members(group.name)}
                for group in forum.groups()
                if not group.automatic
            }


@pytest.fixture
def admin(make_practice_forum: Any, tmp_path: Path) -> Admin:
    """An admin of a forum with the accounts of Ana and Marta."""
    forum = make_practice_forum(settings={"enable_category_group_moderation": "true"})
    for name in ("ana", "marta"):
        forum.add_user(name, email=f"{name}@x.org")
    made = Admin(tmp_path, forum)
    made.export()
    made.settings(FROM)
    return made


GROUPS = {
    "leading-teams-2d3dds": {"ana", "marta"},
    "leading-t-2d3dds-lcm": {"marta"},
    "coaching-tqfl4u": {"ana"},
    "coaching-tqfl4u-lcm": set(),
}


def test_they_are_made_and_a_second_run_has_nothing_to_do(admin: Admin) -> None:
    looked = admin.lcm("sync", "--now", NOW)
    assert looked.exit_code == 0, looked.output
    assert "Cohort c1" in looked.stdout
    assert admin.groups() == {}
    assert admin.lcm("sync", "--apply", "--now", NOW).exit_code == 0
    assert admin.groups() == GROUPS
    with Forum.connect(admin.forum.settings, admin.forum.key) as forum:
        names = {category.name for category in forum.categories()}
    assert {"Leading teams (2d3dds)", "Coaching (tqfl4u)"} <= names
    again = admin.lcm("sync", "--apply", "--now", NOW)
    assert "Nothing to do" in again.stdout


def test_a_cohort_that_is_renamed_keeps_its_group(admin: Admin) -> None:
    admin.lcm("sync", "--apply", "--now", NOW)
    admin.export(classes=export()["classes"].replace("Coaching", "Coaching at work"))
    result = admin.lcm("sync", "--apply", "--now", NOW)
    assert result.exit_code == 0, result.output
    assert admin.groups() == GROUPS


def test_other_commands_know_them_after_the_first_sync(admin: Admin, tmp_path: Path) -> None:
    early = admin.lcm("playbook", "show", "first-steps", "--cohort", "c1")
    assert early.exit_code == 2
    assert "known after a first 'lcm sync --apply'" in early.stderr
    admin.lcm("sync", "--apply", "--now", NOW)
    shown = admin.lcm("playbook", "show", "first-steps", "--cohort", "c1")
    assert "Leading teams: 2027-09-01 to 2028-02-29, times of Europe/Lisbon" in shown.stdout
    status = json.loads(admin.lcm("status", "--json", "--now", NOW).stdout)
    assert [line["cohort"] for line in status["cohorts"]] == ["c1", "c2"]
    run = admin.lcm("playbook", "run", "first-steps", "--cohort", "c1", "--now", "2027-09-01T12:00+00:00")
    assert run.exit_code == 0, run.output
    report = admin.lcm("report", "--all", "--out", str(tmp_path / "report"), "--json")
    assert json.loads(report.stdout)["cohorts"] == ["c1", "c2"]


def test_a_declared_cohort_stands_in_place_of_the_sources(admin: Admin) -> None:
    admin.settings(
        FROM,
        "cohorts:",
        "- {key: c2, name: Coaching 2027, start: 2027-09-01, end: 2027-12-17, timezone: UTC, group: coaches}",
    )
    result = admin.lcm("sync", "--apply", "--now", NOW)
    assert result.exit_code == 0, result.output
    assert set(admin.groups()) == {"leading-teams-2d3dds", "leading-t-2d3dds-lcm", "coaches", "c2-lcm"}


def test_the_map_gives_a_cohort_a_key_of_ones_own(admin: Admin) -> None:
    text = (admin.folder / "lcm.yaml").read_text(encoding="utf-8")
    path = admin.folder / "lcm.yaml"
    path.write_text(text.replace("export.zip,", "export.zip, cohorts: {c1: leading-teams},"), encoding="utf-8")
    assert admin.lcm("sync", "--apply", "--now", NOW).exit_code == 0
    assert "leading-teams" in admin.groups()


def test_a_cohort_that_is_no_longer_there_stays_as_it_is_and_it_is_said(admin: Admin) -> None:
    admin.lcm("sync", "--apply", "--now", NOW)
    files = export()
    admin.export(
        classes=files["classes"].replace("c2,,", "c2,tobedeleted,"),
    )
    result = admin.lcm("sync", "--apply", "--now", NOW)
    assert result.exit_code == 0, result.output
    assert "note: the cohort 'Coaching' (c2) is no longer in the roster" in result.stderr
    assert admin.groups() == GROUPS


def rekey(admin: Admin, title: str = "Coaching") -> None:
    """Let the source give the cohort c2 another id, and perhaps another name."""
    files = export()
    admin.export(
        classes=files["classes"].replace("c2,,,Coaching", f"c9,,,{title}"),
        enrollments=files["enrollments"].replace("e3,,,c2", "e3,,,c9"),
    )


RECOVER = ("recover", "--cohort", "c9", "--was", "c2")


@pytest.mark.parametrize("title", ["Coaching", "Coaching at work"])
def test_a_cohort_with_another_key_is_not_begun_anew_and_goes_on_once_somebody_says_that_it_is_the_same(
    admin: Admin, title: str
) -> None:
    admin.lcm("sync", "--apply", "--now", NOW)
    run = ("playbook", "run", "first-steps", "--now", "2027-09-01T12:00+00:00", "--json")
    assert len(json.loads(admin.lcm(*run, "--cohort", "c2").stdout)["deeds"]) == 2
    rekey(admin, title)
    looked = admin.lcm("sync", "--now", NOW)
    assert "If it has another key there now: lcm recover --cohort c9 --was c2 --apply" in looked.stderr
    refused = admin.lcm("sync", "--apply", "--now", NOW)
    assert refused.exit_code == 3
    assert "looks like 'c2'" in refused.stderr
    assert "lcm recover --cohort c9 --was c2 --apply" in refused.stderr
    assert admin.groups() == GROUPS
    assert "with --apply it is" in admin.lcm(*RECOVER).stdout
    joined = admin.lcm(*RECOVER, "--apply")
    assert joined.exit_code == 0, joined.output
    synced = admin.lcm("sync", "--apply", "--now", NOW)
    assert synced.exit_code == 0, synced.output
    assert "no longer in the roster" not in synced.stderr
    assert admin.groups() == GROUPS
    assert [line["cohort"] for line in json.loads(admin.lcm("status", "--json").stdout)["cohorts"]] == ["c1", "c9"]
    assert json.loads(admin.lcm(*run, "--cohort", "c9").stdout)["happenings"] == []


def test_a_cohort_is_not_joined_with_one_that_a_worker_looks_after_at_this_moment(
    admin: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.lcm("sync", "--apply", "--now", NOW)
    rekey(admin)
    plan, meanwhile = worker_run.plan, []

    def planned(*given: Any) -> Any:
        due = plan(*given)
        if not meanwhile:
            meanwhile.append(admin.lcm(*RECOVER, "--apply"))
        return due

    monkeypatch.setattr(moving, "MIGRATION_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(worker_run, "plan", planned)
    run = ("playbook", "run", "first-steps", "--now", "2027-09-01T12:00+00:00", "--json")
    assert len(json.loads(admin.lcm(*run, "--cohort", "c2").stdout)["deeds"]) == 2
    assert "a worker or a sync is at work" in meanwhile[0].stderr
    assert admin.lcm(*RECOVER, "--apply").exit_code == 0
    assert admin.lcm("sync", "--apply", "--now", NOW).exit_code == 0
    assert json.loads(admin.lcm(*run, "--cohort", "c9").stdout)["happenings"] == []


def test_plain_names_of_a_cohort_with_another_key_do_not_keep_it_from_being_joined(admin: Admin) -> None:
    admin.settings(FROM.replace("timezone", "plain_names: true, timezone"))
    admin.lcm("sync", "--apply", "--now", NOW)
    before = admin.groups()
    rekey(admin)
    refused = admin.lcm("sync", "--apply", "--now", NOW)
    assert refused.exit_code == 2
    assert "lcm recover --cohort c9 --was c2 --apply" in refused.stderr
    assert admin.lcm(*RECOVER, "--apply").exit_code == 0
    assert admin.lcm("sync", "--apply", "--now", NOW).exit_code == 0
    assert admin.groups() == before


def test_a_cohort_that_only_looks_like_one_that_is_gone_is_begun_once_somebody_says_that_it_is_new(
    admin: Admin,
) -> None:
    admin.lcm("sync", "--apply", "--now", NOW)
    rekey(admin)
    assert admin.lcm("recover", "--cohort", "c9", "--is-new", "--apply").exit_code == 0
    assert admin.lcm("sync", "--apply", "--now", NOW).exit_code == 0
    assert {**GROUPS, "coaching-sukewr": {"ana"}, "coaching-sukewr-lcm": set()} == admin.groups()
    both = admin.lcm(*RECOVER, "--apply")
    assert both.exit_code == 2
    assert "things were done for 'c9' as well; the two cannot become one" in both.stderr


def test_cohorts_of_the_source_that_are_two_are_not_joined(admin: Admin) -> None:
    admin.lcm("sync", "--apply", "--now", NOW)
    still = admin.lcm("recover", "--cohort", "c1", "--was", "c2", "--apply")
    assert still.exit_code == 2
    assert "'c2' is a cohort of the roster still" in still.stderr
    unknown = admin.lcm("recover", "--cohort", "c3", "--was", "c2", "--apply")
    assert "no cohort has the key 'c3'" in unknown.stderr


@pytest.mark.parametrize("other", ["dates", "people"])
def test_a_cohort_with_another_name_and_other_dates_or_people_than_one_that_is_gone_is_begun(
    admin: Admin, other: str
) -> None:
    admin.lcm("sync", "--apply", "--now", NOW)
    files = export()
    classes = files["classes"].replace("c1,,,Leading teams", "c9,,,Follow-up")
    enrollments = files["enrollments"].replace(",c1,", ",c9,")
    if other == "dates":
        classes = classes.replace('"t1,t2"', "t2")
    else:
        enrollments = enrollments.replace("e1,,,c9", "e1,,,c2")
    admin.export(classes=classes, enrollments=enrollments)
    result = admin.lcm("sync", "--apply", "--now", NOW)
    assert result.exit_code == 0, result.output
    assert GROUPS.items() <= admin.groups().items()


def test_a_cohort_without_dates_is_rejected_with_its_people_unless_there_is_a_default(admin: Admin) -> None:
    admin.export(manifest_academicSessions="absent")
    refused = admin.lcm("sync", "--now", NOW)
    assert refused.exit_code == 3
    assert "classes.csv:2: the cohort 'Leading teams' with 2 enrolments cannot be taken: it has no first day" in (
        refused.stderr
    )
    admin.settings(FROM.replace("timezone", "start: 2027-09-01, end: 2027-12-17, timezone"))
    assert admin.lcm("sync", "--now", NOW).exit_code == 0


def test_a_cohort_without_dates_and_without_people_is_left_out_and_noted(admin: Admin) -> None:
    classes = export()["classes"].rstrip()
    admin.export(classes=f"{classes}\nc9,,,Reading club,,k1,RC,scheduled,,o1,,,,\n")
    result = admin.lcm("sync", "--apply", "--now", NOW)
    assert result.exit_code == 0, result.output
    assert (
        "note: the cohort 'Reading club' (c9) is left out: no one is in it, and it has no first day." in result.stderr
    )
    assert admin.groups() == GROUPS


def test_plain_names_that_meet_are_refused(admin: Admin) -> None:
    admin.export(classes=export()["classes"].replace("Coaching", "LEADING TEAMS"))
    admin.settings(FROM.replace("timezone", "plain_names: true, timezone"))
    result = admin.lcm("sync", "--now", NOW)
    assert result.exit_code == 2
    assert "classes.csv:3: the group 'leading-teams' would serve both c1 and c2" in result.stderr


def test_check_counts_what_the_roster_holds(admin: Admin) -> None:
    result = admin.lcm("check")
    assert "export.zip: 2 people in 2 cohorts, a snapshot." in result.stdout
    assert "2 cohorts from the source: c1, c2." in result.stdout
    admin.export(enrollments=export()["enrollments"] + "e4,,,c9,o1,u1,student,,,\n")
    result = admin.lcm("check")
    assert result.exit_code == 5
    assert "1 row rejected: " in result.stdout
    assert "enrollments.csv:5: classes.csv has no class 'c9'." in result.stdout
    (admin.folder / "export.zip").unlink()
    assert "the roster does not exist" in admin.lcm("check").stdout


def test_a_folder_of_playbooks_is_checked_for_the_cohorts_to_come(admin: Admin) -> None:
    write_folder(admin.folder / "x", {})
    admin.settings(FROM.replace("first-steps", "frist-steps"))
    result = admin.lcm("check")
    assert result.exit_code == 5
    assert "there is no playbook 'frist-steps', which cohorts_from should follow." in result.stdout
    assert "Did you mean 'first-steps'?" in result.stdout
    assert "note: there is no playbook 'frist-steps'" in admin.lcm("status").stdout


def test_the_service_looks_after_cohorts_that_a_sync_takes_meanwhile(admin: Admin) -> None:
    with Workspace(admin.folder / "lcm.yaml") as workspace:
        assert [cohort.key for cohort in known_cohorts(workspace.written, workspace.store).cohorts] == []
        admin.lcm("sync", "--apply", "--now", NOW)
        assert [cohort.key for cohort in known_cohorts(workspace.written, workspace.store).cohorts] == ["c1", "c2"]


def test_who_leaves_a_snapshot_is_to_be_removed_and_who_leaves_a_delta_is_not(admin: Admin) -> None:
    head = "email,cohort,role\n"
    lines = [
        f"forum: {{url: {admin.forum.url}, key_env: PRACTICE_KEY, calls_per_minute: 100000}}",
        "rosters: [{csv: spring.csv}, {csv: autumn.csv, kind: delta, feeds: [autumn]}]",
        "limits: {allow: [add, remove, owners, create], max_shrink_fraction: 1}",
        "cohorts:",
    ]
    for key in ("spring", "autumn"):
        lines.append(f"- {{key: {key}, name: {key}, start: 2027-03-01, end: 2027-12-01, timezone: UTC}}")
    (admin.folder / "lcm.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for key in ("spring", "autumn"):
        rows = f"{head}ana@x.org,{key},learner\nmarta@x.org,{key},lcm\n"
        (admin.folder / f"{key}.csv").write_text(rows, encoding="utf-8")
    assert admin.lcm("sync", "--apply", "--now", NOW).exit_code == 0
    for key in ("spring", "autumn"):
        (admin.folder / f"{key}.csv").write_text(f"{head}marta@x.org,{key},lcm\n", encoding="utf-8")
    result = admin.lcm("sync", "--now", NOW)
    assert result.exit_code == 0, result.output
    spring, autumn = result.stdout.split("Cohort autumn")
    assert "no longer in the roster" in spring
    assert "the roster is a delta: who is not in it stays" in autumn


def test_a_delta_that_does_not_tell_of_a_class_changes_nothing_about_its_cohort(admin: Admin) -> None:
    admin.lcm("sync", "--apply", "--now", NOW)
    files = export(mode="delta", manifest_classes="absent", manifest_academicSessions="absent")
    write_zip(admin.folder / "export.zip", files)
    result = admin.lcm("sync", "--apply", "--now", NOW)
    assert result.exit_code == 0, result.output
    assert "Nothing to do" in result.stdout
    shown = admin.lcm("playbook", "show", "first-steps", "--cohort", "c1")
    assert "Leading teams: 2027-09-01 to 2028-02-29" in shown.stdout


def test_dates_of_cohorts_from_may_change_later(admin: Admin) -> None:
    admin.export(manifest_academicSessions="absent")
    for start in ("2027-09-01", "2027-09-15"):
        admin.settings(FROM.replace("timezone", f"start: {start}, end: 2027-12-17, timezone"))
        assert admin.lcm("sync", "--apply", "--now", NOW).exit_code == 0
        shown = admin.lcm("playbook", "show", "first-steps", "--cohort", "c1")
        assert f"Leading teams: {start} to 2027-12-17" in shown.stdout
    admin.settings(FROM)
    result = admin.lcm("status")
    assert result.exit_code == 2
    assert (
        "the cohort 'Leading teams' of the source can no longer be looked after: it has no first day" in result.stderr
    )


def test_they_may_have_alumni_and_a_parent_category_as_declared_ones_do(admin: Admin) -> None:
    admin.settings(FROM.replace("playbook", "alumni_group: alumni, archive_after: 7, playbook"))
    with Workspace(admin.folder / "lcm.yaml") as workspace:
        workspace.read_roster(datetime.fromisoformat(NOW))
        cohort = workspace.cohort("c1")
    assert (cohort.alumni_group, cohort.archive_after) == ("alumni", 7)
    admin.settings(FROM.replace("playbook", "alumni_group: no, playbook"))
    assert "lcm.yaml:4:" in admin.lcm("status").stderr
