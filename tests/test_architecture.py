"""ARCHITECTURE.md shows the packages and their imports as they are."""

from __future__ import annotations

import ast
import re

from tests.architecture import LAYERS, PAGE, figure, nearest, package_imports, with_generated


def test_the_page_is_as_its_script_writes_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_generated(page), "run: python -m tests.architecture"


def test_every_package_is_in_the_figure_and_in_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    figure_lines = page.partition("```mermaid")[2].partition("```")[0]
    assert {word for word in re.findall(r"\w+", figure_lines) if word in LAYERS} == set(LAYERS)
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == LAYERS


def test_an_import_that_follows_from_others_is_left_out_of_the_figure() -> None:
    nothing = dict.fromkeys(LAYERS, frozenset[str]())
    imports = nothing | {"store": frozenset({"model"}), "forum": frozenset({"model", "store"})}
    assert nearest(imports)["forum"] == {"store"}
    assert "forum --> store" in figure(imports)
    assert "forum --> model" not in figure(imports)


def test_the_figure_follows_the_code() -> None:
    assert "store" in package_imports()["forum"]
    assert all(package_imports(())[layer] == frozenset() for layer in LAYERS)


def test_the_links_of_the_page_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", PAGE.read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not (PAGE.parent / target).exists()] == []


def test_modules_that_docstrings_name_are_there() -> None:
    names = {path.name for path in (PAGE.parent / "sync_worker").rglob("*.py")}
    missing = {
        f"{path.relative_to(PAGE.parent)}: {named}"
        for path in (PAGE.parent / "sync_worker").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        for named in re.findall(r"`[\w/*.-]*?(\w+\.py)`", ast.get_docstring(node) or "")
        if named not in names
    }
    assert missing == set()
