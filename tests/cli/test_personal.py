"""`lcm forget` and `lcm export` over a real forum, a real roster and a real store."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from sync_worker.store.database import open_store
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.tables import ForgottenRow, IdentityRow, LedgerRow
from tests.cli.place import CSV_ROSTER, GOOD_CSV, Place

if TYPE_CHECKING:
    from tests.conftest import PracticeForum

NEXT_DAY, LATER = "2027-03-11T09:00+00:00", "2027-03-20T09:00+00:00"
SMALL = ", small_group_removals: 10, max_removal_fraction: 1"


@pytest.fixture
def place(practice_forum: PracticeForum, tmp_path: Path) -> Place:
    return Place.filled(practice_forum, tmp_path)


def members(place: Place) -> set[str]:
    found = place.forum.get("/groups/spring/members.json")["members"]
    return {member["username"] for member in found}


@pytest.mark.parametrize("called", ["ana", "ANA@x.org", "1", "Ana"])
def test_a_person_is_exported_whatever_they_are_called(place: Place, tmp_path: Path, called: str) -> None:
    result = place.lcm(tmp_path, CSV_ROSTER, "export", called)
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert set(data["held"]) >= {"memberships", "identities"}
    assert {mail.lower() for mail in data["known_as"]["emails"]} == {"ana@x.org"}
    assert "ben" not in json.dumps(data["held"]["memberships"])


def test_an_export_to_a_file_can_be_read_by_its_owner_alone(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "ana.json"
    assert place.lcm(tmp_path, CSV_ROSTER, "export", "ana", "--out", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text(encoding="utf-8"))["held"]["memberships"]


def test_an_export_that_cannot_be_written_is_an_error_with_its_place(place: Place, tmp_path: Path) -> None:
    result = place.lcm(tmp_path, CSV_ROSTER, "export", "ana", "--out", str(tmp_path / "nowhere" / "ana.json"))
    assert result.exit_code == 2, result.output
    assert "nowhere/ana.json: the export cannot be written: No such file or directory." in result.stderr


def test_a_report_that_cannot_be_written_is_an_error_with_its_place(place: Place, tmp_path: Path) -> None:
    result = place.lcm(tmp_path, CSV_ROSTER, "report", "--all", "--out", str(tmp_path / "r.csv" / "report"))
    assert result.exit_code == 2, result.output
    assert "r.csv/report: the report cannot be written: Not a directory." in result.stderr


def test_without_apply_nothing_is_forgotten(place: Place, tmp_path: Path) -> None:
    before = place.lcm(tmp_path, CSV_ROSTER, "export", "ana").stdout
    shown = place.lcm(tmp_path, CSV_ROSTER, "forget", "ana")
    assert shown.exit_code == 0, shown.output
    assert "Would forget" in shown.output
    assert "lcm added the person to spring" in shown.output
    assert place.lcm(tmp_path, CSV_ROSTER, "export", "ana").stdout == before


def test_a_forgotten_person_is_in_no_file_of_the_store_and_no_sync_adds_them_again(
    place: Place, tmp_path: Path
) -> None:
    result = place.lcm(tmp_path, CSV_ROSTER, "forget", "ana", "--apply")
    assert result.exit_code == 0, result.output
    assert "finds the person no more" in result.output
    store = Path(str(place.world.store).removeprefix("sqlite:///"))
    content = b"".join(file.read_bytes() for file in store.parent.glob(f"{store.name}*"))
    assert b"ben@x.org" in content or b"ben" in content
    assert b"ana@x.org" not in content
    place.forum.call("DELETE", "/groups/spring/members.json", json={"usernames": "ana"})
    group = place.forum.get("/groups/spring.json")["group"]["id"]
    place.forum.call("DELETE", f"/groups/{group}/members.json", json={"usernames": "ana"})
    synced = place.lcm(tmp_path, CSV_ROSTER, "sync", "--apply", now=NEXT_DAY)
    assert synced.exit_code == 0, synced.output
    assert "1 row is left out, of people who asked to be forgotten" in synced.output
    assert "ana" not in members(place)
    assert place.lcm(tmp_path, CSV_ROSTER, "export", "ana@x.org").exit_code == 2


def test_a_forgotten_person_who_is_still_in_the_group_is_left_there_and_never_removed(
    place: Place, tmp_path: Path
) -> None:
    place.lcm(tmp_path, CSV_ROSTER, "forget", "ana", "--apply")
    (tmp_path / "r.csv").write_text(GOOD_CSV.replace("1,ana@x.org,Ana,spring,learner\n", ""), encoding="utf-8")
    synced = place.lcm(tmp_path, CSV_ROSTER, "sync", "--apply", limits=SMALL, now=LATER)
    assert synced.exit_code == 0, synced.output
    assert "ana" in members(place)  # lcm does not know any more that it had added her


def test_a_forgotten_person_is_taken_again_when_that_is_taken_back(place: Place, tmp_path: Path) -> None:
    place.lcm(tmp_path, CSV_ROSTER, "forget", "ana", "--apply")
    undone = place.lcm(tmp_path, CSV_ROSTER, "forget", "ana@x.org", "--undo", "--apply")
    assert "taken from the roster again" in undone.output
    synced = place.lcm(tmp_path, CSV_ROSTER, "sync", "--apply", now=NEXT_DAY)
    assert "asked to be forgotten" not in synced.output
    assert place.lcm(tmp_path, CSV_ROSTER, "export", "ana@x.org").exit_code == 0


def test_nobody_is_forgotten_whom_nobody_knows(place: Place, tmp_path: Path) -> None:
    result = place.lcm(tmp_path, CSV_ROSTER, "forget", "nadia", "--apply")
    assert result.exit_code == 2
    assert "neither the store, the roster nor the forum knows 'nadia'" in result.output


def test_one_persons_name_that_is_anothers_username_is_nobody_in_particular(place: Place, tmp_path: Path) -> None:
    roster = GOOD_CSV.replace("1,ana@x.org,Ana,", "1,ana@x.org,Ana Silva,").replace(",Ben,", ",Ana,")
    (tmp_path / "r.csv").write_text(roster, encoding="utf-8")
    result = place.lcm(tmp_path, CSV_ROSTER, "forget", "ana", "--apply")
    assert result.exit_code == 2, result.output
    assert "another one's name on the forum" in result.output
    exported = json.loads(place.lcm(tmp_path, CSV_ROSTER, "export", "ben@x.org").stdout)
    assert exported["known_as"]["usernames"] == ["ben"]


def test_an_account_that_only_the_forum_knows_can_be_forgotten(place: Place, tmp_path: Path) -> None:
    place.forum.call("PUT", "/groups/spring/members.json", json={"usernames": "zoe"})
    result = place.lcm(tmp_path, CSV_ROSTER, "forget", "zoe", "--apply")
    assert result.exit_code == 0, result.output
    with closing(open_store(str(place.world.store))) as store, store.begin() as session:
        account = place.forum.get("/u/zoe.json")["user"]["id"]
        [forum] = session.scalars(select(ForgottenRow.forum).distinct())
        assert read_forgotten(session, forum).has_account(account)


def test_topics_of_the_worker_that_quote_the_person_are_named(place: Place, tmp_path: Path) -> None:
    account = place.forum.get("/u/ana.json")["user"]["id"]
    with closing(open_store(str(place.world.store))) as store, store.begin() as session:
        [forum] = session.scalars(select(IdentityRow.forum).distinct())
        moment = datetime(2027, 3, 8, 9, tzinfo=UTC)
        session.add(
            LedgerRow(
                key="k", forum=forum, cohort="spring", playbook="p", step="s", slot=moment, action="topic",
                state="done", attempts=1, payload={"raw": "> so", "about_users": [account]}, result={"topic_id": 77},
                created_at=moment, updated_at=moment,
            )
        )  # fmt: skip
    assert "/t/77." in place.lcm(tmp_path, CSV_ROSTER, "forget", "ana").output


def test_by_the_username_alone_a_person_is_found_in_the_roster_too_with_address_and_name(
    place: Place, tmp_path: Path
) -> None:
    (tmp_path / "r.csv").write_text(GOOD_CSV.replace(",Ana,", ",Ana Silva,"), encoding="utf-8")
    known = json.loads(place.lcm(tmp_path, CSV_ROSTER, "export", "ana").stdout)["known_as"]
    assert (known["emails"], known["ids"], known["names"]) == (["ana@x.org"], ["1"], ["Ana Silva"])
    assert place.lcm(tmp_path, CSV_ROSTER, "forget", "ana", "--apply").exit_code == 0
    undone = place.lcm(tmp_path, CSV_ROSTER, "forget", "ana@x.org", "--undo", "--apply")
    assert "taken from the roster again" in undone.output


def test_a_person_gets_a_page_of_their_own_in_their_cohorts_language(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "ana.html"
    assert place.lcm(tmp_path, CSV_ROSTER, "export", "ana", "--html", "--out", str(file)).exit_code == 0
    page = file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "<h1>What is held about you</h1>" in page
    assert "Groups that you are in because of us" in page
    shown = place.lcm(tmp_path, CSV_ROSTER, "export", "ana", "--html", "--language", "fr").stdout
    assert "<h1>Ce qui est conservé à votre sujet</h1>" in shown
    wrong = place.lcm(tmp_path, CSV_ROSTER, "export", "ana", "--language", "fr")
    assert (wrong.exit_code, "--language belongs to --html" in wrong.output) == (2, True)
