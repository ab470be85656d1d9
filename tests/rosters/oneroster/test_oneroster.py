"""A OneRoster export is read with its manifest, in bulk and delta, as systems really write it."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sync_worker.config.rosters import OneRosterSettings
from sync_worker.config.sources import CohortsFromSettings
from sync_worker.errors import RosterError
from sync_worker.model import Role, Roster, RosterKind
from sync_worker.rosters.oneroster import read_oneroster
from sync_worker.rosters.row_reader import KnownCohorts
from tests.rosters.oneroster.exports import Files, export, write_folder, write_zip

NOW = datetime.now(UTC)
ALL = KnownCohorts((), CohortsFromSettings(timezone="UTC"))
MAPPED = KnownCohorts(("spring",))


def read(path: Path, known: KnownCohorts = ALL, **more: Any) -> Roster:
    return read_oneroster(OneRosterSettings(oneroster=path, **more), known, NOW, {})


@pytest.fixture
def read_files(tmp_path: Path) -> Any:
    """Reads an export from a folder."""

    def read_it(files: Files, known: KnownCohorts = ALL, **more: Any) -> Roster:
        return read(write_folder(tmp_path / "export", files), known, **more)

    return read_it


def reasons(roster: Roster) -> list[str]:
    return [f"{row.where.rpartition('/')[2]}: {row.reason}" for row in roster.rejected]


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.2.1"])
def test_classes_are_cohorts_with_the_days_of_their_terms_and_enrolments_are_rows(
    read_files: Any, version: str
) -> None:
    roster = read_files(export(version))
    assert roster.kind is RosterKind.SNAPSHOT
    assert [(c.key, c.name, c.start, c.end) for c in roster.cohorts] == [
        ("c1", "Leading teams", date(2027, 9, 1), date(2028, 2, 29)),
        ("c2", "Coaching", date(2027, 9, 1), date(2027, 12, 17)),
    ]
    first, second, third = roster.enrolments
    assert (first.person.external_id, first.person.email, first.person.name) == ("u1", "ana@x.org", "Ana Silva")
    assert (first.cohort, first.role, first.where) == ("c1", Role.LEARNER, "enrollments.csv:2")
    assert second.role is Role.FACILITATOR
    assert (third.start, third.end) == (date(2027, 9, 15), date(2027, 11, 30))
    assert roster.rejected == ()


@pytest.mark.parametrize("inside", ["", "OneRoster Export/"])
def test_a_zip_archive_reads_like_its_folder(tmp_path: Path, inside: str) -> None:
    from_zip = read(write_zip(tmp_path / "x.zip", export(), inside=inside))
    from_folder = read(write_folder(tmp_path / "x", export()))
    assert [e.person for e in from_zip.enrolments] == [e.person for e in from_folder.enrolments]
    assert from_zip.enrolments[0].where == f"x.zip!{inside}enrollments.csv:2"


def test_what_a_mac_puts_into_an_archive_is_let_be(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip", export())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/._users.csv", b"\0\5\26\7")
        archive.writestr(".DS_Store", b"\0")
    assert len(read(path).enrolments) == 3


def test_classes_may_be_mapped_to_declared_cohorts_and_the_others_are_let_be(read_files: Any) -> None:
    roster = read_files(export(), MAPPED, cohorts={"C1": "spring"})
    assert [e.cohort for e in roster.enrolments] == ["spring", "spring"]
    assert (roster.cohorts, roster.ignored) == ((), 1)
    with pytest.raises(RosterError, match=r"enrollments\.csv:1: there is no cohort 'c9' here"):
        read_files(export(), MAPPED, cohorts={"c9": "spring"})


def test_cohorts_can_be_chosen_by_pattern(read_files: Any) -> None:
    roster = read_files(export(), KnownCohorts((), CohortsFromSettings(timezone="UTC", match=("lead*",))))
    assert [cohort.name for cohort in roster.cohorts] == ["Leading teams"]
    assert roster.ignored == 1


def test_the_identifiers_are_those_of_the_settings(read_files: Any) -> None:
    person = (
        read_files(export(), identifiers={"external_id": "userIds:fed", "username": "identifier"}).enrolments[0].person
    )
    assert (person.external_id, person.email, person.username) == ("77", None, "A1")


def test_given_names_are_kept_as_a_fact_only_where_that_is_asked_for(read_files: Any) -> None:
    (silent,) = read_files(export()).facts.values()
    assert silent.stated == ()
    (asked,) = read_files(export(), first_names=True).facts.values()
    found = {one.person.external_id: one.values for one in asked.stated}
    assert found["u1"] == {"first_name": "Ana"}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_agents_are_managers_only_where_the_settings_say_so_and_relatives_never(read_files: Any, version: str) -> None:
    assert read_files(export(version)).enrolments[0].person.manager_email is None
    roster = read_files(export(version), agents_are_managers=True)
    assert roster.enrolments[0].person.manager_email == "boss@x.org"


def test_a_primary_teacher_may_be_the_lcm(read_files: Any) -> None:
    roster = read_files(export(), roles={"primary teacher": "lcm", "teacher": "facilitator"})
    assert roster.enrolments[1].role is Role.LCM


def test_roles_that_are_no_learners_business_are_let_be_and_unknown_ones_rejected(read_files: Any) -> None:
    text = export()["enrollments"].replace("u2,teacher", "u2,proctor").replace("c2,o1,u1,student", "c2,o1,u1,ext:coach")
    roster = read_files(export(enrollments=text))
    assert len(roster.enrolments) == 1
    assert roster.ignored == 1
    assert reasons(roster)[0].startswith("enrollments.csv:4: the role 'ext:coach' is not known.")


def test_an_enrolment_without_a_role_has_the_users_own(read_files: Any) -> None:
    text = export()["enrollments"].replace("u2,teacher", "u2,")
    assert read_files(export(enrollments=text)).enrolments[1].role is Role.FACILITATOR


def test_orphans_are_rejected_one_by_one(read_files: Any) -> None:
    text = export()["enrollments"] + "e4,,,c9,o1,u1,student,,,\ne5,,,c1,o1,u9,student,,,\n"
    assert reasons(read_files(export(enrollments=text))) == [
        "enrollments.csv:5: classes.csv has no class 'c9'.",
        "enrollments.csv:6: users.csv has no user 'u9'.",
    ]


def test_what_is_to_be_deleted_is_left_out_of_a_bulk_export(read_files: Any) -> None:
    files = export()
    files["enrollments"] = files["enrollments"].replace("e1,,", "e1,tobedeleted,")
    files["classes"] = files["classes"].replace("c2,,", "c2,tobedeleted,")
    roster = read_files(files)
    assert [e.person.external_id for e in roster.enrolments] == ["u2"]
    assert (roster.ignored, roster.rejected) == (2, ())


def test_what_is_to_be_deleted_is_withdrawn_in_a_delta(read_files: Any) -> None:
    files = export(mode="delta")
    files["enrollments"] = files["enrollments"].replace("e1,,", "e1,tobedeleted,2027-10-01T00:00:00Z")
    files["users"] = files["users"].replace("u2,,", "u2,tobedeleted,2027-10-01T00:00:00Z")
    roster = read_files(files)
    assert roster.kind is RosterKind.DELTA
    assert [e.withdrawn for e in roster.enrolments] == [True, True, False]


def test_a_delta_may_name_users_and_classes_that_did_not_change(read_files: Any) -> None:
    files = export(mode="delta")
    files["enrollments"] += "e9,active,2027-10-01,c1,o1,u9,student,,,\n"
    assert read_files(files).enrolments[-1].person.external_id == "u9"
    roster = read_files(files, identifiers={"email": "email"})
    assert reasons(roster) == ["enrollments.csv:5: users.csv has no user 'u9'."]


def test_an_export_that_is_a_delta_in_part_is_a_delta(read_files: Any) -> None:
    assert read_files(export(manifest_users="delta")).kind is RosterKind.DELTA
    assert read_files(export(), kind="delta").kind is RosterKind.DELTA


def test_a_disabled_user_is_in_the_roster_and_not_active(read_files: Any) -> None:
    roster = read_files(export(users=export()["users"].replace("u1,,,true", "u1,,,FALSE")))
    assert [e.withdrawn for e in roster.enrolments] == [True, False, True]


def test_of_two_enrolments_in_a_class_the_active_one_holds(read_files: Any) -> None:
    text = export()["enrollments"].replace("e1,,", "e1,inactive,") + "e4,active,,c1,o1,u1,student,,2027-10-01,\n"
    roster = read_files(export(enrollments=text))
    assert roster.rejected == ()
    held = next(e for e in roster.enrolments if e.cohort == "c1")
    assert (held.start, held.withdrawn) == (date(2027, 10, 1), False)
    twice = read_files(export(enrollments=export()["enrollments"] + "e4,,,c1,o1,u1,student,,,\n"))
    assert (len(twice.enrolments), twice.rejected) == (3, ())
    assert twice.remarks == ("1 row says what another one says, and counts once.",)


def test_two_people_with_one_sourced_id_are_not_guessed(read_files: Any) -> None:
    users = export()["users"]
    again = users.splitlines()[1]
    assert read_files(export(users=f"{users}{again}\n")).rejected == ()
    roster = read_files(export(users=f"{users}{again.replace('Ana', 'Zoe')}\n"))
    assert reasons(roster) == [
        "enrollments.csv:2: users.csv has two people with the sourcedId 'u1' (lines 2 and 6).",
        "enrollments.csv:4: users.csv has two people with the sourcedId 'u1' (lines 2 and 6).",
    ]
    renewed = users.replace("u1,,", "u1,tobedeleted,") + again.replace("Ana", "Zoe") + "\n"
    assert read_files(export(users=renewed)).enrolments[0].person.name == "Zoe Silva"


def test_a_class_that_cannot_be_read_is_a_rejected_row(read_files: Any) -> None:
    roster = read_files(export(classes=export()["classes"].replace("c2,,,Coaching,,k1", "c2,Coaching")))
    assert reasons(roster)[0].startswith("classes.csv:3: the row has ")


def test_headers_count_in_any_case_and_other_columns_are_let_be(tmp_path: Path) -> None:
    files = export()
    head, _, rest = files["users"].partition("\n")
    files["users"] = f"{head.upper()},metadata.kana\n" + rest.replace(",\n", ",,\n")
    files["Enrollments"] = "\ufeff" + files.pop("enrollments")
    assert len(read(write_folder(tmp_path / "x", files)).enrolments) == 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"drop": "manifest"}, r"manifest\.csv: manifest\.csv is missing"),
        ({"drop": "users"}, r"users\.csv: by manifest\.csv this file is declared and missing"),
        ({"drop": "classes"}, r"classes\.csv: by manifest\.csv this file is declared and missing"),
        ({"manifest": "absent"}, r"manifest\.csv:8: 'some' is not one of absent, bulk, delta"),
        ({"version": "0.9"}, r"manifest\.csv:3: the OneRoster version is '0\.9'"),
        ({"undeclared": "users"}, r"users\.csv: by manifest\.csv this file is there and not declared"),
        ({"column": "userSourcedId"}, r"enrollments\.csv:1: the column 'userSourcedId' is missing"),
        ({"empty": "users"}, r"users\.csv:1: the file is empty"),
    ],
)
def test_an_export_that_is_not_what_its_manifest_says_is_refused(
    tmp_path: Path, change: dict[str, str], says: str
) -> None:
    files = export(version=change.get("version", "1.1"))
    if "drop" in change:
        del files[change["drop"]]
    if "manifest" in change:
        files["manifest"] = files["manifest"].replace("users,bulk", "users,some")
    if "undeclared" in change:
        files["manifest"] = files["manifest"].replace("users,bulk", "users,absent")
    if "column" in change:
        files["enrollments"] = files["enrollments"].replace(change["column"], "person")
    if "empty" in change:
        files["users"] = ""
    with pytest.raises(RosterError, match=says):
        read(write_folder(tmp_path / "x", files))


def test_files_that_are_not_read_may_contradict_the_manifest_and_it_is_remarked(read_files: Any) -> None:
    files = export(demographics="sourcedId\n")
    files["manifest"] += "file.courses,bulk\n"
    assert read_files(files).remarks == (
        "courses.csv is declared and missing in manifest.csv; it is not needed.",
        "demographics.csv is there and not declared in manifest.csv; it is not needed.",
    )


def test_an_export_of_a_system_that_writes_no_manifest_is_complete_where_the_settings_say_so(read_files: Any) -> None:
    files = export()
    del files["manifest"]
    roster = read_files(files, manifest="none")
    assert (roster.kind, len(roster.enrolments), roster.remarks) == (RosterKind.SNAPSHOT, 3, ())
    assert [cohort.start for cohort in roster.cohorts] == [date(2027, 9, 1), date(2027, 9, 1)]


def test_without_a_manifest_a_delta_is_what_the_settings_call_one(read_files: Any) -> None:
    files = export()
    del files["manifest"]
    files["enrollments"] += "e9,active,2027-10-01,c9,o1,u9,student,,,\n"
    mapped = {"cohorts": {"c9": "spring"}, "manifest": "none", "kind": "delta"}
    roster = read_files(files, MAPPED, **mapped)
    assert roster.kind is RosterKind.DELTA
    assert [(e.person.external_id, e.cohort) for e in roster.enrolments] == [("u9", "spring")]


@pytest.mark.parametrize("file", ["users", "enrollments"])
def test_without_a_manifest_the_needed_files_are_still_needed(read_files: Any, file: str) -> None:
    files = export()
    del files["manifest"], files[file]
    with pytest.raises(RosterError, match=rf"there is no {file}\.csv"):
        read_files(files, manifest="none")


def test_a_manifest_that_is_there_counts_whatever_the_settings_say(read_files: Any) -> None:
    with pytest.raises(RosterError, match="declared and missing"):
        read_files({name: text for name, text in export().items() if name != "users"}, manifest="none")


def test_the_terms_of_a_class_may_stand_in_the_column_of_oneroster_1_0(read_files: Any) -> None:
    text = export()["classes"].replace("termSourcedIds", "termSourcedId").replace('"t1,t2"', "t2")
    roster = read_files(export(classes=text))
    assert [(c.start, c.end) for c in roster.cohorts] == [
        (date(2027, 12, 18), date(2028, 2, 29)),
        (date(2027, 9, 1), date(2027, 12, 17)),
    ]


def test_days_may_be_written_otherwise_where_the_settings_say_how(read_files: Any) -> None:
    files = export()
    files["academicSessions"] = files["academicSessions"].replace("2027-09-01,2027-12-18", "9/1/2027,12/18/2027 0:00")
    files["enrollments"] = files["enrollments"].replace("2027-09-15,2027-12-01", "9/15/2027,2027-12-01T00:00:00Z")
    roster = read_files(files, date_format="%m/%d/%Y")
    assert roster.cohorts[1].end == date(2027, 12, 17)
    assert (roster.enrolments[2].start, roster.enrolments[2].end) == (date(2027, 9, 15), date(2027, 11, 30))
    assert roster.remarks == ()
    assert reasons(read_files(files)) == [
        "enrollments.csv:4: beginDate '9/15/2027' is not a day written like 2027-12-31."
    ]


def test_terms_that_give_a_class_no_days_are_remarked(read_files: Any) -> None:
    files = export()
    files["academicSessions"] = files["academicSessions"].replace("2027-09-01", "9/1/2027")
    files["classes"] = files["classes"].replace('"t1,t2"', '"t1,t9"').replace("o1,t1,,,", "o1,t9,,,")
    assert read_files(files).remarks == (
        "academicSessions.csv:2: startDate '9/1/2027' is not a day written like 2027-12-31.",
        "academicSessions.csv has no session 't9', which classes.csv:2 and 1 more name.",
    )


def test_an_archive_that_is_a_danger_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "x.zip", export())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../users.csv", "x")
    with pytest.raises(
        RosterError, match=r"x\.zip:1: it contains a file that would be written outside of it: '\.\./users\.csv'"
    ):
        read(path)
    path = write_zip(tmp_path / "y.zip", export() | {"Users": "x"})
    with pytest.raises(RosterError, match=r"it holds 'users\.csv' and 'Users\.csv'"):
        read(path)
    monkeypatch.setattr("sync_worker.rosters.tabular.files.MAX_MEMBERS", 3)
    with pytest.raises(RosterError, match=r"z\.zip:1: it holds 6 files, more than 3"):
        read(write_zip(tmp_path / "z.zip", export()))


ENROLMENTS = export()["enrollments"].splitlines()[0] + "\ne0,,,c1,o1,u2,teacher,true,,\n"


def of_u1(roster: Roster) -> list[tuple[date | None, date | None, bool]]:
    return [(e.start, e.end, e.withdrawn) for e in roster.enrolments if e.person.external_id == "u1"]


def test_who_left_and_was_enrolled_again_is_in_by_the_enrolment_that_holds_today(tmp_path: Path) -> None:
    again = ENROLMENTS + "e1,,,c1,o1,u1,student,,2027-03-01,2027-03-05\ne2,,,c1,o1,u1,student,,2027-03-08,\n"
    path = write_folder(tmp_path / "x", export(enrollments=again))
    settings = OneRosterSettings(oneroster=path)
    early, late = (datetime(2027, 3, day, 12, tzinfo=UTC) for day in (4, 10))
    assert of_u1(read_oneroster(settings, ALL, early, {})) == [(date(2027, 3, 1), date(2027, 3, 4), False)]
    assert of_u1(read_oneroster(settings, ALL, late, {})) == [(date(2027, 3, 8), None, False)]


@pytest.mark.parametrize("none", ["0001-01-01", "0001-01-01T00:00:00", "0000-00-00"])
def test_days_that_systems_write_for_none_are_none(read_files: Any, none: str) -> None:
    files = export(enrollments=ENROLMENTS + f"e1,,,c1,o1,u1,student,,{none},{none}\n")
    files["academicSessions"] = files["academicSessions"].replace("2027-09-01,2027-12-18", f"{none},{none}")
    roster = read_files(files)
    assert of_u1(roster) == [(None, None, False)]
    assert (roster.cohorts[1].start, roster.cohorts[1].end) == (None, None)


@pytest.mark.parametrize("endless", ["9999-12-31", "9999-12-31T23:59:59.999Z", "2999-12-31"])
def test_an_end_that_never_comes_is_open(read_files: Any, endless: str) -> None:
    files = export(enrollments=ENROLMENTS + f"e1,,,c1,o1,u1,student,,2027-03-01,{endless}\n")
    files["academicSessions"] = files["academicSessions"].replace("2027-12-18,,", f"{endless},,")
    roster = read_files(files)
    assert of_u1(roster) == [(date(2027, 3, 1), None, False)]
    assert roster.cohorts[1].end == date(9999, 12, 31)


def test_who_never_came_is_in_the_roster_and_not_active(read_files: Any) -> None:
    no_show = ENROLMENTS + "e1,,,c1,o1,u1,student,,2027-03-05,2027-03-05\n"
    assert of_u1(read_files(export(enrollments=no_show))) == [(None, None, True)]
    came_back = no_show + "e2,,,c1,o1,u1,student,,2027-03-08,\n"
    assert of_u1(read_files(export(enrollments=came_back))) == [(date(2027, 3, 8), None, False)]


def test_an_end_before_the_beginning_is_still_a_rejected_row(read_files: Any) -> None:
    roster = read_files(export(enrollments=ENROLMENTS + "e1,,,c1,o1,u1,student,,2027-03-05,2027-03-01\n"))
    assert "ends (2027-02-28) before it starts" in reasons(roster)[0]


def test_separators_that_a_spreadsheet_leaves_out_at_the_end_are_empty_cells(read_files: Any) -> None:
    files = export()
    files["enrollments"] = files["enrollments"].replace("u1,student,,,\n", "u1,student\n")
    files["users"] = files["users"].replace("boss@x.org,,,,,", "boss@x.org")
    roster = read_files(files)
    assert (len(roster.enrolments), roster.rejected, roster.remarks) == (3, (), ())


def test_ids_that_are_kept_from_the_spreadsheet_are_the_same_in_every_file(read_files: Any) -> None:
    files = export()
    files["users"] = files["users"].replace("\nu1,", '\n="0001",')
    files["enrollments"] = files["enrollments"].replace("o1,u1,", "o1,0001,")
    assert [e.person.external_id for e in read_files(files).enrolments] == ["0001", "u2", "0001"]
