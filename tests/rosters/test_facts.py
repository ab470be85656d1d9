"""Further columns of a source are kept as facts: typed, unknown never 0 or no, a bad value reported with its place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.config import load_settings
from sync_worker.config.rosters import parse_fact
from sync_worker.errors import ConfigError, RosterError
from sync_worker.model import FACT_NAME, FactType, FactValue, Roster, RosterKind
from sync_worker.rosters import read_roster
from sync_worker.rosters.facts import read_value
from sync_worker.rosters.tabular.people_files import FactFile, fact_name, read_fact_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
NUMBER, TEXT, DATE, YES_NO = FactType.NUMBER, FactType.TEXT, FactType.DATE, FactType.YES_NO
COHORTS = """\
cohorts:
  - {key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: Europe/Lisbon}
  - {key: autumn, name: Autumn, start: 2027-09-01, end: 2027-11-30, timezone: Europe/Paris}
"""
FACTS = "facts: {site: text, attendance: {column: Présence, type: number}, mentor: yes/no, joined: date}"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Roster]:
    """Reads sources given as lines of `lcm.yaml`, from files given by their text or bytes."""

    def read_it(*sources: str, **files: str | bytes) -> Roster:
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / f"{name}.csv").write_bytes(data)
        lines = "".join(f"  - {{default_role: learner, {source}}}\n" for source in sources)
        text = f'forum: {{url: "https://forum.example.org"}}\nrosters:\n{lines}{COHORTS}'
        (tmp_path / "lcm.yaml").write_text(text, encoding="utf-8")
        return read_roster(load_settings(tmp_path / "lcm.yaml"), now=NOW)

    return read_it


def stated(roster: Roster, file: str = "r.csv") -> dict[tuple[str, str], dict[str, FactValue]]:
    """The facts of a source by person key and cohort."""
    (facts,) = (facts for name, facts in roster.facts.items() if name.endswith(file))
    return {(one.person.key, one.cohort): dict(one.values) for one in facts.stated}


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("0,75", NUMBER, 0.75),
        ("75 %", NUMBER, 0.75),
        ("75,5\u202f%", NUMBER, 0.755),
        ("-3", NUMBER, -3.0),
        ("1\u00a0234,5", NUMBER, 1234.5),
        ("1.234,5", NUMBER, 1234.5),
        ("1,234.5", NUMBER, 1234.5),
        ("1'234'567", NUMBER, 1234567.0),
        ("1,234,567", NUMBER, 1234567.0),
        ("0,750", NUMBER, 0.75),
        ("0", NUMBER, 0.0),
        ("Oui", YES_NO, True),
        ("FALSE", YES_NO, False),
        ("x", YES_NO, True),
        ("0", YES_NO, False),
        ("08/05/2027", DATE, date(2027, 5, 8)),
        ("2027-05-08", DATE, date(2027, 5, 8)),
        ("2027-05-08 00:00:00", DATE, date(2027, 5, 8)),
        ("  Vila  Nova ", TEXT, "Vila Nova"),
        ("na", TEXT, "na"),
    ],
)
def test_a_cell_is_read_by_its_type(written: str, kind: FactType, value: FactValue) -> None:
    assert read_value(written, kind, "%d/%m/%Y") == value


@pytest.mark.parametrize("kind", list(FactType))
@pytest.mark.parametrize("written", ["", "  ", "n/a", "N/A", "-", "null", "None", "#N/A", "#NV", "n.a."])
def test_what_says_nothing_is_unknown_and_neither_0_nor_no(written: str, kind: FactType) -> None:
    assert read_value(written, kind, "%Y-%m-%d") is None


@pytest.mark.parametrize(
    ("written", "kind", "why"),
    [
        ("often", NUMBER, "not a number"),
        ("1,234", NUMBER, "thousands"),
        ("inf", NUMBER, "not a number"),
        ("15/20", NUMBER, "not a number"),
        ("#REF!", NUMBER, "spreadsheet's error"),
        ("=A1", TEXT, "formula"),
        ("perhaps", YES_NO, "neither"),
        ("2", YES_NO, "neither"),
        ("46150", DATE, "number by which"),
        ("31/02/2027", DATE, "not a date"),
        ("08/05/0027", DATE, "outside"),
        ("x" * 1001, TEXT, "1,000 characters"),
    ],
)
def test_what_cannot_be_read_says_why_and_not_what(written: str, kind: FactType, why: str) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        read_value(written, kind, "%d/%m/%Y")
    assert written not in str(raised.value)


@given(st.text(), st.sampled_from(FactType))
def test_any_text_is_read_or_refused(written: str, kind: FactType) -> None:
    try:
        value = read_value(written, kind, "%Y-%m-%d")
    except ValueError:
        return
    assert value is None or FactType.of(value) is kind


@given(st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: round(number, 2)))
def test_a_number_is_the_same_with_a_decimal_comma(number: float) -> None:
    assert read_value(f"{number:.2f}".replace(".", ","), NUMBER, "") == number


def test_columns_of_a_french_export_become_facts(read: Callable[..., Roster]) -> None:
    text = (
        "email;cohort;role;site;Présence;mentor;joined\r\n"
        "ana@x.org;spring;learner;Évry;75 %;oui;2027-03-01\r\n"
        "ben@x.org;spring;learner;;n/a;;\r\n"
        "ben@x.org;autumn;learner;Porto;0,5;non;\r\n"
    )
    roster = read(f"csv: r.csv, {FACTS}", r=text.encode("cp1252"))
    assert stated(roster) == {
        ("mail:ana@x.org", "spring"): {"site": "Évry", "attendance": 0.75, "mentor": True, "joined": date(2027, 3, 1)},
        ("mail:ben@x.org", "autumn"): {"site": "Porto", "attendance": 0.5, "mentor": False},
    }
    assert not roster.rejected
    assert roster.remarks == ()


def test_a_bad_value_is_reported_with_its_line_and_its_row_counts(read: Callable[..., Roster]) -> None:
    rows = "".join(f"p{number}@x.org,spring,secret\n" for number in range(9))
    roster = read("csv: r.csv, facts: {score: number}", r=f"email,cohort,score\n{rows}")
    assert len(roster.enrolments) == 9
    (remark,) = roster.remarks
    assert "r.csv:2" in remark
    assert "'score' is not a number" in remark
    assert "and 4 more" in remark
    assert "secret" not in remark
    assert stated(roster) == {}


def test_a_bad_value_rejects_the_row_where_the_settings_say_so(read: Callable[..., Roster]) -> None:
    text = "email,cohort,score\nana@x.org,spring,secret\nben@x.org,spring,1\n"
    roster = read("csv: r.csv, facts: {score: {type: number, bad: reject}}", r=text)
    assert [one.person.email for one in roster.enrolments] == ["ben@x.org"]
    assert [row.where.rpartition("/")[2] for row in roster.rejected] == ["r.csv:2"]
    assert "secret" not in roster.rejected[0].reason


def test_a_formula_in_a_fact_rejects_no_row(read: Callable[..., Roster]) -> None:
    roster = read("csv: r.csv, facts: {site: text}", r="email,cohort,site\nana@x.org,spring,=B2\n")
    assert len(roster.enrolments) == 1
    assert "is a formula" in roster.remarks[0]


def test_a_column_that_is_missing_is_an_error_that_names_its_setting(read: Callable[..., Roster]) -> None:
    with pytest.raises(RosterError, match=r"'Présence' is missing.*nearest header is 'Presence'.*facts\.attendance"):
        read("csv: r.csv, facts: {attendance: {column: Présence}}", r="email,cohort,Presence\na@x.org,spring,1\n")


def test_two_rows_of_one_person_are_one_and_a_difference_is_remarked(read: Callable[..., Roster]) -> None:
    text = "email,cohort,site,team\nana@x.org,spring,Lyon,\nana@x.org,spring,Porto,red\n"
    roster = read("csv: r.csv, facts: {site: text, team: text}", r=text)
    assert stated(roster) == {("mail:ana@x.org", "spring"): {"site": "Lyon", "team": "red"}}
    assert any("r.csv:3: the fact 'site' differs" in remark for remark in roster.remarks)


def test_facts_of_several_sources_are_of_the_people_as_all_of_them_describe_them(read: Callable[..., Roster]) -> None:
    roster = read(
        "csv: lms.csv, facts: {attendance: number}",
        "csv: hr.csv, people_only: true, kind: delta, facts: {site: text}",
        lms="external_id,email,cohort,attendance\n7,ana@x.org,spring,0.5\n",
        hr="email,site\nANA@x.org,Lyon\nzoe@x.org,Porto\n",
    )
    assert stated(roster, "lms.csv") == {("id:7", "spring"): {"attendance": 0.5}}
    assert stated(roster, "hr.csv") == {("id:7", ""): {"site": "Lyon"}, ("mail:zoe@x.org", ""): {"site": "Porto"}}
    assert [facts.kind for facts in roster.facts.values()] == [RosterKind.SNAPSHOT, RosterKind.DELTA]


def test_a_workbook_says_what_its_cells_hold_whatever_excel_shows(read: Callable[..., Roster], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["email", "cohort", "site", "Présence", "mentor", "joined", "code"])
    sheet.append(["ana@x.org", "spring", "Lyon", 1, True, date(2027, 3, 1), 7])
    sheet["D2"].number_format, sheet["G2"].number_format = "0%", "0000"
    sheet.append(["ben@x.org", "spring", date(2027, 1, 1), "#N/A", None, "n/a", None])
    book.save(tmp_path / "r.xlsx")
    roster = read(f"xlsx: r.xlsx, {FACTS[:-1]}, code: text}}")
    assert stated(roster, "r.xlsx") == {
        ("mail:ana@x.org", "spring"): {
            "site": "Lyon", "attendance": 1.0, "mentor": True, "joined": date(2027, 3, 1), "code": "0007",
        },
        ("mail:ben@x.org", "spring"): {"site": "2027-01-01"},
    }  # fmt: skip
    assert not roster.rejected


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ("{Site: text}", "cannot name a fact"),
        ("{site: txt}", "text"),
        ("{site: {colum: Site}}", "colum"),
        ("{site: {bad: maybe}}", "report"),
    ],
)
def test_wrong_settings_are_errors_with_a_line(read: Callable[..., Roster], facts: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as raised:
        read(f"csv: r.csv, facts: {facts}", r="email,cohort\n")
    assert "lcm.yaml:3" in str(raised.value)


def test_facts_are_written_shortly_on_the_command_line() -> None:
    assert parse_fact("attendance=Présence:number")[1].model_dump() == {
        "column": "Présence", "type": NUMBER, "bad": "report",
    }  # fmt: skip
    assert parse_fact("goal=My goal: 2027")[1].column == "My goal: 2027"
    for wrong in ("attendance", "Site=x", "=x", "site=x:numbr"):
        with pytest.raises(ValueError, match=r"."):
            parse_fact(wrong)


def file_of(path: Path, *wanted: str, key: str = "email", title: str = "") -> FactFile:
    return FactFile(path, key, title or key, None, "%Y-%m-%d", dict(map(parse_fact, wanted)))


def test_a_file_of_facts_names_its_facts_after_its_titles_and_finds_their_types(tmp_path: Path) -> None:
    path = tmp_path / "quiz.csv"
    path.write_bytes(
        "\ufeffE-mail;Note (quiz);Certifié;Passé le;Code;Rien\n"
        "ana@x.org;12,5;oui;2027-03-01;007;\nben@x.org;n/a;non;;12;\nzoe@x.org;;;;;\n".encode()
    )
    read = read_fact_file(file_of(path, title="E-mail"), NOW)
    assert {name: fact.type for name, fact in read.facts.items()} == {
        "note_quiz": NUMBER, "certifie": YES_NO, "passe_le": DATE, "code": TEXT, "rien": TEXT,
    }  # fmt: skip
    assert {one.person.email: dict(one.values) for one in read.stated} == {
        "ana@x.org": {"note_quiz": 12.5, "certifie": True, "passe_le": date(2027, 3, 1), "code": "007"},
        "ben@x.org": {"certifie": False, "code": "12"},
        "zoe@x.org": {},
    }
    assert read.problems == ()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_wanted_columns_of_a_file_are_read_and_its_bad_rows_named(tmp_path: Path, kind: str) -> None:
    rows: list[list[Any]] = [["username", "Days", "Other"], ["ana", 3, 1], ["", 4, 1], ["ben", "many", 1]]
    path = tmp_path / f"days.{kind}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(path)
    else:
        path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    read = read_fact_file(file_of(path, "days=Days:number", key="username"), NOW)
    assert {one.person.username: dict(one.values) for one in read.stated} == {"ana": {"days": 3.0}, "ben": {}}
    assert len(read.problems) == 2
    assert ":3: the row has no identifier" in read.problems[0]
    assert ":4: 'Days' is not a number" in read.problems[1]


def test_a_file_without_the_key_or_without_facts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("mail_id,score\nana@x.org,1\n", encoding="utf-8")
    with pytest.raises(RosterError, match="'email' is missing") as caught:
        read_fact_file(file_of(path), NOW)
    assert caught.value.do == "Name the columns as the file does: the key's by --key-column, a fact's by --as."
    with pytest.raises(RosterError, match="'points' is missing") as caught:
        read_fact_file(file_of(path, "score=points:number", key="username", title="mail_id"), NOW)
    assert caught.value.do is not None
    assert "--as" in caught.value.do
    path.write_text("email,username\nana@x.org,ana\n", encoding="utf-8")
    with pytest.raises(RosterError, match="beside the key"):
        read_fact_file(file_of(path), NOW)
    path.write_text("email,My site,my-site\nana@x.org,a,b\n", encoding="utf-8")
    with pytest.raises(RosterError, match="give one name"):
        read_fact_file(file_of(path), NOW)


@given(st.text(min_size=1))
def test_every_title_gives_a_name_that_rules_can_write(title: str) -> None:
    name = fact_name(title)
    assert FACT_NAME.fullmatch(name)
    assert parse_fact(f"{name}=x")[0] == name
