"""YAML that people write is taken; what has no bound, no day or no meaning is refused with its line and column."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sync_worker.config.load import load_settings
from sync_worker.config.located_yaml import parse_yaml, read_yaml
from sync_worker.errors import ConfigError

BASE = """\
forum: {url: "https://forum.example.org"}
cohorts:
  - &base {key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: Europe/Lisbon}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "lcm.yaml").write_text(text, encoding="utf-8")
    return folder / "lcm.yaml"


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a: 2027-02-29", "1:4", "'2027-02-29' is no day of the calendar"),
        ("a:\n  - 2027-13-01", "2:5", "'2027-13-01' is no day of the calendar"),
        ("a: 2027-02-01 25:00:00", "1:4", "'2027-02-01 25:00:00' is no day of the calendar"),
        ("a: !!int one", "1:4", "'one' cannot be read as a number"),
        ("a: !!float one", "1:4", "'one' cannot be read as a number"),
        ("a: !!bool maybe", "1:4", "'maybe' cannot be read as yes or no"),
        ("a: !!timestamp soon", "1:4", "'soon' is no day of the calendar"),
        (f"a: {'9' * 5_000}", "1:4", "cannot be read as a number"),
        ("[a]: 1", "1:1", "a key must be a plain word"),
        (r'a: "one \ud83d\ude00"', "1:4", "one half of a character"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place(text: str, place: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "x.yaml")
    assert str(caught.value).startswith(f"x.yaml:{place}: ")
    assert says in str(caught.value)
    assert caught.value.do


@pytest.mark.parametrize("character", ["\0", "\b", "\x7f", "\ufffe"])
def test_a_character_that_cannot_be_shown_is_refused_with_its_place(character: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(f"a: one\nb: t{character}wo", "x.yaml", first_line=3)
    assert str(caught.value).startswith(
        f"x.yaml:4:5: not valid YAML: a character that cannot be shown (U+{ord(character):04X})"
    )
    assert caught.value.do


def test_a_tag_of_another_program_makes_nothing_of_a_list() -> None:
    assert parse_yaml("a: !!python/object/apply:os.system [ls]", "x.yaml").data == {"a": ["ls"]}


def bomb(levels: int) -> str:
    """Ten aliases a level: a few hundred bytes that stand for ten to the power of `levels` values."""
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(levels: int) -> str:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, levels)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (bomb(9), "more than 200,000 values, those that aliases"),
        (merge_bomb(9), "more than 200,000 values, those that aliases"),
        ("[" * 20_000, "stand within each other more than 50 deep"),
        ("a: " + "{a: " * 20_000, "stand within each other more than 50 deep"),
        ("\n".join("  " * n + "a:" for n in range(600)), "stand within each other more than 50 deep"),
        ("- " * 20_000, "stand within each other more than 50 deep"),
        ("x" * 1_000_001, "larger than 1,000,000 characters"),
    ],
    ids=["aliases", "merges", "lists", "mappings", "blocks", "dashes", "length"],
)
def test_a_text_without_bound_is_refused_with_the_limit(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "x.yaml")
    assert says in str(caught.value)
    assert str(caught.value).startswith("x.yaml:")
    assert caught.value.do


def test_a_file_without_bound_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "x.yaml").open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(ConfigError, match=r"x\.yaml:1: larger than 1,000,000 bytes"):
        read_yaml(tmp_path / "x.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(ConfigError, match="this is not a file"):
        read_yaml(tmp_path / "pipe.yaml")


def test_merge_keys_say_once_what_cohorts_share(tmp_path: Path) -> None:
    text = BASE + "  - {<<: *base, key: autumn, name: Autumn}\n"
    spring, autumn = load_settings(written(tmp_path, text)).cohorts
    assert (autumn.key, autumn.name) == ("autumn", "Autumn")
    assert (autumn.start, autumn.timezone) == (spring.start, spring.timezone)


def test_of_several_merged_mappings_the_first_has_the_last_word_and_own_keys_before_it() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {z: 3, <<: [*a, *b]}\n"
    assert parse_yaml(text, "x.yaml").data["c"] == {"z": 3, "x": 1, "y": 1}


def test_what_is_wrong_in_a_merged_mapping_is_told_where_it_is_written(tmp_path: Path) -> None:
    text = BASE.replace("end: 2027-05-31", "end: 2026-05-31") + "  - {<<: *base, key: autumn, name: Autumn}\n"
    with pytest.raises(ConfigError, match=r"lcm\.yaml:3:"):
        load_settings(written(tmp_path, text))
    wrong = BASE + "  - {<<: *base, key: autumn, name: Autumn, lokale: en}\n"
    with pytest.raises(ConfigError, match=r"lcm\.yaml:4:44: unknown key 'lokale'\. Did you mean 'locale'\?"):
        load_settings(written(tmp_path, wrong))


def test_a_merge_key_that_merges_nothing_is_refused_in_words() -> None:
    with pytest.raises(ConfigError, match=r"x\.yaml:1:9: the merge key '<<' takes keys and values.*<<: \*base"):
        parse_yaml("a: {<<: 5}", "x.yaml")


def test_a_merge_that_refers_to_itself_is_refused() -> None:
    with pytest.raises(ConfigError, match="an alias refers to itself"):
        parse_yaml("a: &a {<<: *a}", "x.yaml")


def test_a_part_of_a_file_has_the_files_own_lines() -> None:
    with pytest.raises(ConfigError, match=r"t\.md:2:14: not valid YAML"):
        parse_yaml("title: Week 1: welcome", "t.md", first_line=2)
