"""The texts of the plugin's pages: complete in both languages, used, and well set in French."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGIN = Path(__file__).parents[2] / "discourse_plugin"
LOCALES = PLUGIN / "config" / "locales"
SOURCES = [
    path
    for folder in ("assets/javascripts", "admin/assets/javascripts")
    for path in sorted((PLUGIN / folder).rglob("*"))
    if path.suffix in {".js", ".gjs"}
]
KEY = re.compile(r"""["'`](discourse_lcm\.[\w.]*(?:\$\{[^}]+\}[\w.]*)*)["'`]""")
PLACEHOLDER = re.compile(r"%\{(\w+)\}")
NAGGING = re.compile(r"don.t forget|reminder|n.oubliez pas|rappel", re.IGNORECASE)


def contract_enum(*path: str) -> list[str]:
    """The values that openapi.yaml allows at a place below its schemas, without null."""
    node: Any = yaml.safe_load((PLUGIN / "openapi.yaml").read_text(encoding="utf-8"))["components"]["schemas"]
    for part in path:
        node = node[part]
    return [value for value in node["enum"] if value is not None]


def enum_of_source(file: str, name: str) -> list[str]:
    """The strings of a list constant of a source file."""
    source = (PLUGIN / "assets/javascripts/discourse" / file).read_text(encoding="utf-8")
    found = re.search(rf"const {name} = \[(.*?)\];", source, re.DOTALL)
    assert found, f"{name} is not in {file}"
    return re.findall(r'"([\w_]+)"', found[1])


# What stands in for ${...} in keys that are put together; everything else has to be written out.
FILLED_IN = {
    "discourse_lcm.calendar.state.${entry.state}": contract_enum("CalendarEntry", "properties", "state"),
    "discourse_lcm.desk.counter.${name}": enum_of_source("components/lcm-desk-week.gjs", "COUNTERS"),
    "discourse_lcm.desk.section.${name}": ["week", "people", "drafts", "blockers", "stories", "care", "practices"],
    "discourse_lcm.desk.people.sort.${name}": ["hand", "name", "seen", "posted", "posts", "given", "received"],
    "discourse_lcm.desk.people.${kind}": ["replies", "likes"],
    "discourse_lcm.desk.people.attention.${attention.action}": ["snooze", "dismiss"],
    "discourse_lcm.desk.people.done.${key}": ["snooze", "dismiss"],
    "discourse_lcm.desk.drafts.kind.${this.draft.kind}": contract_enum("Draft", "properties", "kind"),
    "discourse_lcm.desk.drafts.kind.${preview.kind}": contract_enum("Draft", "properties", "kind"),
    "discourse_lcm.desk.drafts.state.${this.draft.state}": contract_enum("Draft", "properties", "state"),
    "discourse_lcm.desk.drafts.done.${done}": ["edit", "approve", "reject"],
    "discourse_lcm.desk.blockers.done.${state}": contract_enum("Blocker", "properties", "state"),
    "discourse_lcm.desk.stories.state.${this.story.state}": contract_enum("Story", "properties", "state"),
    "discourse_lcm.desk.stories.consent.${this.story.consent}": contract_enum("Story", "properties", "consent"),
    "discourse_lcm.desk.stories.done.${what}": ["ask_consent", "spotlight", "set_aside", "restore"],
    "discourse_lcm.topic.badge.${badge.name}": [
        *("pinned", "story", "practice"),
        *(f"blocker_{state}" for state in contract_enum("TopicState", "properties", "blocker")),
        *("timer_close", "timer_open"),
    ],
    "discourse_lcm.topic.done.${done}": [
        *("pinned", "unpinned", "spotlighted", "blocker_marked", "blocker_cleared", "practice_marked"),
        *("practice_unmarked", "timer_close", "timer_open", "timer_cleared"),
    ],
    "discourse_lcm.topic.timer_${kind}_title": ["close", "open"],
    "discourse_lcm.topic.timer_${kind}_help": ["close", "open"],
    "discourse_lcm.topic.${name}": [
        *("pin", "change_pin", "spotlight", "mark_blocker", "clear_blocker", "mark_practice", "unmark_practice"),
        *("close_at", "open_at"),
    ],
    "discourse_lcm.box.${kind}": ["prompt", "assignment", "commitment", "session"],
    "discourse_lcm.preferences.${name}": ["nudges", "quoting", "pairing"],
    "discourse_lcm.preferences.${name}_help": ["nudges", "quoting", "pairing"],
    "discourse_lcm.consent.answer.${this.answer}": contract_enum("Consent", "properties", "answer"),
    "discourse_lcm.admin.tab.${tab}": ["playbooks", "runs", "health"],
    "discourse_lcm.admin.cohorts.shifted_${direction}": ["later", "earlier"],
    "discourse_lcm.admin.cohorts.will_shift_${direction}": ["later", "earlier"],
    "discourse_lcm.admin.runs.kind.${run.kind}": contract_enum("Run", "properties", "kind"),
    "discourse_lcm.admin.runs.state.${run.state}": contract_enum("Run", "properties", "state"),
    "discourse_lcm.admin.runs.level.${line.level}": contract_enum("RunLine", "properties", "level"),
    "discourse_lcm.admin.health.state.${state}": contract_enum("Health", "properties", "state"),
}
INNER_CHOICES = {
    '${item.answered ? "answered" : "not_answered"}': ["answered", "not_answered"],
    '${step.approval ?? "none"}': contract_enum("PlaybookStep", "properties", "approval"),
}
# Read by core itself: the plugin's name in its lists, and the names and fields of its nodes in Workflows.
NODES = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PLUGIN / "newer_core").rglob("*.rb")))
NODE_TEXTS = re.compile(
    r"discourse_workflows\.(?:nodes|node_descriptions)\.(?:trigger|action):(?P<node>\w+)"
    r"|discourse_workflows\.node_unavailable\.(?P<why>\w+)"
    r"|discourse_lcm\.workflows\.(?P<scope>\w+)\.(?P<field>[a-z]+(?:_id)?)\S*"
)


def is_read_by_core(key: str) -> bool:
    """Whether core asks for a text: by a node that we give it, and by a field that a node has."""
    found = NODE_TEXTS.fullmatch(key)
    if found is None:
        return key == "discourse_lcm.admin.title"
    node = found["node"] or found["scope"]
    named = found["why"] or node
    field = (found["field"] or "").removesuffix("s")
    return named in NODES and (not field or re.search(rf"\b{field}\b", NODES) is not None)


READ_BY_CORE = {"discourse_lcm.admin.title"}


def flat(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        assert isinstance(key, str), f"{prefix}{key} is not a string: quote it"
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


@cache
def texts(language: str) -> dict[str, str]:
    document = yaml.safe_load((LOCALES / f"client.{language}.yml").read_text(encoding="utf-8"))
    assert list(document) == [language]
    return dict(flat(document[language]))


def keys_in(source: str) -> set[str]:
    found = set()
    for key in KEY.findall(source):
        for expression, choices in INNER_CHOICES.items():
            if expression in key:
                found |= {key.replace(expression, choice) for choice in choices}
                break
        else:
            if "${" in key:
                prefix, suffix = re.split(r"\$\{[^}]+\}", key)
                found |= {f"{prefix}{value}{suffix}" for value in FILLED_IN[key]}
            else:
                found.add(key)
    return found


def used_keys() -> set[str]:
    return set().union(*(keys_in(path.read_text(encoding="utf-8")) for path in SOURCES)) | READ_BY_CORE


def singular(key: str) -> str:
    return re.sub(r"\.(one|other)$", "", key)


def test_french_has_every_text_that_english_has_and_no_other() -> None:
    assert texts("fr").keys() == texts("en").keys()


@pytest.mark.parametrize("key", sorted(texts("en")))
def test_both_languages_say_the_same_things_of_a_text(key: str) -> None:
    english, french = texts("en")[key], texts("fr")[key]
    assert english.strip(), "empty"
    assert french.strip(), "empty"
    assert set(PLACEHOLDER.findall(english)) == set(PLACEHOLDER.findall(french))


def test_every_text_that_the_pages_use_exists() -> None:
    known = {singular(key.removeprefix("js.")) for key in texts("en") if key.startswith("js.")}
    assert used_keys() - known == set()


def test_no_text_is_left_over() -> None:
    known = {singular(key.removeprefix("js.")) for key in texts("en") if key.startswith("js.")}
    assert {key for key in known - used_keys() if not is_read_by_core(key)} == set()


def test_every_node_of_workflows_has_its_name_and_says_what_it_does() -> None:
    nodes = {*re.findall(r'acts "(\w+)"', NODES), *re.findall(r"follows :(\w+)", NODES)}
    assert len(nodes) == 9
    for node in nodes:
        kind = "action" if f'acts "{node}"' in NODES else "trigger"
        for what in ("nodes", "node_descriptions"):
            assert texts("en")[f"js.discourse_workflows.{what}.{kind}:{node}"]
        assert any(key.startswith(f"js.discourse_lcm.workflows.{node}.") for key in texts("en"))


def test_plurals_have_both_forms() -> None:
    keys = set(texts("en"))
    for key in keys:
        if key.endswith(".one"):
            assert f"{singular(key)}.other" in keys
        if key.endswith(".other"):
            assert f"{singular(key)}.one" in keys


def test_french_is_set_with_no_break_spaces_and_typographic_apostrophes() -> None:
    for key, text in texts("fr").items():
        plain = re.sub(r"%\{\w+\}|lcm: worker", "x", text)
        assert not re.search(r"[^\s\u00a0][:;?!»](?=\s|$)", plain), f"{key}: no space before {text!r}"
        assert not re.search(r" [:;?!»]|« ", plain), f"{key}: a breaking space in {text!r}"
        assert "'" not in plain, f"{key}: a straight apostrophe in {text!r}"
        assert '"' not in plain, f"{key}: straight quotes in {text!r}"


def test_no_text_shouts_or_reminds() -> None:
    for language in ("en", "fr"):
        for key, text in texts(language).items():
            assert "!" not in text, f"{language} {key}"
            assert not re.search(r"don.t forget|reminder|n.oubliez pas|rappel", text, re.IGNORECASE), (
                f"{language} {key}"
            )


def test_the_test_notices_a_key_that_does_not_exist() -> None:
    assert keys_in('i18n("discourse_lcm.no_such_text")') - set(texts("en")) == {"discourse_lcm.no_such_text"}
