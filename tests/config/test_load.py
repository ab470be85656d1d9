"""Reading `lcm.yaml`: what is right is complete, what is wrong names its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sync_worker.config.load import api_key, complete_cohort, group_name, load_settings
from sync_worker.config.settings import CohortSettings, ForumSettings
from sync_worker.config.sources import GROUP_NAME
from sync_worker.errors import ConfigError

GOOD = """\
forum:
  url: https://forum.example.org/
store: sqlite:///lcm.db
roster:
  csv: people.csv
cohorts:
  - key: lead-27
    name: Leading teams, spring 2027
    start: 2027-01-11
    end: 2027-02-21
    timezone: Europe/Lisbon
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "lcm.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_relative_paths_are_taken_from_the_files_own_folder(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, GOOD))
    assert settings.roster is not None
    assert settings.roster.csv == tmp_path / "people.csv"
    assert settings.store == f"sqlite:///{tmp_path}/lcm.db"
    assert settings.forum.url == "https://forum.example.org"


def test_a_cohort_gets_every_name_from_its_key_and_name(tmp_path: Path) -> None:
    cohort = complete_cohort(load_settings(written(tmp_path, GOOD)).cohorts[0])
    assert (cohort.group, cohort.lcm_group) == ("lead-27", "lead-27-lcm")
    assert (cohort.category, cohort.category_slug) == ("Leading teams, spring 2027", "lead-27")


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("store:", "stor:", "3:1", "Did you mean 'store'?"),
        ("timezone: Europe/Lisbon", "timezone: Lisbon/Europe", "11:5", "is not a time zone"),
        ("end: 2027-02-21", "end: 2026-02-21", "7:5", "ends (2026-02-21) before it starts"),
        ("key: lead-27", "key: Lead 27", "7:5", "lower-case letters"),
        ("url: https://forum.example.org/", "url: https://me:pw@forum.example.org/", "2:3", "without user"),
        ("    end: 2027-02-21\n", "", "7:5", "'end' is missing"),
        ("cohorts:", "cohorts:\ncohorts:", "7:1", "appears twice"),
        ("    name: Leading", "   name: Leading", "8:4", "not valid YAML"),
        ("store: sqlite:///lcm.db", "store: &a [*a]", "3:8", "refers to itself"),
    ],
)
def test_an_error_names_file_line_and_column(tmp_path: Path, old: str, new: str, place: str, words: str) -> None:
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert f"{path}:{place}" in str(caught.value)
    assert words in str(caught.value)


def test_two_cohorts_cannot_share_a_key(tmp_path: Path) -> None:
    second = GOOD[GOOD.index("  - key") :]
    with pytest.raises(ConfigError, match="twice: lead-27"):
        load_settings(written(tmp_path, GOOD + second))


def test_a_missing_file_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_settings(tmp_path / "nowhere.yaml")


def test_a_file_that_is_not_utf8_is_said_plainly(tmp_path: Path) -> None:
    path = tmp_path / "lcm.yaml"
    path.write_bytes("forum:\n  url: é".encode("cp1252"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(path)


def test_the_key_comes_from_the_environment_or_a_file_and_never_from_the_configuration(
    tmp_path: Path,
) -> None:
    forum = ForumSettings(url="https://forum.example.org")
    assert api_key(forum, {"DISCOURSE_API_KEY": " abc \n"}) == "abc"
    key_file = tmp_path / "key"
    key_file.write_text("def\n", encoding="utf-8")
    assert api_key(forum.model_copy(update={"key_file": key_file}), {}) == "def"
    with pytest.raises(ConfigError, match="DISCOURSE_API_KEY"):
        api_key(forum, {})
    with pytest.raises(ValidationError, match="Extra inputs"):
        ForumSettings.model_validate({"url": "https://f.example.org", "key": "abc"})


keys = st.from_regex(r"[a-z0-9][a-z0-9-]{0,38}[a-z0-9]", fullmatch=True)


@given(keys)
def test_a_derived_group_name_is_always_one_that_discourse_takes(key: str) -> None:
    for suffix in ("", "-lcm"):
        name = group_name(key, suffix)
        assert 3 <= len(name) <= 20
        assert GROUP_NAME.fullmatch(name)


@given(keys)
def test_learners_and_lcms_of_a_cohort_never_share_a_group(key: str) -> None:
    assert group_name(key) != group_name(key, "-lcm")


def test_two_cohorts_cannot_meet_in_one_group(tmp_path: Path) -> None:
    second = GOOD[GOOD.index("  - key") :].replace("key: lead-27", "key: lead-27-lcm").replace("Leading", "Other")
    with pytest.raises(ConfigError, match=r":12:5: the group 'lead-27-lcm' would serve both lead-27 and lead-27-lcm"):
        load_settings(written(tmp_path, GOOD + second))


@pytest.mark.parametrize("alumni", ["lead-27", "Lead-27-LCM", "other", "other-lcm"])
def test_no_alumni_join_a_group_that_is_a_cohorts_own(tmp_path: Path, alumni: str) -> None:
    second = GOOD[GOOD.index("  - key") :].replace("key: lead-27", "key: other").replace("Leading", "Other")
    first = GOOD.replace("key: lead-27", f"key: lead-27\n    alumni_group: {alumni}")
    with pytest.raises(ConfigError, match=f"the group '{alumni}' of .* cannot be the alumni group of lead-27 as well"):
        load_settings(written(tmp_path, first + second))


def test_several_cohorts_may_share_an_alumni_group(tmp_path: Path) -> None:
    first = GOOD.replace("key: lead-27", "key: lead-27\n    alumni_group: alumni")
    second = first[first.index("  - key") :].replace("key: lead-27", "key: other").replace("Leading", "Other")
    assert {cohort.alumni_group for cohort in load_settings(written(tmp_path, first + second)).cohorts} == {"alumni"}


def test_a_declared_name_wins_over_a_derived_one() -> None:
    declared = CohortSettings.model_validate(
        {
            "key": "a1",
            "name": "A",
            "start": "2027-01-01",
            "end": "2027-02-01",
            "timezone": "UTC",
            "group": "alpha",
        }
    )
    assert complete_cohort(declared).group == "alpha"


def test_two_cohorts_cannot_meet_in_one_category(tmp_path: Path) -> None:
    second = GOOD[GOOD.index("  - key") :].replace("key: lead-27", "key: other")
    with pytest.raises(
        ConfigError, match="the category 'Leading teams, spring 2027' would serve both lead-27 and other"
    ):
        load_settings(written(tmp_path, GOOD + second))


def test_learners_and_lcms_need_groups_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be for learners and LCMs both"):
        load_settings(written(tmp_path, f"{GOOD}    group: one\n    lcm_group: One\n"))


def test_a_language_models_key_file_counts_from_the_folder_and_its_cohorts_are_declared(tmp_path: Path) -> None:
    path = tmp_path / "lcm.yaml"
    written = (
        "forum: {url: 'https://forum.example.org'}\n"
        "cohorts:\n- {key: spring, name: Spring, timezone: UTC, start: 2027-03-01, end: 2027-05-28}\n"
        "language_model: {url: 'https://models.example.org/v1', model: small, key_file: model-key,\n"
        "  private_categories_of: [spring]}\n"
    )
    path.write_text(written, encoding="utf-8")
    model = load_settings(path).language_model
    assert model is not None
    assert model.key_file == tmp_path / "model-key"
    path.write_text(written.replace("[spring]", "[sprint]"), encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"lcm.yaml:5:\d+: the cohort 'sprint' is not declared. Did you mean 'spring'"
    ):
        load_settings(path)
