"""A broken roster is refused with its exit code, file and line, and what to do; the forum is not even
called, and the store stays as it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import place as places

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.place import Place

NOW = datetime.fromisoformat(places.NOW)
COLUMNS = [
    "external_id",
    "email",
    "username",
    "name",
    "cohort",
    "role",
    "manager_email",
    "start_date",
    "end_date",
    "status",
]
HEADER = ",".join(COLUMNS) + "\n"
ANA = "1,ana@x.org,ana,Ana Silva,spring,learner,boss@x.org,2027-03-01,2027-05-31,active\n"
BEN = "2,ben@x.org,ben,Ben Costa,spring,lcm,boss@x.org,2027-03-01,2027-05-31,active\n"


@dataclass(frozen=True)
class Broken:
    """A roster, and how it must be refused."""

    name: str
    content: bytes
    code: int
    says: str
    line: int | None = None
    roster: str = ""
    limits: str = ""
    age_days: int = 0


def whole(name: str, content: str | bytes, says: str, line: int | None = 1, **more: Any) -> Broken:
    """A file that cannot be trusted as a whole: exit code 2."""
    return Broken(name, content.encode() if isinstance(content, str) else content, 2, says, line, **more)


def row(name: str, bad: str, says: str, line: int = 3, **more: Any) -> Broken:
    """A good row followed by a bad one: exit code 3, because no rejected row is allowed."""
    return Broken(name, (HEADER + ANA + bad).encode(), 3, says, line, **more)


def changed(**cells: str) -> str:
    """Ben's row with some cells changed."""
    values = dict(zip(COLUMNS, BEN.strip().split(","), strict=True)) | cells
    return ",".join(values.values()) + "\n"


def without(column: str) -> str:
    """A table that lacks a column."""
    place = COLUMNS.index(column)
    rows = [line.split(",") for line in (HEADER + ANA + BEN).splitlines()]
    return "".join(",".join(cells[:place] + cells[place + 1 :]) + "\n" for cells in rows)


GOOD = HEADER + ANA + BEN
TABLES = [
    whole("an empty file", "", "the file is empty"),
    whole("only blank lines", "\n \n\n", "the file is empty"),
    whole("only a byte order mark", b"\xef\xbb\xbf", "the file is empty"),
    whole("only separators", ",,,\n,,\n", "no header"),
    whole("a header and nobody", HEADER, "a header but no rows"),
    whole("no header", ANA + BEN, "'cohort' is missing"),
    whole("no cohort column", without("cohort"), "'cohort' is missing"),
    whole("no role column", without("role"), "'role' is missing"),
    whole("a misspelt cohort column", GOOD.replace("cohort", "cohorte", 1), "The nearest header is 'cohorte'"),
    whole("a misspelt email column", GOOD.replace("email", "emial", 1), "The nearest header is 'emial'"),
    whole("nothing that says who", "name,cohort,role\nAna,spring,learner\n", "no column says who a person is"),
    whole("a column twice", GOOD.replace("username", "email", 1), "'email' appears twice (2 and 3)"),
    whole("a column twice in another spelling", GOOD.replace("username", "E-Mail", 1), "appears twice"),
    whole("a mapped column that is not there", GOOD, "'Courriel' is missing", roster="columns: {email: Courriel}"),
    whole("a separator that nobody knows", GOOD.replace(",", "~"), "is missing"),
    whole("UTF-16 with a mark", GOOD.encode("utf-16"), "text in UTF-16"),
    whole("UTF-16 without a mark", GOOD.encode("utf-16-le"), "text in UTF-16"),
    whole("UTF-32", GOOD.encode("utf-32"), "text in UTF-32"),
    whole("neither UTF-8 nor cp1252", (GOOD + "3,zo\x81@x.org").encode("latin-1"), "neither UTF-8 nor cp1252", 4),
    whole("UTF-8 with a damaged byte", GOOD.replace("Silva", "Sílvã").encode() + b"\xff", "0xff) is not UTF-8", 4),
    whole("cp1252 where UTF-8 is demanded", GOOD.replace("Ben", "Zoé").encode("cp1252"), "0xe9) is not UTF-8", 3,
          roster="encoding: utf-8"),
    whole("a UTF-8 mark and then cp1252", b"\xef\xbb\xbf" + GOOD.replace("Ana", "é").encode("cp1252"), "not UTF-8", 2),
    whole("a zero byte", GOOD.replace("Ana S", "Ana\0S"), "is zero: this is binary", 2),
    whole("an Excel workbook", b"PK\x03\x04\x14\x00\x06", "an Excel workbook"),
    whole("an old Excel workbook", b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel workbook"),
    whole("a PDF", b"%PDF-1.7\n", "a PDF"),
    whole("a gzip archive", b"\x1f\x8b\x08\x00", "a gzip archive"),
    whole("a web page", "<!doctype html>\n<p>Log in first</p>\n", "is missing"),
    whole("JSON", '{"people": []}\n', "is missing"),
    whole("a quote that is never closed", GOOD + '3,"zoe@x.org,zoe\n4,x@x.org\n', "quotes of the record", 4),
    whole("a quote that is closed too early", GOOD.replace("Ana Silva", '"Ana" Silva'), "quotes of the record", 2),
    whole("not one good row", HEADER + ANA.replace("ana@x.org", "ana"), "no usable rows", 2),
    whole("a file that is too old", GOOD, "older than 3 days", roster="max_age_days: 3", age_days=4),
    row("an undeclared cohort", changed(cohort="sprong"), "'sprong' is not declared. Did you mean 'spring'?"),
    row("no cohort", changed(cohort=""), "the cohort is missing"),
    row("a date in another order", changed(start_date="01/03/2027"), "start_date '01/03/2027' is not a day"),
    row("a day that does not exist", changed(end_date="2027-02-30"), "end_date '2027-02-30' is not a day"),
    row("a date with a time", changed(end_date="2027-05-31 09:30"), "is not a day"),
    row("a word for a date", changed(start_date="soon"), "start_date 'soon' is not a day"),
    row("a year of two digits", changed(start_date="0027-03-01"), "is in the year 27"),
    row("an end before the start", changed(end_date="2027-02-01"), "ends (2027-02-01) before it starts"),
    row("an unknown role", changed(role="lmc"), "the role 'lmc' is not known. Did you mean 'lcm'?"),
    row("an unknown status", changed(status="maybe"), "the status 'maybe' is not known"),
    row("nobody", changed(external_id="", email="", username=""), "the row has no identifier"),
    row("an e-mail without an at", changed(email="ben.x.org"), "email 'ben.x.org' is not an e-mail address"),
    row("an e-mail without a domain", changed(email="ben@"), "is not an e-mail address"),
    row("an e-mail with a blank", changed(email="ben costa@x.org"), "is not an e-mail address"),
    row("two e-mails in a cell", changed(email="ben@x.org;b@x.org"), "is not an e-mail address"),
    row("a display name in the e-mail", changed(email="Ben <ben@x.org>"), "is not an e-mail address"),
    row("a manager's e-mail that is none", changed(manager_email="the boss"), "manager_email 'the boss' is not"),
    row("a username with a blank", changed(username="ben costa"), "cannot be a username"),
    row("usernames joined by a comma", changed(username='"ben,ana"'), "cannot be a username"),
    row("an endless external id", changed(external_id="9" * 300), "the external id has 300 characters"),
    row("two roles at once", BEN + ANA.replace("learner", "lcm"), "as lcm here and as learner in roster.csv:2; neither",
        4),
    row("a formula", changed(external_id="=A2+1"), "external_id is a formula (=A2+1), not its value"),
    row("an id that a spreadsheet shortened", changed(external_id="1.23E+05"), "a spreadsheet has shortened"),
    row("an id with marks between thousands", changed(external_id='"1,234"'), "with marks between its thousands"),
    row("an id with a decimal point", changed(external_id="42.0"), "a number with a decimal point"),
    row("a blank that is no space in an id", changed(external_id="E\u00a042"), "holds the blank U+00A0"),
    row("a mark of direction in an id", changed(external_id="E\u200f42"), "invisible character U+200F"),
    row("a soft hyphen in an e-mail", changed(email="ben\u00ad@x.org"), "invisible character U+00AD"),
    row("a link for an e-mail", changed(email="mailto:ben@x.org"), "is not an e-mail address"),
    row("a spreadsheet's number for a day", changed(start_date="46447"), "by which a spreadsheet stores a day"),
    row("a start that never comes", changed(start_date="9999-12-31"), "is in the year 9999"),
    row("a line of totals", "Total,25,,,,,,,,\n", "the cohort is missing"),
    row("the header again", HEADER, "the header is repeated here"),
    row("the same e-mail under another id", changed(email="ANA@x.org"), "email 'ana@x.org' belongs to a person"),
    row("the same id under another e-mail", changed(external_id="1"), "is in cohort 'spring' already"),
    row("the same username for two people", changed(username="Ana"), "username 'ana' belongs to a person"),
    row("one id for two people in two cohorts", changed(external_id="1", cohort="autumn"), "belongs to a person"),
    row("too few cells", "2,ben@x.org\n", "the row has 2 cells, the header 10"),
    row("too many cells", BEN.replace("\n", ",extra\n"), "the row has 11 cells, the header 10"),
    row("an unquoted comma in a name", changed(name="Costa, Ben"), "the row has 11 cells"),
    row("a cell that swallowed the rest", changed(name="x" * 1_001), "a cell has 1,001 characters"),
    row("an invisible character", changed(name="Ben\u200bCosta"), "invisible character U+200B"),
    row("a bad row after a quoted newline", changed(name='"Ben\nCosta"') + "3,zoe\n", "the row has 2 cells", 5),
    row("a bad row after blank lines", "\n\n2,ben@x.org\n", "the row has 2 cells", 5),
    row("more bad rows than allowed", changed(role="x") + changed(role="y"), "2 rows of the roster rejected, 1 allowed",
        4, limits=", max_rejected_rows: 1"),
]  # fmt: skip


def write(folder: Path, broken: Broken) -> str:
    """Write the roster; return its part of lcm.yaml."""
    roster = folder / "roster.csv"
    roster.write_bytes(broken.content)
    if broken.age_days:
        then = NOW.timestamp() - broken.age_days * 86_400
        os.utime(roster, (then, then))
    return f"roster:\n  csv: roster.csv\n  {broken.roster}"


@pytest.mark.parametrize("broken", TABLES, ids=lambda broken: broken.name)
def test_it_is_refused_with_place_and_advice_and_nothing_is_changed(
    broken: Broken, place: Place, tmp_path: Path
) -> None:
    place.check_refused(
        tmp_path,
        write(tmp_path, broken),
        code=broken.code,
        says=broken.says,
        where=f"roster.csv:{broken.line}: ",
        limits=broken.limits,
    )


def test_there_are_enough_of_them_and_each_is_told_apart() -> None:
    assert len(TABLES) >= 60
    assert len({broken.name for broken in TABLES}) == len(TABLES)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_roster_that_is_not_there_is_a_configuration_error(name: str, place: Place, tmp_path: Path) -> None:
    place.check_refused(tmp_path, f"roster: {{csv: {name}}}", code=2, says="the roster", where=name)
