"""Data flows one way: no module imports one that stands below it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sync_worker

PACKAGE = Path(sync_worker.__file__).parent
LAYERS = [
    "errors", "extras", "timeline", "model", "wording", "checks", "languages", "signals", "rules", "http", "config",
    "mail", "language_model", "store", "forum", "rosters", "membership", "activity", "content", "plays", "playbook",
    "publish", "worker", "desk", "report", "practice_forum", "rehearsal", "demo", "cli",
]  # fmt: skip
ROOMS = [
    "tables", "dialects", "cook", "server", "rules", "json", "api", "lcm", "pages", "app", "import_topics",
]  # fmt: skip
MEMBERSHIP = [
    "state", "matching", "records", "observing", "planning", "applying", "access", "undo_accounts", "undo_plan",
    "undo_runs", "drift_lines", "drift_look", "prepared", "facts", "sync",
]  # fmt: skip
ALONE = {"practice_forum": {"errors", "model", "practice_forum"}}
STRANGERS = [("forum", "rosters"), ("rosters", "forum")]  # neither knows the other
# Within the rosters: what all rows go through, then what kinds of sources share, then the sources.
ROSTERS = [
    "row", "row_reader", "facts", "doubts", "enrolments", "seen_rows", "rows", "web_answers", "web_session",
    "tabular", "entry_point",
    "canvas", "moodle", "nrps", "scim_client", "scim", "oneroster_tables", "oneroster", "sql", "__init__",
    "source_cohorts",
]  # fmt: skip
SOURCES = {"canvas", "moodle", "nrps", "scim", "scim_client", "oneroster", "oneroster_tables", "sql", "entry_point"}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def layer_of(path: Path) -> str:
    """Return the top-level name under the package that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_modules(path: Path) -> set[str]:
    """Return the modules under the package that a file imports, anywhere in it, without the package's own name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            folder = PACKAGE.parent.joinpath(*module.split("."))
            for alias in node.names:
                is_module = (folder / f"{alias.name}.py").exists() or (folder / alias.name).is_dir()
                names.append(f"{module}.{alias.name}" if is_module else module)
        found |= {name.removeprefix("sync_worker.") for name in names if name.startswith("sync_worker.")}
    return found - {"__version__"}


def imported_layers(path: Path) -> set[str]:
    """Return the top-level names under the package that a file imports."""
    return {name.split(".")[0] for name in imported_modules(path)}


def imported_rooms(path: Path, layer: str) -> set[str]:
    """Return the names under a layer that a file imports; `__init__` for the layer itself."""
    within = {name for name in imported_modules(path) if name.split(".")[0] == layer}
    return {name.split(".")[1] if "." in name else "__init__" for name in within}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_above_it(path: Path) -> None:
    layer = layer_of(path)
    if layer.startswith("__main__"):
        return
    assert layer in LAYERS, f"{layer} has no place in the order of layers"
    allowed = ALONE.get(layer, set(LAYERS[: LAYERS.index(layer) + 1]))
    assert imported_layers(path) <= allowed
    assert imported_layers(path).isdisjoint(other for one, other in STRANGERS if one == layer)


@pytest.mark.parametrize("path", sorted((PACKAGE / "rosters").rglob("*.py")), ids=lambda path: str(path.name))
def test_a_module_of_the_rosters_imports_only_rooms_above_it_and_no_other_source(path: Path) -> None:
    room = path.relative_to(PACKAGE / "rosters").parts[0].removesuffix(".py")
    assert room in ROSTERS, f"{room} has no place in the order of the rosters"
    imported = imported_rooms(path, "rosters")
    assert imported <= set(ROSTERS[: ROSTERS.index(room) + 1])
    own = {name for name in SOURCES if name.split("_")[0] == room.split("_")[0]}
    assert imported.isdisjoint(SOURCES - own)


def _imported_modules(path: Path) -> set[Path]:
    """Return the files of the package that a file imports, for types or to run."""
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sync_worker.")):
            continue
        folder = PACKAGE.joinpath(*(node.module or "").split(".")[1:])
        for name in (alias.name for alias in node.names):
            module = next((m for m in (folder / f"{name}.py", folder / name / "__init__.py") if m.exists()), None)
            module = module or (folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py"))
            found.add(module)
    return found - {path}


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if layer_of(path) == "practice_forum" and len(path.relative_to(PACKAGE).parts) > 2],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_a_room_of_the_practice_forum_imports_only_the_rooms_below_it(path: Path) -> None:
    def place(module: Path) -> int:
        return ROOMS.index(module.relative_to(PACKAGE / "practice_forum").parts[0].removesuffix(".py"))

    inside = [module for module in _imported_modules(path) if layer_of(module) == "practice_forum"]
    assert {module for module in inside if place(module) > place(path)} == set()


@pytest.mark.parametrize("layer", ["languages", "rules", "signals", "forum", "activity", "content", "practice_forum"])
def test_no_modules_import_each_other_in_a_circle(layer: str) -> None:
    waiting = {path: _imported_modules(path) for path in MODULES if layer_of(path) == layer}
    while free := {path for path, needed in waiting.items() if not needed & waiting.keys()}:
        waiting = {path: needed for path, needed in waiting.items() if path not in free}
    assert [str(path.relative_to(PACKAGE)) for path in waiting] == []


ROOMS_OF_MEMBERSHIP = [path for path in MODULES if layer_of(path) == "membership" and path.name != "__init__.py"]


@pytest.mark.parametrize("path", ROOMS_OF_MEMBERSHIP, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_of_membership_imports_only_rooms_before_it(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[1].removesuffix(".py")
    imports = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom)
    ]
    names = [(node.module or "").split(".") for node in imports]
    rooms = {name[2] for name in names if name[:2] == ["sync_worker", "membership"] and len(name) > 2}
    assert ["sync_worker", "membership"] not in names, "the front of the package is for others"
    assert rooms <= set(MEMBERSHIP[: MEMBERSHIP.index(room) + 1])


def test_only_the_command_line_prints_or_exits() -> None:
    offenders = []
    for path in MODULES:
        if layer_of(path) == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "print",
                "sys.exit",
                "exit",
                "click.echo",
            }:
                offenders.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert offenders == []


def test_only_the_forum_package_speaks_http_to_discourse() -> None:
    speakers = {
        layer_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (
            isinstance(node, ast.Import)
            and any(alias.name.split(".")[0] in {"requests", "pydiscourse"} for alias in node.names)
        )
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"requests", "pydiscourse"})
    }
    # The demo's simulated learners and the stand-ins of a rehearsal are other people's browsers, not the worker.
    # Sources of rosters are asked over HTTP too; they are never a Discourse.
    # Nor is a language model. `http` sends for all of them, and knows none.
    assert speakers <= {"http", "forum", "demo", "rehearsal", "rosters", "language_model"}
