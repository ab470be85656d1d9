"""The guides name only commands and options that exist, leave none out, and say nothing twice."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sync_worker.cli import COMMANDS, main
from sync_worker.config.settings import InvitationSettings
from sync_worker.worker.web_server import AT_ONCE, WHOLE_REQUEST_SECONDS
from sync_worker.worker.webhooks import MAX_BYTES, MOST_WAITING

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES = [*GUIDES, ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md"]
PRINTED = re.compile(r"^    (lcm [^#\n]*)|`(lcm [^`]*)`", re.MULTILINE)
DEFAULT = {"sync": "plan"}  # the command that is meant where none is named
CALL = re.compile(r"(?:^\s+|`)(?:\$ )?lcm ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", re.MULTILINE)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_a_guide_names_only_commands_that_exist(guide: Path) -> None:
    calls = CALL.findall(guide.read_text(encoding="utf-8"))
    context = click.Context(main)
    for name, second in calls:
        command = main.get_command(context, name)  # type: ignore[attr-defined]
        assert command is not None, f"{guide.name}: lcm {name}"
        if isinstance(command, click.Group) and second:
            assert command.get_command(context, second), f"{guide.name}: lcm {name} {second}"


def test_every_command_is_in_a_guide() -> None:
    named = {name for guide in GUIDES for name, _ in CALL.findall(guide.read_text(encoding="utf-8"))}
    assert named >= set(COMMANDS)


def test_every_command_explains_itself_and_its_options() -> None:
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)  # type: ignore[attr-defined]
        commands = command.commands.values() if isinstance(command, click.Group) else [command]
        for each in commands:
            assert each.help, name
            for parameter in each.params:
                assert not isinstance(parameter, click.Option) or parameter.help, f"{name}: {parameter.name}"


def printed_commands(page: str) -> Iterator[list[str]]:
    """Yield the words of every command of `lcm` on a page, without pipes and comments."""
    for match in PRINTED.finditer(page):
        text = " ".join((match[1] or match[2]).split())
        yield shlex.split(re.split(r" [|>;] ", text)[0])


def unknown_options(words: list[str]) -> list[str]:
    """Return the options that a command of `lcm` does not take."""
    command, rest = main, words[1:]
    context = click.Context(main)
    while isinstance(command, click.Group) and rest:
        name = rest[0] if command.get_command(context, rest[0]) else DEFAULT.get(command.name or "")
        chosen = command.get_command(context, name) if name else None
        if chosen is None:
            break
        rest = rest[1:] if name == rest[0] else rest
        command = chosen
    known = {name for each in command.get_params(context) for name in (*each.opts, *each.secondary_opts)}
    return [word for word in rest if word.startswith("-") and word.partition("=")[0] not in known]


@pytest.mark.parametrize("guide", PAGES, ids=lambda path: path.name)
def test_a_guide_prints_only_options_that_exist(guide: Path) -> None:
    found = [(words, unknown_options(words)) for words in printed_commands(guide.read_text(encoding="utf-8"))]
    assert [(" ".join(words), unknown) for words, unknown in found if unknown] == []


def test_an_option_that_does_not_exist_is_found() -> None:
    page = "    lcm sync --aply     # do it\n\n`lcm sync --apply --aply` and `lcm playbook show x --cohrt y`\n"
    assert [unknown_options(words) for words in printed_commands(page)] == [["--aply"], ["--aply"], ["--cohrt"]]


@pytest.mark.parametrize("guide", PAGES, ids=lambda path: path.name)
def test_every_link_of_a_guide_leads_to_a_file(guide: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", guide.read_text(encoding="utf-8"))
    assert [link for link in links if not (guide.parent / link).exists()] == []


def slug(heading: str) -> str:
    """What GitHub makes of a heading for links to it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("guide", [*GUIDES, ROOT / "discourse_plugin" / "README.md"], ids=str)
def test_every_link_of_a_guide_leads_to_a_heading_that_is_there(guide: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", guide.read_text(encoding="utf-8")):
        place = guide.parent / target if target else guide
        headings = re.findall(r"^#+ (.+)$", place.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {slug(heading) for heading in headings}, f"{target}#{anchor}"


def test_the_readme_lists_every_guide() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [guide.name for guide in GUIDES[1:] if f"(docs/{guide.name})" not in readme] == []


def paragraphs(page: Path) -> list[str]:
    """Return the paragraphs of a page, without code, tables and those of a few words."""
    text = re.sub(r"^(?:    .*|\|.*)$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if len(part.split()) > 12]


def test_the_guides_say_a_paragraph_once() -> None:
    found = [paragraph for page in PAGES for paragraph in paragraphs(page)]
    assert [paragraph for paragraph in set(found) if found.count(paragraph) > 1] == []


OURS = re.compile(r"(?<![\w./-])((?:docs|tests|sync_worker|discourse_plugin|playbooks)/[\w./-]*\w)")


@pytest.mark.parametrize("guide", [*PAGES, ROOT / "discourse_plugin" / "README.md"], ids=lambda path: str(path.name))
def test_every_file_of_the_repository_that_a_guide_names_is_there(guide: Path) -> None:
    named = set(OURS.findall(guide.read_text(encoding="utf-8")))
    to_be_made = {"sync_worker/languages/CODE", "playbooks/our-steps"}
    assert sorted(name for name in named - to_be_made if not (ROOT / name).exists()) == []


def number_in(file: str, pattern: str) -> str:
    """Return the number that a file of the repository says."""
    found = re.search(pattern, (ROOT / file).read_text(encoding="utf-8"))
    assert found is not None, f"{file}: {pattern}"
    return found[1]


def test_the_guide_to_security_has_the_limits_of_the_code() -> None:
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    writes = number_in(
        "discourse_plugin/app/controllers/discourse_lcm/people_controller.rb", r"WRITES_A_MINUTE = (\d+)"
    )
    by_workflows = number_in("discourse_plugin/lib/discourse_lcm/by_workflow.rb", r"MOST_A_DAY = (\d+)")
    packages = number_in(".ci/run", r"MOST_PACKAGES=(\d+)")
    assert f"{writes} changes a minute" in page
    assert f"{by_workflows} things a day" in page
    assert f"{packages} packages at most" in page
    assert f"{MAX_BYTES // 1_000_000} MB; each event once; {MOST_WAITING:,} may wait" in page
    assert f"{AT_ONCE} at a time, {WHOLE_REQUEST_SECONDS:.0f} seconds each" in page
    assert f"for {InvitationSettings().expiry_days} days" in page
