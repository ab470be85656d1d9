"""The guides name only commands that exist, and leave none out."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from sync_worker.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
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


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
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


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.name)
def test_a_guide_says_a_paragraph_once(guide: Path) -> None:
    text = re.sub(r"^(?:    .*|\|.*)$", "", guide.read_text(encoding="utf-8"), flags=re.MULTILINE)
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if len(part.split()) > 12]
    assert len(set(paragraphs)) == len(paragraphs)
