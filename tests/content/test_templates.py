"""Templates are filled in with data, in a sandbox with limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync_worker.content.markdown import Markdown
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError, RenderError
from sync_worker.rules.rule import UNKNOWN, Unknown, Value


def texts(folder: Path, body: str, title: str = "Hello {{ name }}", locale: str = "en") -> PlaybookTexts:
    """Write one template called `note` and return its folder's texts."""
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates" / f"note.{locale}.md").write_text(f'---\ntitle: "{title}"\n---\n{body}', encoding="utf-8")
    return PlaybookTexts(folder, locale)


def test_title_and_body_are_filled_in(tmp_path: Path) -> None:
    rendered = texts(tmp_path, "Dear {{ name }},\n\n\n\nwelcome.\n").render("note", name="Ana")
    assert rendered.title == "Hello Ana"
    assert rendered.body == "Dear Ana,\n\nwelcome.\n"


def test_a_value_is_data_and_never_markup_or_a_template(tmp_path: Path) -> None:
    rendered = texts(tmp_path, "{{ name }}").render("note", name="{{ 7*7 }} <b>@ana</b> [x](y)")
    assert "49" not in rendered.body
    assert not set("<@[") & set(rendered.body)


def test_what_our_own_code_made_markdown_stays_markdown(tmp_path: Path) -> None:
    rendered = texts(tmp_path, "{{ name }}").render("note", name=Markdown("**Ana**"))
    assert rendered.body == "**Ana**\n"


def test_a_title_is_plain_text_without_escapes(tmp_path: Path) -> None:
    rendered = texts(tmp_path, "x").render("note", name="R&D_team")
    assert rendered.title == "Hello R&D_team"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("{{ missing }}", "missing"),
        ("{{ name", "unexpected"),
        ("{% include 'other' %}", "macros"),
        ("{% macro x() %}{% endmacro %}", "macros"),
        ("{% for a in name %}{% for b in name %}{% for c in name %}{% endfor %}{% endfor %}{% endfor %}", "deep"),
        ("{{ name * 1000000000 }}", "not available"),
        ("{{ '%1000000000d' % 1 }}", "not available"),
        ("{{ name.ljust(1000000000) }}", ""),
        ("{{ ''.__class__.__mro__ }}", ""),
        ("{{ name.__class__ }}", ""),
        ("{{ range(10) }}", "range"),
        ("{{ name|center(1000000000) }}", "center"),
        ("{% for a in name %}" + "x" * 5000 + "{% endfor %}", "more than"),
    ],
)
def test_what_could_do_harm_or_goes_wrong_is_an_error_that_names_the_file(
    tmp_path: Path, body: str, complaint: str
) -> None:
    with pytest.raises(RenderError, match=r"note\.en\.md") as caught:
        texts(tmp_path, body).render("note", name="Ana Maria")
    assert complaint in str(caught.value)


def test_a_mistake_is_located_by_line(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"note\.en\.md:6"):
        texts(tmp_path, "one\n\n{% if %}\n").render("note", name="x")


def test_front_matter_is_needed_and_holds_a_title_and_conditions_only(tmp_path: Path) -> None:
    found = texts(tmp_path, "x")
    found.path("note").write_text("no front matter", encoding="utf-8")
    with pytest.raises(RenderError, match="no front matter"):
        found.render("note")
    found.path("note").write_text("---\ntitle: x\nauthor: y\n---\nz", encoding="utf-8")
    with pytest.raises(RenderError, match="'title' and 'conditions' only, not 'author'"):
        found.render("note")


def test_a_missing_template_and_a_missing_language_are_errors(tmp_path: Path) -> None:
    found = texts(tmp_path, "x")
    with pytest.raises(RenderError, match="other"):
        found.render("other")
    texts(tmp_path, "x", locale="fr")
    (tmp_path / "templates" / "second.fr.md").write_text("---\ntitle: x\n---\ny", encoding="utf-8")
    with pytest.raises(RenderError, match=r"second\.en\.md"):
        found.check()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("---\ntitle: Week 1: welcome\n---\nHello.\n", r":2:14: not valid YAML"),
        ('---\ntitle: "Welcome"\n---\n\n', r":4:1: the body is empty"),
        ('---\ntitle: " "\n---\nHello.\n', r":2:1: the title is empty"),
        ('---\ntitle: "Welcome"\n---\nHello.\n\n## Our rules {#rules}\n', r":6:14: "),
    ],
)
def test_what_is_wrong_in_the_title_or_the_body_is_said_with_the_files_own_line(
    tmp_path: Path, text: str, place: str
) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "note.en.md").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"note\.en\.md{place}"):
        PlaybookTexts(tmp_path, "en").check()


def test_a_template_without_bound_is_not_read_whole(tmp_path: Path) -> None:
    found = texts(tmp_path, "x" * 1_000_000)
    with pytest.raises(RenderError, match=r"note\.en\.md:1: the template: larger than 1,000,000 bytes"):
        found.check()


def test_texts_can_take_turns_by_the_week(tmp_path: Path) -> None:
    note = texts(tmp_path, "{% if week % 3 == 1 %}one{% else %}another{% endif %}")
    assert [note.render("note", name="x", week=week).body for week in (1, 2, 4)] == ["one\n", "another\n", "one\n"]


CONDITIONAL = """\
---
title: "{% if quiet %}We miss you{% else %}Hello{% endif %}"
conditions:
  quiet: {quiet_days: {at_least: 7}}
  busy: {not: {quiet_days: {at_least: 7}}}
---
{% if quiet %}Two lines are enough.{% endif %}{% if busy %}Keep going.{% endif %} See you.
"""


@pytest.mark.parametrize(
    ("values", "title", "body"),
    [
        ({"quiet_days": 9}, "We miss you", "Two lines are enough. See you.\n"),
        ({"quiet_days": 2}, "Hello", "Keep going. See you.\n"),
        ({}, "Hello", "See you.\n"),
        ({"quiet_days": UNKNOWN}, "Hello", "See you.\n"),
    ],
)
def test_a_paragraph_stands_where_its_condition_is_sure_to_hold(
    tmp_path: Path, values: dict[str, Value | Unknown], title: str, body: str
) -> None:
    found = texts(tmp_path, "x")
    found.path("note").write_text(CONDITIONAL, encoding="utf-8")
    rendered = found.knowing(values).render("note")
    assert (rendered.title, rendered.body.lstrip()) == (title, body)


@pytest.mark.parametrize(
    "body",
    [
        "{% set a = name %}" + "{% set a = a ~ a %}" * 40,
        "{% set a = name %}" + "{% set a = [a, a] %}" * 40 + "{{ a }}",
        "{% set a %}{{ name }}{% endset %}{{ a }}",
        "{% with a = name ~ name %}{{ a }}{% endwith %}",
        "{% for one in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{{ " + "(" * 5_000 + "name" + ")" * 5_000 + " }}",
        "{{ " + "not " * 5_000 + "name }}",
    ],
)
def test_a_template_cannot_grow_without_bound(tmp_path: Path, body: str) -> None:
    with pytest.raises(RenderError, match=r"note\.en\.md"):
        texts(tmp_path, body).render("note", name="Ana")
