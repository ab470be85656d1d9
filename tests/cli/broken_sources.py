"""Broken workbooks, exports, databases and sets of sources: how to write each, and how it must be refused."""

from __future__ import annotations

import os
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from tests.cli.place import GOOD_CSV as CSV
from tests.rosters.oneroster.exports import export, write_folder, write_zip

HEADER = ["external_id", "email", "name", "cohort", "role", "start_date"]
ANA = ["1", "ana@x.org", "Ana Silva", "spring", "learner", None]
BEN = ["2", "ben@x.org", "Ben Costa", "spring", "lcm", None]


@dataclass(frozen=True)
class Broken:
    """How to write a broken source (returns its part of lcm.yaml), and how it must be refused."""

    name: str
    write: Callable[[Path], str]
    code: int
    says: str
    place: str
    more: str = ""


def workbook(*rows: list[Any], change: Callable[[openpyxl.Workbook], None] | None = None) -> Callable[[Path], str]:
    """A workbook with the header and these rows."""

    def write(folder: Path) -> str:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        sheet.title = "People"
        for row in rows:
            sheet.append(row)
        if change:
            change(book)
        book.save(folder / "r.xlsx")
        return "roster: {xlsx: r.xlsx}"

    return write


def patched(write: Callable[[Path], str], member: str, old: bytes, new: bytes) -> Callable[[Path], str]:
    """The same workbook with bytes of one file in it replaced."""

    def write_it(folder: Path) -> str:
        text = write(folder)
        with zipfile.ZipFile(folder / "r.xlsx") as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        parts[member] = parts[member].replace(old, new)
        with zipfile.ZipFile(folder / "r.xlsx", "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
        return text

    return write_it


def file(name: str, content: bytes, roster: str) -> Callable[[Path], str]:
    """Any bytes under a name."""

    def write(folder: Path) -> str:
        (folder / name).write_bytes(content)
        return roster

    return write


def cut(write: Callable[[Path], str], name: str) -> Callable[[Path], str]:
    """The same file without its second half."""

    def write_it(folder: Path) -> str:
        text = write(folder)
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])
        return text

    return write_it


def merged(book: openpyxl.Workbook) -> None:
    book.worksheets[0].merge_cells("D2:D3")


def second_sheet(book: openpyxl.Workbook) -> None:
    book.create_sheet("Notes")


GOOD_BOOK = workbook(HEADER, ANA, BEN)
X = "roster: {xlsx: r.xlsx}"


def book_row(name: str, row: list[Any], says: str) -> Broken:
    return Broken(f"workbook: {name}", workbook(HEADER, ANA, row), 3, says, "r.xlsx!People:3: ")


WORKBOOKS = [
    Broken("workbook: none", lambda folder: X, 2, "the roster does not exist", "r.xlsx: "),
    Broken("workbook: an empty file", file("r.xlsx", b"", X), 2, "the file is empty", "r.xlsx:1: "),
    Broken("workbook: CSV", file("r.xlsx", CSV.encode(), X), 2, "not an Excel workbook", "r.xlsx:1: "),
    Broken("workbook: an old one", file("r.xlsx", b"\xd0\xcf\x11\xe0" * 9, X), 2, "an old Excel workbook",
           "r.xlsx:1: "),
    Broken("workbook: with a password", file("r.xlsx",
           b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
           X), 2, "protected by a password", "r.xlsx:1: "),
    Broken("workbook: cut off", cut(GOOD_BOOK, "r.xlsx"), 2, "not a whole zip archive", "r.xlsx:1: "),
    Broken("workbook: a zip of something else", lambda folder: (write_zip(folder / "r.xlsx", {"a": "x"}), X)[1], 2,
           "the workbook is damaged", "r.xlsx:1: "),
    Broken("workbook: damaged XML", patched(GOOD_BOOK, "xl/worksheets/sheet1.xml", b"</row>", b"<row>"), 2,
           "the workbook is damaged", "r.xlsx!People:2: "),
    Broken("workbook: XML entities", patched(GOOD_BOOK, "xl/workbook.xml", b"<workbook", b"<!DOCTYPE w><workbook"), 2,
           "declares XML entities", "r.xlsx:1: "),
    Broken("workbook: an empty sheet", workbook(), 2, "the sheet is empty", "r.xlsx!People:1: "),
    Broken("workbook: nobody", workbook(HEADER), 2, "a header but no rows", "r.xlsx!People:1: "),
    Broken("workbook: no header", workbook(ANA, BEN), 2, "'cohort' is missing", "r.xlsx!People:1: "),
    Broken("workbook: a column twice", workbook([*HEADER, "E-Mail"], ANA), 2, "appears twice", "r.xlsx!People:1: "),
    Broken("workbook: a title", workbook(["Our people"], HEADER, ANA), 2, "and not a header", "r.xlsx!People:1: "),
    Broken("workbook: two sheets", workbook(HEADER, ANA, change=second_sheet), 2, "it has 2 sheets: People, Notes",
           "r.xlsx:1: "),
    Broken("workbook: no such sheet", lambda folder: GOOD_BOOK(folder).replace("}", ", sheet: Persons}"), 2,
           "it has no sheet 'Persons'", "r.xlsx:1: "),
    Broken("workbook: merged cells", workbook(HEADER, ANA, BEN, change=merged), 2, "D2:D3 are merged",
           "r.xlsx!People:2: "),
    Broken("workbook: a formula never computed", workbook(HEADER, ["1", '=A2&"@x.org"', *ANA[2:]]), 2,
           "the formula in B2 was never computed", "r.xlsx!People:2: "),
    Broken("workbook: not one good row", workbook(HEADER, ["", *ANA[2:]]), 2, "no usable rows",
           "r.xlsx!People:2: "),
    book_row("an id that became a date", [date(2027, 3, 4), *BEN[1:]], "external_id is a date"),
    book_row("an id that was rounded", [12345678901234567, *BEN[1:]], "more than 15 digits"),
    book_row("an error of Excel", ["#N/A", *BEN[1:]], "external_id holds Excel's error #N/A"),
    book_row("an undeclared cohort", [*BEN[:3], "sprong", "lcm"], "Did you mean 'spring'?"),
    book_row("an unknown role", [*BEN[:4], "boss"], "the role 'boss' is not known"),
    book_row("a date in another form", [*BEN[:5], "3.4.2027"], "start_date '3.4.2027' is not a day"),
    book_row("an e-mail that is none", ["2", "ben", *BEN[2:]], "email 'ben' is not an e-mail address"),
    book_row("a number for an e-mail", ["2", 17, *BEN[2:]], "email '17' is not an e-mail address"),
    book_row("an endless cell", ["2", "ben@x.org", "x" * 1_500, "spring", "lcm"], "a cell has 1,500 characters"),
    book_row("an invisible character", ["2", "ben@x.org", "Ben\u200b", "spring", "lcm"], "U+200B"),
]  # fmt: skip


def roster_of(folder: str) -> str:
    return f"roster: {{oneroster: {folder}, cohorts: {{c1: spring}}}}"


def edited(name: str, old: str, new: str, *, archive: bool = False, **more: Any) -> Callable[[Path], str]:
    """An export in which a text of one file is replaced."""

    def write(folder: Path) -> str:
        files = export(**more)
        assert old in files[name], name
        files[name] = files[name].replace(old, new)
        if archive:
            write_zip(folder / "x.zip", files)
            return roster_of("x.zip")
        write_folder(folder / "x", files)
        return roster_of("x")

    return write


def without(*names: str) -> Callable[[Path], str]:
    """An export that lacks files."""

    def write(folder: Path) -> str:
        write_folder(folder / "x", {name: text for name, text in export().items() if name not in names})
        return roster_of("x")

    return write


def zipped(change: Callable[[zipfile.ZipFile], None]) -> Callable[[Path], str]:
    """An export in an archive to which something is done."""

    def write(folder: Path) -> str:
        with zipfile.ZipFile(write_zip(folder / "x.zip", export()), "a") as archive:
            change(archive)
        return roster_of("x.zip")

    return write


def with_password(folder: Path) -> str:
    """An archive whose list of contents says that its files are encrypted."""
    path = write_zip(folder / "x.zip", export())
    data = bytearray(path.read_bytes())
    start = 0
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        data[start + 8] |= 1
        start += 4
    path.write_bytes(data)
    return roster_of("x.zip")


def old_export(folder: Path) -> str:
    path = write_zip(folder / "x.zip", export())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return roster_of("x.zip").replace("cohorts", "max_age_days: 3, cohorts")


def export_row(name: str, line: str, says: str, at: int = 5) -> Broken:
    write = (
        edited("enrollments", "e1,,", f"{line}\ne1,,") if at == 2 else edited("enrollments", "e3,,", f"{line}\ne3,,")
    )
    return Broken(f"export: {name}", write, 3, says, f"enrollments.csv:{4 if at == 5 else at}: ")


EXPORTS = [
    Broken("export: none", lambda folder: roster_of("x.zip"), 2, "the roster does not exist", "x.zip: "),
    Broken("export: no archive", file("x.zip", b"Please log in", roster_of("x.zip")), 2, "not a whole zip",
           "x.zip:1: "),
    Broken("export: an archive that is cut off", cut(zipped(lambda archive: None), "x.zip"), 2, "not a whole zip",
           "x.zip:1: "),
    Broken("export: with a password", with_password, 2, "protected by a password", "x.zip:1: "),
    Broken("export: a file outside", zipped(lambda archive: archive.writestr("../../a.csv", "x")), 2,
           "would be written outside", "x.zip:1: "),
    Broken("export: files in two folders", zipped(lambda archive: archive.writestr("old/users.csv", "x")), 2,
           "are in several folders", "x.zip:1: "),
    Broken("export: a file twice", zipped(lambda archive: archive.writestr("Users.CSV", "x")), 2,
           "it holds 'users.csv' and 'Users.CSV'", "x.zip:1: "),
    Broken("export: too old", old_export, 2, "older than 3 days", "x.zip:1: "),
    Broken("export: an empty folder", lambda folder: (write_folder(folder / "x", {}), roster_of("x"))[1], 2,
           "manifest.csv is missing", "manifest.csv: "),
    Broken("export: no manifest", without("manifest"), 2, "manifest.csv is missing", "manifest.csv: "),
    Broken("export: no version", edited("manifest", "oneroster.version", "version"), 2, "OneRoster version is ''",
           "manifest.csv:1: "),
    Broken("export: another version", edited("manifest", "version,1.1", "version,2.0"), 2, "OneRoster version is '2.0'",
           "manifest.csv:3: "),
    Broken("export: an unknown mode", edited("manifest", "users,bulk", "users,all"), 2, "'all' is not one of absent",
           "manifest.csv:8: "),
    Broken("export: a broken manifest", edited("manifest", "file.orgs,bulk", "file.orgs"), 2, "the row has 1 cells",
           "manifest.csv:"),
    Broken("export: users missing", without("users"), 2, "declared and missing", "users.csv: "),
    Broken("export: classes missing", without("classes"), 2, "declared and missing", "classes.csv: "),
    Broken("export: enrolments missing", without("enrollments"), 2, "declared and missing", "enrollments.csv: "),
    Broken("export: sessions missing", without("academicSessions"), 2, "declared and missing",
           "academicSessions.csv: "),
    Broken("export: users not declared", edited("manifest", "users,bulk", "users,absent"), 2, "there and not declared",
           "users.csv: "),
    Broken("export: no column for the user", edited("enrollments", "userSourcedId", "person"), 2,
           "'userSourcedId' is missing", "enrollments.csv:1: "),
    Broken("export: no column for the id", edited("users", "sourcedId", "id"), 2, "'sourcedId' is missing",
           "users.csv:1: "),
    Broken("export: a needed column twice", edited("enrollments", "schoolSourcedId", "role"), 2,
           "'role' appears twice", "enrollments.csv:1: "),
    Broken("export: a web page for users", edited("users", export()["users"], "<html><p>Log in</p></html>"), 2,
           "'sourcedId' is missing", "users.csv:1: "),
    Broken("export: an empty file", edited("users", export()["users"], ""), 2, "the file is empty", "users.csv:1: "),
    Broken("export: broken quotes", edited("enrollments", "e2,", 'e2,"', archive=True), 2, "quotes of the record",
           "enrollments.csv:3: "),
    Broken("export: a zero byte", edited("classes", "Coaching", "Coach\0ing"), 2, "is zero: this is binary",
           "classes.csv:3: "),
    Broken("export: nobody", edited("enrollments", export()["enrollments"].partition("\n")[2], ""), 2,
           "but no rows",
           "enrollments.csv:1: "),
    Broken("export: no such class", lambda folder: edited("orgs", "School", "S")(folder).replace("c1", "c7"), 2,
           "there is no cohort 'c7' here", "enrollments.csv:1: "),
    Broken("export: nobody in the class", edited("enrollments", ",c1,", ",c2,"), 2,
           "in a cohort and a role that lcm.yaml",
           "enrollments.csv:1: "),
    export_row("an unknown class", "e9,,,c9,o1,u1,student,,,", "classes.csv has no class 'c9'"),
    export_row("an unknown user", "e9,,,c1,o1,u9,student,,,", "users.csv has no user 'u9'"),
    export_row("an unknown role", "e9,,,c1,o1,u3,ext:coach,,,", "the role 'ext:coach' is not known"),
    export_row("a date in another form", "e9,,,c1,o1,u3,student,,9/1/2027,", "beginDate '9/1/2027' is not a day"),
    export_row("an end before the start", "e9,,,c1,o1,u3,student,,2027-10-01,2027-09-01", "before it starts"),
    export_row("too few cells", "e9,,,c1,o1", "the row has 5 cells, the header 10"),
    export_row("too many cells", "e9,,,c1,o1,u3,student,,,,,x", "the row has 12 cells, the header 10"),
    Broken("export: an e-mail that is none", edited("users", "marta@x.org", "marta"), 3, "email 'marta' is not",
           "enrollments.csv:3: "),
    Broken("export: one e-mail for two", edited("users", "marta@x.org", "ana@x.org"), 3,
           "belongs to a person with another",
           "enrollments.csv:3: "),
]  # fmt: skip


def changed_export(name: str, old: str, new: str, says: str, place: str, code: int = 2, **more: Any) -> Broken:
    """An export of another version or mode, in a folder or (`archive`) an archive, with a text of a file replaced."""
    kind = f"{more.get('version', '1.1')} {more.get('mode', 'bulk')}{' zip' if more.get('archive') else ''}"
    return Broken(f"export {kind}: {name}", edited(*old.split("/", 1), new, **more), code, says, place)


V12: dict[str, Any] = {"version": "1.2"}
DELTA: dict[str, Any] = {"mode": "delta"}
ZIP: dict[str, Any] = {"archive": True}
NEWER_EXPORTS = [
    changed_export("roles not declared", "manifest/roles,bulk", "roles,absent", "there and not declared", "roles.csv: ",
                   **V12),
    changed_export("roles declared only", "manifest/users,bulk", "users,bulk\nfile.roles,bulk", "declared and missing",
                   "roles.csv: "),
    changed_export("no column for the role", "roles/roleType,role", "roleType,rolle", "'role' is missing",
                   "roles.csv:1: ", **V12, **ZIP),
    changed_export("broken quotes in roles", "roles/r4,,", 'r4,",', "quotes of the record", "roles.csv:3: ", **V12),
    changed_export("an empty file of roles", "roles/" + export("1.2")["roles"], "", "the file is empty",
                   "roles.csv:1: ", **V12, **ZIP),
    changed_export("somebody's own role", "enrollments/c1,o1,u1,student", "c1,o1,u1,",
                   "the role 'ext:boss' is not known", "enrollments.csv:2: ", 3, **V12,
                   roles=export("1.2")["roles"].replace("student", "ext:boss")),
    changed_export("a zero byte", "roles/guardian", "guard\0ian", "is zero: this is binary", "roles.csv:3: ", **V12),
    changed_export("an unknown class", "enrollments/c1,o1,u2", "c9,o1,u2", "classes.csv has no class 'c9'",
                   "enrollments.csv:3: ", 3, **V12, **ZIP),
    changed_export("a day that is none", "enrollments/u1,student,,,", "u1,student,,2027-09-31,",
                   "'2027-09-31' is not a day", "enrollments.csv:2: ", 3, **V12, **ZIP),
]  # fmt: skip
DELTAS = [
    changed_export("an unknown mode", "manifest/users,delta", "users,partly", "'partly' is not one of absent",
                   "manifest.csv:", **DELTA),
    changed_export("enrolments missing", "manifest/enrollments,delta", "enrollments,absent", "there and not declared",
                   "enrollments.csv: ", **DELTA, **ZIP),
    changed_export("an unknown role", "enrollments/u2,teacher", "u2,boss", "the role 'boss' is not known",
                   "enrollments.csv:3: ", 3, **DELTA),
    changed_export("an e-mail that is none", "users/marta@x.org", "marta", "email 'marta' is not",
                   "enrollments.csv:3: ", 3, **V12, **DELTA),
    changed_export("an end before the start", "enrollments/u1,student,,,", "u1,student,,2027-09-15,2027-09-01",
                   "before it starts", "enrollments.csv:2: ", 3, **V12, **DELTA, **ZIP),
    changed_export("two people with one id", "users/u2,,", "u1,,", "two people with the sourcedId 'u1'",
                   "enrollments.csv:2: ", 3, **DELTA),
]  # fmt: skip


def from_the_source(write: Callable[[Path], str], more: str = "") -> Callable[[Path], str]:
    """The same export, of which every class is a cohort."""
    taken = f"cohorts_from: {{timezone: UTC{more}}}"
    return lambda folder: write(folder).replace(", cohorts: {c1: spring}", ", cohorts: {}") + "\n" + taken


FROM_THE_SOURCE = [
    Broken("cohorts from the source: none", from_the_source(edited("classes", "Lea", "Tea"), ", match: [zzz*]"), 2,
           "none of its cohorts is asked for in lcm.yaml; they are: ",
           "enrollments.csv:1: "),
    Broken("cohorts from the source: an unknown role", from_the_source(edited("enrollments", "u2,teacher", "u2,boss")),
           3, "the role 'boss' is not known", "enrollments.csv:3: "),
    Broken("cohorts from the source: a class without days", from_the_source(edited("classes", '"t1,t2"', "t9")), 3,
           "it has no first day", "classes.csv:2: "),
]  # fmt: skip


def database(query: str, *, more: str = "", rows: str = "") -> Callable[[Path], str]:
    """A database with two people, asked a question."""

    def write(folder: Path) -> str:
        connection = sqlite3.connect(folder / "hr.db")
        connection.execute("CREATE TABLE people (id, mail, cohort, role, starts)")
        connection.execute("INSERT INTO people VALUES (1, 'ana@x.org', 'spring', 'learner', NULL)")
        if rows:
            connection.execute(f"INSERT INTO people VALUES {rows}")
        connection.commit()
        connection.close()
        return f'roster: {{sql: HR_URL, enrolments_query: "{query}"{more}}}'

    return write


ASK = "SELECT id AS external_id, mail AS email, cohort, role, starts AS start_date FROM people ORDER BY id"
WRONG_DAY = ", cohorts_query: \"SELECT 'spring' AS cohort, 'soon' AS cohort_start\""
SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def elsewhere(variable: str) -> Callable[[Path], str]:
    return lambda folder: f"roster: {{sql: {variable}, enrolments_query: SELECT 1}}"


def answer(name: str, row: str, says: str, who: str) -> Broken:
    return Broken(f"database: {name}", database(ASK, rows=row), 3, says, f"enrolments_query:{who}: ")


DATABASES = [
    Broken("database: no address", elsewhere("NOWHERE_URL"), 2, "no database address", "NOWHERE_URL: "),
    Broken("database: no address at all", elsewhere("BAD_URL"), 2, "not the address of a database", "BAD_URL: "),
    Broken("database: an unknown kind", elsewhere("COBOL_URL"), 2, "is not supported here", "COBOL_URL: "),
    Broken("database: no file", elsewhere("HR_URL"), 2, "there is no database file", "HR_URL: "),
    Broken("database: the address in the file",
           lambda folder: "roster: {sql: 'sqlite:///hr.db', enrolments_query: q}", 2,
           "name the environment variable", "lcm.yaml:2:10: "),
    Broken("database: no database", file("hr.db", b"nothing of the kind" * 99,
           "roster: {sql: HR_URL, enrolments_query: SELECT * FROM people}"),
           2, "file is not a database", "sql HR_URL, enrolments_query: "),
    Broken("database: nobody there", elsewhere("FAR_URL"), 5, "the database does not answer", "sql FAR_URL: "),
    Broken("database: no SQL", database("SELEKT 1"), 2, "the query fails", "enrolments_query: "),
    Broken("database: no such table", database("SELECT * FROM persons"), 2, "no such table", "enrolments_query: "),
    Broken("database: a query that writes", database("DELETE FROM people"), 2, "the query writes",
           "enrolments_query: "),
    Broken("database: two queries", database("SELECT 1; DROP TABLE people"), 2, "the query fails",
           "enrolments_query: "),
    Broken("database: a query without an end", database(SLOW, more=", timeout_seconds: 0.05"), 5, "longer than 0.05 s",
           "enrolments_query: "),
    Broken("database: a missing column", database("SELECT mail AS email, cohort FROM people"), 2, "'role' is missing",
           "enrolments_query: "),
    Broken("database: no row", database(f"{ASK.replace('ORDER', 'WHERE id > 9 ORDER')}"), 2, "returned no rows",
           "enrolments_query: "),
    Broken("database: cohorts without a name", database(ASK, more=", cohorts_query: SELECT 1 AS c"), 2,
           "'cohort' is missing", "cohorts_query: "),
    Broken("database: cohorts with a wrong day", database(ASK, more=WRONG_DAY), 2, "cohort_start 'soon' is not a day",
           "cohorts_query:1: "),
    answer("an unknown role", "(2, 'ben@x.org', 'spring', 'boss', NULL)", "the role 'boss' is not known", "2"),
    answer("no cohort", "(2, 'ben@x.org', NULL, 'lcm', NULL)", "the cohort is missing", "2"),
    answer("nobody", "(NULL, NULL, 'spring', 'lcm', NULL)", "the row has no identifier", "1"),
    answer("bytes", "(2, x'00ff', 'spring', 'lcm', NULL)", "email holds bytes, not text", "2"),
    answer("a wrong day", "(2, 'ben@x.org', 'spring', 'lcm', '2027-02-30')", "'2027-02-30' is not a day", "2"),
    answer("one e-mail for two", "(2, 'ANA@x.org', 'spring', 'lcm', NULL)", "belongs to a person with another", "2"),
]  # fmt: skip


def sources(*parts: str, **files: str) -> Callable[[Path], str]:
    """Several sources, with CSV files by their text."""

    def write(folder: Path) -> str:
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return "rosters:\n" + "\n".join(f"  - {part}" for part in parts)

    return write


HR = "email,manager_email\nana@x.org,boss@x.org\n"
SOURCES = [
    Broken("sources: one is missing", sources("csv: a.csv", "csv: b.csv", a=CSV), 2, "does not exist", "b.csv: "),
    Broken("sources: one is empty", sources("csv: a.csv", "csv: b.csv", a=CSV, b=""), 2, "the file is empty",
           "b.csv:1: "),
    Broken("sources: one is not there", sources("csv: a.csv", "{sql: FAR_URL, enrolments_query: SELECT 1}", a=CSV), 5,
           "does not answer", "sql FAR_URL: "),
    Broken("sources: no column for people", sources("csv: a.csv", "{csv: b.csv, people_only: true}", a=CSV,
           b="name\nAna\n"),
           2, "no column says who", "b.csv:1: "),
    Broken("sources: an identifier that differs", sources("csv: a.csv", "csv: b.csv", a=CSV, b=CSV.replace("1,a",
           "9,a")),
           3, "with another external_id ('9', there '1')", "b.csv:2: "),
    Broken("sources: somebody who may be two", sources("csv: a.csv", "csv: b.csv", a=CSV, b=CSV.replace("1,ana@",
           "1,ben@")
           .replace("2,ben@", "3,zoe@")), 3, "may be Ana (a.csv:2) and Ben (a.csv:3)", "b.csv:2: "),
    Broken("sources: not to this cohort", sources("csv: a.csv", "{csv: b.csv, feeds: [autumn]}", a=CSV,
           b=CSV + "2,ben@x.org,Ben,autumn,lcm\n"), 3,
           "may not enrol into 'spring'", "b.csv:2: "),
    Broken("sources: an unknown kind", sources("cvs: a.csv"), 2, "say what kind of source this is", "lcm.yaml:3:5: "),
    Broken("sources: an unknown option", sources("{csv: a.csv, rolls: {}}"), 2, "Did you mean 'roles'?", "lcm.yaml:3:"),
    Broken("sources: an undeclared cohort", sources("{csv: a.csv, default_cohort: sprong}"), 2,
           "Did you mean 'spring'?",
           "lcm.yaml:3:"),
    Broken("sources: none installed", sources("plugin: my-lms"), 2,
           "no installed package has an entry point 'my-lms'", "plugin my-lms: "),
]  # fmt: skip


def of_ones_own(body: str, name: str = "") -> Callable[[Path], str]:
    """A package beside `lcm.yaml` with a source of one's own: a function with this body."""

    def write(folder: Path) -> str:
        module = f"own_{abs(hash(body)):x}"
        info = folder / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[discourse_lcm.rosters]\nmine = {module}:rows\n", encoding="utf-8")
        (folder / f"{module}.py").write_text(OWN.format(body=body), encoding="utf-8")
        return f"roster: {{plugin: {name or 'mine'}}}"

    return write


OWN = """\
from sync_worker.errors import RosterError, SourceError
from sync_worker.model import RejectedRow
from sync_worker.rosters.rows import Row

def rows(options, now, environment):
    yield Row("a", {{"email": "ana@x.org", "cohort": "spring", "role": "learner"}})
    {body}
"""
ROW_B = "yield Row('b', {'email': 'ben@x.org', 'cohort': 'spring', 'role': 'lcm'} | %s)"
OWN_SOURCES = [
    Broken("own: breaks half-way", of_ones_own("{}['x']"), 5, "the source broke: KeyError: 'x'", "plugin mine: "),
    Broken("own: says that it did not answer", of_ones_own("raise SourceError('no answer.', where='the LMS')"), 5,
           "no answer", "the LMS: "),
    Broken("own: says that it cannot be trusted", of_ones_own("raise RosterError('half a file.', where='f:1')"), 2,
           "half a file", "f:1: "),
    Broken("own: misspelt", of_ones_own("", "mien"), 2, "Did you mean 'mine'?", "plugin mien: "),
    Broken("own: cannot be loaded", of_ones_own("pass\n1 / 0"), 2, "cannot be loaded: ZeroDivisionError",
           "plugin mine: "),
    Broken("own: a row that it rejects", of_ones_own("yield RejectedRow('b', 'cannot be read.')"), 3, "cannot be read",
           "b: "),
    Broken("own: an unknown role", of_ones_own(ROW_B % "{'role': 'boss'}"), 3, "the role 'boss' is not known", "b: "),
    Broken("own: an unknown cohort", of_ones_own(ROW_B % "{'cohort': 'sprong'}"), 3, "Did you mean 'spring'?", "b: "),
    Broken("own: not text", of_ones_own(ROW_B % "{'email': ['b']}"), 3, "email is a list, not text", "b: "),
    Broken("own: half a character", of_ones_own(ROW_B % "{'name': '\\ud800'}"), 3, "name holds", "b: "),
    Broken("own: a zero byte", of_ones_own(ROW_B % "{'name': 'B\\0'}"), 3, "name holds", "b: "),
    Broken("own: an endless cell", of_ones_own(ROW_B % "{'name': 'x' * 1001}"), 3, "1,001 characters", "b: "),
    Broken("own: no row", of_ones_own("yield 7"), 5, "the source yields a number, not a Row", "plugin mine: "),
]  # fmt: skip
ALL = [*WORKBOOKS, *EXPORTS, *NEWER_EXPORTS, *DELTAS, *FROM_THE_SOURCE, *DATABASES, *SOURCES, *OWN_SOURCES]
