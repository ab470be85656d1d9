"""A file that is not UTF-8 is taken for cp1252 where nothing else would read as well, and never guessed otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.config.rosters import CsvRosterSettings
from sync_worker.errors import RosterError
from sync_worker.rosters.row_reader import KnownCohorts
from sync_worker.rosters.tabular.csv_file import read_csv_roster
from sync_worker.rosters.tabular.files import CANDIDATES, WESTERN, guess

NOW = datetime(2027, 3, 10, tzinfo=UTC)
CERTAIN = [
    "Zoé Müller",
    "Zoé Lefèvre;Début",
    "Hélène Benoît François Loïc Jérôme Thérèse Gaëlle",
    "MÜLLER Größe",
    "José Muñoz García Íñigo",
    "João Conceição",
    "Søren Kjær Ångström",
    "É;é",
]
DOUBTFUL = [
    ("cp1252", "Hélène"), ("cp1250", "Łódź, świadome przywództwo"), ("cp1250", "Kędzierska"), ("cp1250", "Nováček"),
    ("cp1250", "Dvořák Nováček Erdős Weöres"), ("mac_roman", "Équipe à Orléans"), ("mac_roman", "García"),
    ("mac_roman", "Zoé Müller"), ("shift_jis", "春のリーダー"), ("gb18030", "王小明"), ("big5", "王小明"),
    ("euc_kr", "김철수"), ("cp1251", "Весенние лидеры"), ("cp1253", "Γιώργος"), ("cp1254", "Ayşe Yılmaz"),
    ("cp1255", "משה כהן"), ("cp1256", "محمد علي"), ("cp1257", "Jānis Bērziņš"), ("cp850", "Zoé Müller"),
    ("cp437", "Zoé"), ("koi8_r", "Весенние лидеры"), ("iso8859_2", "Łukasz Żak"),
]  # fmt: skip


@pytest.mark.parametrize("text", CERTAIN)
def test_text_of_western_europe_is_known_where_it_reads_as_nothing_else(text: str) -> None:
    assert guess(text.encode("cp1252")).encoding == "cp1252"


@pytest.mark.parametrize(("encoding", "name"), DOUBTFUL)
def test_a_name_is_never_garbled_without_a_word(encoding: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(f'email,name,cohort,role\nana@x.org,"{name}",spring,learner\n'.encode(encoding))
    with pytest.raises(RosterError) as caught:
        read_csv_roster(CsvRosterSettings(csv=path), KnownCohorts(("spring",)), NOW, {})
    assert str(caught.value).startswith(f"{path}:2: ")
    assert "not UTF-8" in caught.value.what or "neither UTF-8 nor cp1252" in caught.value.what
    settings = CsvRosterSettings(csv=path, encoding=encoding)
    roster = read_csv_roster(settings, KnownCohorts(("spring",)), NOW, {})
    assert roster.enrolments[0].person.name == name


def test_the_message_shows_a_word_as_each_likely_encoding_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes("email,name,cohort,role\nana@x.org,Nováček,spring,learner\n".encode("cp1250"))
    with pytest.raises(RosterError) as caught:
        read_csv_roster(CsvRosterSettings(csv=path), KnownCohorts(("spring",)), NOW, {})
    assert "'Nováèek' in cp1252 (western Europe), 'Nováček' in cp1250 (central Europe)" in caught.value.what
    assert caught.value.do is not None
    assert "set the right one: 'encoding: cp1252' under the roster" in caught.value.do


def test_letters_far_down_in_a_large_file_decide_as_well(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    rows = "".join(f"p{number}@x.org,Plain Name,spring,learner\n" for number in range(40_000))
    path.write_bytes(f"email,name,cohort,role\n{rows}zoe@x.org,Zoé Lefèvre,spring,learner\n".encode("cp1252"))
    roster = read_csv_roster(CsvRosterSettings(csv=path), KnownCohorts(("spring",)), NOW, {})
    assert roster.enrolments[-1].person.name == "Zoé Lefèvre"


CENTRAL = [
    "Wiśniewski",
    "Wójcik",
    "Kamiński",
    "Zieliński",
    "Szymański",
    "Woźniak",
    "Dąbrowski",
    "Kozłowski",
    "Pawłowski",
    "Król",
    "Wróbel",
    "Jabłoński",
    "Stępień",
    "Górski",
    "Łukasz",
    "Żak",
    "Kędzierska",
    "Dvořák",
    "Černý",
    "Procházka",
    "Kučera",
    "Veselý",
    "Horák",
    "Němec",
    "Pokorný",
    "Pospíšil",
    "Hájek",
    "Jelínek",
    "Růžička",
    "Beneš",
    "Sedláček",
    "Doležal",
    "Kolář",
    "Čermák",
    "Vaněk",
    "Blažek",
    "Kříž",
    "Kovář",
    "Trnčák",
    "Smrž",
    "Hrdlička",
    "Štěpánek",
    "Krč",
    "Čtvrtek",
    "Kováč",
    "Horváth",
    "Tóth",
    "Ďurica",
    "Ľudovít",
    "Stŕbik",
    "Szűcs",
    "Erdős",
    "Kovács",
    "Szabó",
    "Pető",
    "Győri",
    "Hegedűs",
    "Kovačević",
    "Babić",
    "Marić",
    "Šarić",
    "Đurić",
    "Băsescu",
    "Ţiriac",
    "Şerban",
    "Iliescu",
    "Mureşan",
]
TURKISH = [
    "Yılmaz",
    "Şahin",
    "Çelik",
    "Yıldız",
    "Öztürk",
    "Aydın",
    "Doğan",
    "Kılıç",
    "Arslan",
    "Çetin",
    "Koç",
    "Güneş",
    "Işık",
    "İnan",
]
BALTIC = [
    "Bērziņš",
    "Kalniņš",
    "Ozoliņš",
    "Jānis",
    "Kazlauskas",
    "Stankevičius",
    "Žukauskas",
    "Jankauskienė",
    "Tamm",
    "Sepp",
    "Mägi",
    "Kask",
    "Õunapuu",
]


@pytest.mark.parametrize(
    ("encoding", "names"), [("cp1250", CENTRAL), ("cp1254", TURKISH), ("cp1257", BALTIC), ("mac_roman", CERTAIN)]
)
def test_no_name_of_another_part_of_europe_is_taken_for_a_western_one(encoding: str, names: list[str]) -> None:
    for name in [*names, " ".join(names[:3])]:
        data = name.encode(encoding)
        if guess(data).encoding == "cp1252":
            assert data.decode("cp1252") == name


@given(st.binary(max_size=60))
def test_any_bytes_are_read_in_one_encoding_or_shown_in_several(data: bytes) -> None:
    found = guess(data)
    if found.encoding is None:
        assert set(found.readings) <= set(CANDIDATES)
        assert len(set(found.readings.values())) == len(found.readings)
    else:
        assert (found.encoding, found.readings) == (WESTERN, {})
        assert data.decode(WESTERN).encode(WESTERN) == data
