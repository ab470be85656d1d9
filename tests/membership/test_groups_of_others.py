"""Groups and categories are ours by their ids: what others made under the names of ours is adopted, or left alone."""

from __future__ import annotations

import pytest

from sync_worker.errors import ConfigError
from sync_worker.model import ChangeKind, Person, Role
from sync_worker.store.tables import CreatedRow
from tests.membership.school import ALLOW, School

ADOPT = (*ALLOW, "adopt")
PEOPLE = tuple(Person(email=f"{name}@example.org", name=name.capitalize()) for name in ("ana", "ben", "cleo"))


@pytest.fixture(autouse=True)
def accounts(school: School) -> None:
    """Learners, and a board that has nothing to do with them."""
    for name in ("ana", "ben", "cleo", "chair", "trustee"):
        school.account(name)


def test_nobody_is_added_to_the_boards_group_that_has_the_cohorts_name(school: School) -> None:
    school.make_group("spring", "chair", "trustee")
    school.roster(*PEOPLE)
    _, report = school.sync()
    assert school.members("spring") == {"chair", "trustee"}
    assert report.failed == ()
    reasons = school.reasons(ChangeKind.KEPT)
    assert (
        "would adopt the group 'spring' that exists already: 2 members, 2 of them not of this cohort, made by "
        "somebody else. Nobody is added to it and no category is opened to it; allow 'adopt' in limits.allow, or "
        "give the cohort another group" in reasons
    )
    assert sum(reason.startswith("the group is not ours: learner") for reason in reasons) == 3
    assert not any(change.kind is ChangeKind.CREATE_CATEGORY for change in report.done if change.cohort == "spring")


def test_what_is_not_ours_is_planned_again_word_for_word_and_never_done(school: School) -> None:
    school.make_group("spring", "chair", "trustee")
    school.roster(*PEOPLE)
    first = school.plan().plan.changes
    school.sync()
    assert [line for line in first if line.cohort == "spring" and line.kind is ChangeKind.KEPT] == [
        line for line in school.plan().plan.changes if line.cohort == "spring" and line.kind is ChangeKind.KEPT
    ]
    assert school.plan().plan.effective == ()


def test_with_adopt_the_group_becomes_ours_by_a_line_of_its_own_and_its_members_stay(school: School) -> None:
    number = school.make_group("spring", "chair", "trustee")
    school.allow = ADOPT
    school.roster(*PEOPLE)
    _, report = school.sync()
    (line,) = [change for change in report.done if change.kind is ChangeKind.ADOPT_GROUP]
    assert line.reason.startswith("adopts the group 'spring' that exists already: 2 members, 2 of them not of this")
    assert school.members("spring") == {"chair", "trustee", "ana", "ben", "cleo"}
    with school.store.begin() as session:
        row = session.get(CreatedRow, (school.name, "group", "spring"))
        assert row is not None
        assert (row.forum_id, row.state) == (number, "adopted")
    school.allow = ALLOW
    school.roster(PEOPLE[0])
    school.sync()
    assert school.members("spring") == {"chair", "trustee", "ana"}


def test_a_group_made_anew_for_other_people_gets_nothing_and_nobody_has_left_it(school: School) -> None:
    school.roster(*PEOPLE)
    school.enrol(Person(email="chair@example.org", name="Chair"), role=Role.LCM)
    school.sync()
    assert school.members("spring") == {"ana", "ben", "cleo", "chair"}
    school.delete_group("spring")
    school.make_group("spring", "trustee")
    prepared, _ = school.sync()
    assert "the group of ours was deleted, and this one made anew" in " ".join(school.reasons(ChangeKind.KEPT))
    assert not any("left the group" in change.reason for change in prepared.plan.changes)
    assert school.members("spring") == {"trustee"}
    assert "spring" not in school.readers("spring")
    school.allow = ADOPT
    school.sync()
    assert school.members("spring") == {"ana", "ben", "cleo", "chair", "trustee"}
    assert "spring" in school.readers("spring")
    school.roster(*PEOPLE[:2])
    school.sync()
    assert "trustee" in school.members("spring")


def test_undo_neither_fills_nor_empties_a_group_that_was_made_anew(school: School) -> None:
    school.roster(*PEOPLE)
    _, first = school.sync()
    school.roster(*PEOPLE[:1])
    _, second = school.sync()
    school.delete_group("spring")
    school.make_group("spring", "ana", "trustee")
    school.undo(second.run)
    school.undo(first.run)
    assert school.members("spring") == {"ana", "trustee"}


def test_a_group_of_ours_that_was_renamed_while_another_took_its_name_is_named(school: School) -> None:
    school.roster(*PEOPLE)
    school.enrol(PEOPLE[0], "autumn")
    school.sync()
    number = school.group_id("spring")
    renamed = {"group": {"name": "old_spring"}, "update_existing_users": "false"}
    answer = school.forum.call("PUT", f"/groups/{number}.json", json=renamed)
    assert answer.ok, answer.text
    school.make_group("spring", "trustee")
    school.roster(*PEOPLE[:2])
    prepared, _ = school.sync()
    assert school.members("old_spring") == {"ana", "ben", "cleo"}
    assert school.members("spring") == {"trustee"}
    told = " ".join(change.reason for change in prepared.plan.changes)
    assert "the group 'spring' is called 'old_spring'" in told


def test_the_lcm_group_is_held_to_the_same(school: School) -> None:
    school.make_group("spring-lcm", "trustee")
    school.roster(*PEOPLE[:2])
    school.enrol(PEOPLE[2], role=Role.LCM)
    school.sync()
    assert school.members("spring-lcm") == {"trustee"}
    with pytest.raises(StopIteration):
        school.category("spring")


def test_an_alumni_group_that_was_there_before_is_adopted_or_left_alone(school: School) -> None:
    school.make_group("old-hands", "chair", "trustee")
    school.more = {"spring": {"end": "2027-03-20", "archive_after": 0, "alumni_group": "old-hands"}}
    school.roster(*PEOPLE)
    school.sync()
    school.sync(hours=24 * 8)
    assert school.members("old-hands") == {"chair", "trustee"}
    assert any(reason.startswith("would adopt the group 'old-hands'") for reason in school.reasons(ChangeKind.KEPT))
    school.allow = ADOPT
    school.sync()
    assert school.members("old-hands") == {"chair", "trustee", "ana", "ben", "cleo"}


@pytest.mark.parametrize("name", ["everyone", "Everyone", "staff", "admins", "moderators", "trust_level_1"])
@pytest.mark.parametrize("setting", ["group", "lcm_group"])
def test_discourses_own_groups_are_refused(school: School, name: str, setting: str) -> None:
    school.more = {"spring": {setting: name}}
    school.roster(*PEOPLE)
    with pytest.raises(ConfigError, match="one of Discourse's own"):
        school.sync()
    with pytest.raises(StopIteration):
        school.category("spring")


def test_discourses_own_groups_are_refused_in_the_sites_language(school: School) -> None:
    school.set("default_locale", "fr")
    names = {group["id"]: group["name"] for group in school.forum.get("/site.json")["groups"]}
    school.more = {"spring": {"group": names[3]}}
    school.roster(*PEOPLE)
    with pytest.raises(ConfigError, match="one of Discourse's own"):
        school.sync()


def test_a_category_of_others_is_not_the_cohorts_before_it_is_adopted(school: School) -> None:
    answer = school.forum.call("POST", "/categories.json", json={"name": "Spring cleaning", "slug": "spring"})
    assert answer.ok, answer.text
    school.roster(*PEOPLE)
    school.sync()
    assert school.readers("spring") <= {"everyone"}
    assert any("was there before us" in reason for reason in school.reasons(ChangeKind.KEPT))


def test_a_category_that_is_as_it_should_be_is_adopted_by_a_line(school: School) -> None:
    school.roster(*PEOPLE)
    school.sync()
    with school.store.begin() as session:
        row = session.get(CreatedRow, (school.name, "category", "spring"))
        assert row is not None
        session.delete(row)
    assert any("was there before us" in reason for reason in school.reasons(ChangeKind.KEPT))
    school.allow = ADOPT
    _, report = school.sync()
    assert [change.kind for change in report.done] == [ChangeKind.ADOPT_CATEGORY]
    school.allow = ALLOW
    assert school.plan().plan.effective == ()
    assert not any("was there before us" in reason for reason in school.reasons(ChangeKind.KEPT))
