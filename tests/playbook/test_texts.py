"""`lcm playbook check` fills every text in with every value; what a template may use is what the plays give."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from shutil import copy

import pytest

from sync_worker.content.decks import Prompt
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError
from sync_worker.playbook.checks import text_problems
from sync_worker.playbook.load import load_named, load_playbook, shipped_folder
from sync_worker.plays import (
    REGISTRY,
    assignment,
    blockers,
    brief_manager,
    case_study,
    commitment,
    consent,
    first_reply,
    frame,
    morning_note,
    nudge,
    pair,
    posting,
    relay,
    session,
    story,
    survey,
)
from sync_worker.plays.template_values.stories import AFTERCARE_WORDS
from sync_worker.worker.case_studies import guide_text

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "playbooks.md"
MODULES = {("topic", ""): frame.usual_text, ("prompt", ""): posting._prompt_text, ("consent", ""): consent,
           ("consent", "story"): frame.story_text,
           ("assignment", ""): assignment.give, ("assignment", "reminder_template"): assignment.remind,
           ("assignment", "last_template"): assignment.remind, ("assignment", "late_template"): assignment.list_late,
           ("session", ""): session._announcement, ("session", "reminder_template"): session._remind,
           ("session", "missed_template"): session._message,
           ("resource", ""): posting.draft_resource, ("story", ""): story, ("roundup", ""): posting.draft_roundup,
           ("relay", "ask_template"): relay._ask, ("relay", "notes_template"): relay._pass_on,
           ("relay", "compare_template"): relay._compare, ("pair", ""): pair, ("introductions", ""): pair,
           ("nudge", ""): nudge.message, ("hand_over", ""): nudge.hand_over,
           ("blockers", ""): blockers._note, ("blockers", "escalation_template"): blockers._full_text,
           ("blockers", "outside_template"): blockers._outside_text,
           ("first_reply", ""): first_reply.draft,
           ("commitment", ""): frame.usual_text, ("commitment", "ask_template"): commitment._ask,
           ("commitment", "later_template"): commitment._later,
           ("brief_manager", ""): brief_manager._mail,
           ("brief_manager", "unknown_template"): brief_manager._unknown, ("morning_note", ""): morning_note.draft,
           ("case_study", ""): case_study._question, ("case_study", "chosen_template"): case_study._note,
           ("case_study", "invite_template"): case_study._invitation, ("case_study", "guide_template"): guide_text,
           ("case_study", "manager_template"): case_study._mail,
           ("survey", ""): survey.ask, ("survey", "results_template"): survey.tell}  # fmt: skip
PLAYBOOK = """\
playbook: mine
title: {en: Mine, fr: La mienne}
version: 1
steps:
  - {id: hello, at: start 09:00, play: topic, with: {template: hello}}
  - {id: weekly, every: monday 09:00, play: prompt, with: {deck: ask}}
  - {id: news, every: friday 15:00, play: roundup, with: {template: news}}
"""
DECK = """\
prompts:
  - id: first
    title: "The first of the questions"
    text: "Think of the last time that somebody told you something new. Who was it?"
    why: "It is worth a minute of your time."
"""
GOOD = {
    "templates/hello": "---\ntitle: \"{{ cohort.name }}: welcome to you all\"\n---\nHello, this is the place.\n",
    "templates/prompt": "---\ntitle: \"{{ title }}\"\n---\n{{ text }}\n\n{{ why }}\n",
    "templates/news": "---\ntitle: \"News, {{ period }}\"\n---\n{% for x in practices %}{{ x.heading }}{% endfor %}\n",
    "decks/ask": DECK,
}  # fmt: skip


def write(folder: Path, **changes: str) -> Path:
    """Write the playbook in both languages, with some of its English files changed."""
    place = folder / "mine"
    for name, text in GOOD.items():
        suffix = "yml" if name.startswith("decks") else "md"
        for language in ("en", "fr"):
            path = place / f"{name}.{language}.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(changes.get(name.split("/")[1], text) if language == "en" else text, encoding="utf-8")
    (place / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")
    return place


def problems(folder: Path, **changes: str) -> list[str]:
    return text_problems(load_playbook(write(folder, **changes), REGISTRY), REGISTRY)


def test_the_shipped_playbook_is_sound() -> None:
    assert text_problems(load_named("first-steps", (), REGISTRY), REGISTRY) == []


def test_a_sound_playbook_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


HEAD = '---\ntitle: "A title that is long enough"\n---\n'


IF = f"""{HEAD.removesuffix(chr(10)).removesuffix("---")}conditions:
  early: {{week: {{below: 3}}}}
---
{{% if early %}}Soon.{{% endif %}}Hello.
"""


def test_a_text_with_a_condition_is_sound(tmp_path: Path) -> None:
    assert problems(tmp_path, hello=IF) == []


@pytest.mark.parametrize(
    ("name", "text", "place", "says"),
    [
        ("hello", f"{HEAD}Hello {{{{ cohort.nam }}}}.\n", "hello.en.md:4:10", "Did you mean 'name'?"),
        ("hello", f"{HEAD}Hello.\n\n  {{{{ nothing }}}}\n", "hello.en.md:6:6", "there is no 'nothing' here"),
        ("hello", f"{HEAD}{{% if hosts %}}x{{% else %}}{{{{ hots }}}}{{% endif %}}\n", "hello.en.md:4:29", "'hosts'"),
        ("hello", '---\ntitle: "Welcome {{ cohort.nmae }} all"\n---\nHello.\n', "hello.en.md:2:20", "'name'"),
        ("hello", f"{HEAD}{{{{ title }}}}\n", "hello.en.md:4:4", "there is no 'title' here"),
        ("hello", f"{HEAD}## Our rules {{#rules}}\n", "hello.en.md:4:14", "'{#' begins a comment"),
        ("hello", "---\ntitle: Week 1: welcome\n---\nHello.\n", "hello.en.md:2:14", "not valid YAML"),
        ("news", f"{HEAD}{{% for x in practices %}}{{{{ x.hading }}}}{{% endfor %}}\n", "news.en.md:4:28", "heading"),
        ("news", f"{HEAD}{{% for q in questions %}}{{{{ q.line.x }}}}{{% endfor %}}\n", "news.en.md:4:28", "no 'x'"),
        ("news", f"{HEAD}{{{{ practices[7].heading }}}}\n", "news.en.md:4:1", ""),
        ("news", f"{HEAD}Hello.\n\nNow {{{{ numbers % 2 }}}}\n", "news.en.md:6:5", "not available in templates"),
        ("hello", "Hello.\n", "hello.en.md:1:1", "no front matter"),
        ("hello", "---\ntitel: Welcome to you all\n---\nHello.\n", "hello.en.md:2:1", "Did you mean 'title'?"),
        ("hello", "---\ntitle: Welcome to you all\n---\n\n", "hello.en.md:4:1", "the body is empty"),
        ("hello", f"{HEAD}{{{{ cohort.week.weeks }}}}\n", "hello.en.md:4:4", "'cohort.week' has no 'weeks'"),
        ("hello", IF.replace("week:", "wek:"), "hello.en.md:4:11", "Did you mean 'week'?"),
        ("hello", IF.replace("week: {below: 3}", "posts: {below: 3}"), "hello.en.md:4:11", "is about one person"),
        ("hello", IF.replace("below", "belw"), "hello.en.md:4:18", "Did you mean 'below'?"),
        ("hello", IF.replace("if early", "if erly"), "hello.en.md:4:3", "does not use the condition 'early'"),
        ("hello", IF.replace("early", "hosts"), "hello.en.md:4:3", "'hosts' is a word of the text already"),
        ("hello", IF.replace("early:", "Early:"), "hello.en.md:4:3", "cannot name a condition"),
        ("hello", IF.replace("conditions:", "condition:"), "hello.en.md:3:1", "Did you mean 'conditions'?"),
        ("hello", IF.replace("Soon.", "{{ nothing }}"), "hello.en.md:6:18", "there is no 'nothing' here"),
        ("ask", DECK.replace("why:", "whi:"), "ask.en.yml:5:5", "Did you mean 'why'?"),
        ("ask", DECK.replace("id: first", "id: other"), "ask.en.yml", "lacks first"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place_and_the_nearest_word(
    tmp_path: Path, name: str, text: str, place: str, says: str
) -> None:
    found = problems(tmp_path, **{name: text})
    assert found
    assert f"{place}:" in found[0]
    assert says in "\n".join(found)


def test_a_text_is_filled_in_with_every_example_of_every_value(tmp_path: Path) -> None:
    only_with_many = f"{HEAD}{{% if practices|length > 4 %}}{{{{ practices[0].heading.x }}}}{{% endif %}}\n"
    assert problems(tmp_path, news=only_with_many)


AFTERCARE = sorted(AFTERCARE_WORDS)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", AFTERCARE)
def test_a_text_that_no_step_names_is_filled_in_as_well(tmp_path: Path, name: str, language: str) -> None:
    place = write(tmp_path)
    for one in ("en", "fr"):
        copy(shipped_folder() / "first-steps" / "templates" / f"{name}.{one}.md", place / "templates")
    assert text_problems(load_playbook(place, REGISTRY), REGISTRY) == []
    path = place / "templates" / f"{name}.{language}.md"
    path.write_text(f"{path.read_text(encoding='utf-8').rstrip()}\n\nBye {{{{ nmae }}}}\n", encoding="utf-8")
    line = len(path.read_text(encoding="utf-8").splitlines())
    (problem,) = text_problems(load_playbook(place, REGISTRY), REGISTRY)
    assert problem.startswith(f"{path}:{line}:8: there is no 'nmae' here. Did you mean 'name'?")


def test_a_text_that_no_step_names_and_one_language_lacks_is_missed(tmp_path: Path) -> None:
    place = write(tmp_path)
    copy(shipped_folder() / "first-steps" / "templates" / "story-told.en.md", place / "templates")
    (problem,) = text_problems(load_playbook(place, REGISTRY), REGISTRY)
    assert problem.startswith(f"{place}/templates/story-told.fr.md")


@pytest.mark.parametrize("name", AFTERCARE)
def test_each_value_of_a_text_that_no_step_names_is_tried(tmp_path: Path, name: str) -> None:
    for word in AFTERCARE_WORDS[name]:
        place = write(tmp_path / word.name)
        for one in ("en", "fr"):
            copy(shipped_folder() / "first-steps" / "templates" / f"{name}.{one}.md", place / "templates")
        path = place / "templates" / f"{name}.en.md"
        path.write_text(f"{HEAD}Hello.\n\n{{{{ {word.name}.nothing }}}}\n", encoding="utf-8")
        (problem,) = text_problems(load_playbook(place, REGISTRY), REGISTRY)
        assert problem.startswith(f"{path}:6:4: '{word.name}' has no 'nothing'.")


def write_without_templates(folder: Path, step: str) -> Path:
    """Write a playbook of one step that has a deck and no template."""
    place = folder / "mine"
    for language in ("en", "fr"):
        path = place / f"decks/ask.{language}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(DECK, encoding="utf-8")
    text = f"playbook: mine\ntitle: {{en: Mine, fr: La mienne}}\nversion: 1\nsteps:\n  - {{id: ask, {step}}}\n"
    (place / "playbook.yml").write_text(text, encoding="utf-8")
    return place


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_template_that_a_step_does_not_name_and_the_folder_lacks_is_that_of_first_steps(
    tmp_path: Path, language: str
) -> None:
    place = write_without_templates(tmp_path, "every: monday 09:00, play: prompt, with: {deck: ask}")
    playbook = load_playbook(place, REGISTRY)
    assert text_problems(playbook, REGISTRY) == []
    shipped = shipped_folder() / "first-steps" / "templates" / f"prompt.{language}.md"
    assert playbook.texts(language).path("prompt") == shipped
    own = place / "templates" / f"prompt.{language}.md"
    own.parent.mkdir()
    own.write_text(f"{HEAD}{{{{ text }}}}\n", encoding="utf-8")
    assert playbook.texts(language).path("prompt") == own


@pytest.mark.parametrize(
    "step",
    [
        "every: monday 09:00, play: prompt, with: {deck: ask, template: prompt}",
        "every: monday 09:00, play: consent, with: {story: story}",
        "at: start 09:00, play: topic, with: {template: welcome}",
    ],
)
def test_a_template_that_a_step_names_is_missed_though_first_steps_has_one(tmp_path: Path, step: str) -> None:
    place = write_without_templates(tmp_path, step)
    with pytest.raises(ConfigError, match=r"playbook\.yml:5:\d+: step 'ask' needs templates/\w+\.en\.md and "):
        load_playbook(place, REGISTRY)


def test_a_template_in_one_language_alone_is_missed_in_the_other(tmp_path: Path) -> None:
    place = write_without_templates(tmp_path, "every: monday 09:00, play: prompt, with: {deck: ask}")
    own = place / "templates" / "prompt.en.md"
    own.parent.mkdir()
    own.write_text(f"{HEAD}{{{{ text }}}}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"needs templates/prompt\.fr\.md, which is not there"):
        load_playbook(place, REGISTRY)


def given(module: object) -> set[str]:
    """Return what the one call in a module, or a function, that fills in a template gives to it."""
    calls = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(module)))  # type: ignore[arg-type]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "render"
    ]
    assert len(calls) == 1
    return {keyword.arg or "**" for keyword in calls[0].keywords}


@pytest.mark.parametrize(
    ("play", "option"), [(play.name, option) for play in REGISTRY.values() for option in play.texts]
)
def test_what_templates_may_use_is_what_the_play_gives(play: str, option: str) -> None:
    declared = {word.name for word in REGISTRY[play].texts[option]}
    assert declared == given(MODULES.get((play, option)) or MODULES[play, ""])


def test_every_option_that_names_a_template_says_what_it_may_use() -> None:
    for play in REGISTRY.values():
        named = {name for name in play.options.model_fields if name == "template" or name.endswith("_template")}
        assert named <= play.texts.keys()


def rows_of(heading: str) -> dict[str, str]:
    """Return the rows of the table below a heading of the guide: first cell, without its marks, and the others."""
    text = GUIDE.read_text(encoding="utf-8")
    section = text.partition(f"### {heading}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", section, re.MULTILINE)
    return {name: rest.strip() for name, rest in rows}


def test_the_guide_says_what_templates_may_use() -> None:
    expected: dict[str, list[str]] = {}
    meanings: dict[str, str] = {}
    for play in REGISTRY.values():
        for option, words in play.texts.items():
            for word in words:
                expected.setdefault(word.name, []).append(
                    play.name if option == "template" else f"{play.name} ({option})"
                )
                meanings[word.name] = word.meaning
    rows = rows_of("What templates may use")
    assert rows.keys() == expected.keys()
    for name, plays in expected.items():
        assert rows[name] == f"{', '.join(dict.fromkeys(plays))} | {meanings[name]}"


def test_the_guide_says_what_texts_that_no_step_names_may_use() -> None:
    expected: dict[str, list[str]] = {}
    for name, words in AFTERCARE_WORDS.items():
        for word in words:
            expected.setdefault(f"{word.name}` | {word.meaning}", []).append(f"`{name}`")
    text = GUIDE.read_text(encoding="utf-8")
    section = text.partition("### Texts after a question about a story\n")[2].partition("\n#")[0]
    rows = dict(re.findall(r"^\| `([^|]+\| [^|]+) \| (.*) \|$", section, re.MULTILINE))
    assert rows == {start: ", ".join(names) for start, names in expected.items()}


def test_the_guide_says_what_a_deck_holds() -> None:
    assert rows_of("Decks").keys() == Prompt.model_fields.keys()


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_no_shipped_text_glues_a_paragraph_to_the_list_above_it(locale: str) -> None:
    """Markdown takes a line right below a list for the rest of its last entry."""
    texts, glued = PlaybookTexts(shipped_folder() / "first-steps", locale), []
    named = [
        (play.options.model_fields[option].default, words)
        for play in REGISTRY.values()
        for option, words in play.texts.items()
    ]
    for name, words in (*named, *AFTERCARE_WORDS.items()):
        for turn in range(4) if isinstance(name, str) and name in texts.names() else ():
            values = {word.name: word.examples[turn % len(word.examples)] for word in words}
            body = texts.render(name, **values).body
            glued += [f"{name}: {found[0]}" for found in re.finditer(r"(?m)^- .*\n(?!- |>)\S.*$", body)]
    assert glued == []


@pytest.mark.parametrize("name", REGISTRY)
def test_the_guide_names_every_option_of_a_play(name: str) -> None:
    table = GUIDE.read_text("utf-8").split("| play | what it does |")[1].split("\n\n")[0]
    [row] = [line for line in table.splitlines() if line.startswith(f"| `{name}` |")]
    named = set(re.findall(r"`(\w+)", row.split(" | ")[2]))
    assert named >= REGISTRY[name].options.model_fields.keys()
