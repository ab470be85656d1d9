"""What can be known of the plugin's server half without a Discourse: names, texts, routes and the contract agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

PLUGIN = Path(__file__).parents[2] / "discourse_plugin"
NAME = "discourse-lcm"
SETTINGS = "config/settings.yml"
PLACEHOLDER = re.compile(r"%\{(\w+)\}")


def read(path: str) -> str:
    return (PLUGIN / path).read_text(encoding="utf-8")


def load(path: str) -> dict[str, Any]:
    document = yaml.safe_load(read(path))
    assert isinstance(document, dict)
    return document


def ruby_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (PLUGIN / folder).rglob("*.rb"))


def browser_files(kind: str) -> list[Path]:
    folders = (PLUGIN / "assets", PLUGIN / "admin")
    return sorted(path for folder in folders for path in folder.rglob(f"*.{kind}"))


def flat(tree: dict[str, Any], path: str = "") -> dict[str, str]:
    """Return the texts of a locale file by dotted key."""
    texts: dict[str, str] = {}
    for key, value in tree.items():
        here = f"{path}.{key}".lstrip(".")
        texts.update(flat(value, here) if isinstance(value, dict) else {here: str(value)})
    return texts


ENGLISH = flat(load("config/locales/server.en.yml")["en"])
FRENCH = flat(load("config/locales/server.fr.yml")["fr"])
OPENAPI = load("openapi.yaml")
METHODS = ("get", "put", "post", "delete")
OPERATIONS = {
    (method, path): operation
    for path, item in OPENAPI["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}


def test_english_and_french_have_the_same_texts() -> None:
    assert ENGLISH.keys() == FRENCH.keys()


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_a_text_has_the_same_gaps_in_both_languages(key: str) -> None:
    assert sorted(set(PLACEHOLDER.findall(ENGLISH[key]))) == sorted(set(PLACEHOLDER.findall(FRENCH[key])))


@pytest.mark.parametrize("key", sorted(FRENCH))
def test_french_is_set_as_french_is(key: str) -> None:
    text = re.sub(r"<[^>]+>", "", FRENCH[key])

    assert not re.search(r"\w'\w", text), "a straight apostrophe"
    assert not re.search(r"[^\u00a0\u202f][:;?!»](\s|$)", text), "no unbreakable space before punctuation"
    assert not re.search(r"«[^\u00a0\u202f]", text), "no unbreakable space after an opening quote"


def test_texts_do_not_shout() -> None:
    assert [key for key, text in {**ENGLISH, **FRENCH}.items() if "!" in text] == []


def test_every_setting_has_a_text_and_every_text_a_setting() -> None:
    settings = {name for group in load(SETTINGS).values() for name in group}

    assert settings == {key.split(".")[1] for key in ENGLISH if key.startswith("site_settings.")}


def test_every_migration_has_a_number_of_its_own() -> None:
    numbers = [path.name.partition("_")[0] for path in ruby_files("db")]

    assert sorted(set(numbers)) == sorted(numbers)


def test_every_setting_is_used_and_bounded() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in [*ruby_files("app", "lib"), PLUGIN / "plugin.rb"])
    for name, setting in next(iter(load(SETTINGS).values())).items():
        assert re.search(rf"\b{name}\b", code), name
        if isinstance(setting["default"], int) and not isinstance(setting["default"], bool):
            assert setting["min"] <= setting["default"] <= setting["max"], name


def texts_used() -> set[str]:
    code = "\n".join(path.read_text(encoding="utf-8") for path in ruby_files("app", "lib", "newer_core"))
    direct = re.findall(r'I18n\.t\(\s*"(discourse_lcm\.[\w.]+)"', code)
    refused = re.findall(r"refuse!\(:(\w+)", code)
    rows = re.findall(r'refuse_unknown\(\w+, "\w+", "(\w+)"\)', code)
    return {*direct, *(f"discourse_lcm.errors.{name}" for name in [*refused, *rows])}


def test_every_text_the_code_asks_for_is_there_and_none_is_left_over() -> None:
    assert texts_used() == {key for key in ENGLISH if key.startswith("discourse_lcm.")}


def routes() -> set[tuple[str, str]]:
    """Return the JSON routes of config/routes.rb as method and path with the contract's placeholders."""
    found = set()
    for method, path in re.findall(
        r'^\s*(get|put|post|delete) "(/[^"]+\.json)"', read("config/routes.rb"), re.MULTILINE
    ):
        admin = path in ("/console.json", "/runs/:id.json", "/requests.json") and method in ("get", "post")
        prefix = "/admin/plugins/discourse-lcm" if admin else "/lcm"
        found.add((method, prefix + re.sub(r":(\w+)", r"{\1}", path)))
    return found


def test_every_route_is_in_the_contract_and_back() -> None:
    assert routes() == set(OPERATIONS)


def test_every_route_leads_to_a_method_of_its_controller() -> None:
    targets = re.findall(r'=> "(?:discourse_lcm/)?(\w+)#(\w+)"', read("config/routes.rb"))
    assert targets
    for controller, action in targets:
        path = f"app/controllers/discourse_lcm/{controller}_controller.rb"
        if controller != "users":
            assert re.search(rf"^    def {action}$", read(path), re.MULTILINE), f"{controller}#{action}"


def test_what_an_api_key_may_do_is_exactly_what_the_worker_calls() -> None:
    scopes = set(re.findall(r"discourse_lcm/(\w+#\w+)", read("lib/discourse_lcm/initializers/api_scopes.rb")))
    workers = {
        path.stem.removesuffix("_controller")
        for path in ruby_files("app/controllers")
        if "< WorkerController" in path.read_text(encoding="utf-8")
    }
    called = set(re.findall(r'=> "(\w+#\w+)"', read("config/routes.rb")))

    assert scopes == {target for target in called if target.split("#")[0] in workers}


def test_the_matrix_of_permissions_names_every_operation() -> None:
    table = re.findall(r'^    "(\w+)" => \[[A-Z_]+,', read("spec/requests/permission_matrix_spec.rb"), re.MULTILINE)

    assert sorted(table) == sorted(operation["operationId"] for operation in OPERATIONS.values())


@pytest.mark.parametrize("name", sorted(OPENAPI["components"]["schemas"]))
def test_a_schema_of_the_contract_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(OPENAPI["components"]["schemas"][name])


def test_every_reference_in_the_contract_leads_somewhere() -> None:
    for reference in set(re.findall(r'\$ref: "#/([^"]+)"', read("openapi.yaml"))):
        node: Any = OPENAPI
        for part in reference.split("/"):
            node = node[part]
        assert node


def camel(word: str) -> str:
    return "".join(part.capitalize() for part in word.split("_"))


@pytest.mark.parametrize(
    "path",
    [path.relative_to(PLUGIN) for path in ruby_files("app", "lib") if path.name != "engine.rb"],
    ids=str,
)
def test_a_file_defines_the_constant_that_its_path_promises(path: Path) -> None:
    parts = list(path.with_suffix("").parts)
    parts = parts[2:] if parts[0] == "app" else parts[1:]
    if parts[0] in ("regular", "scheduled"):
        parts = ["jobs", *parts[1:]]
    code = read(str(path))
    for outer in parts[:-1]:
        assert re.search(rf"\b(module|class) {camel(outer)}\b|\bclass {camel(outer)}::", code), outer
    name = camel(parts[-1])
    assert re.search(rf"\b(class|module) ([\w:]+::)?{name}\b|^ *{name} =$", code, re.MULTILINE)


@pytest.mark.parametrize("path", sorted((PLUGIN / "db").rglob("*.rb")), ids=lambda path: path.name)
def test_a_migration_is_named_as_its_file(path: Path) -> None:
    number, name = path.stem.split("_", 1)

    assert re.fullmatch(r"20\d{12}", number)
    assert f"class {camel(name)} < ActiveRecord::Migration" in path.read_text(encoding="utf-8")


def test_every_model_says_what_its_table_holds() -> None:
    tables = set(re.findall(r"create_table :(\w+)", "\n".join(path.read_text() for path in ruby_files("db"))))
    named = set()
    for path in ruby_files("app/models"):
        code = path.read_text(encoding="utf-8")
        name = re.search(r'self\.table_name = "(\w+)"', code)
        assert name, path.name
        assert f"# Table name: {name[1]}\n" in code, path.name
        named.add(name[1])

    assert named == tables
    assert all(table.startswith("discourse_lcm_") for table in tables)


def test_the_plugin_has_one_name_and_one_version() -> None:
    code = read("plugin.rb")
    assert re.findall(r"^# name: (.+)$", code, re.MULTILINE) == [NAME]
    assert f'PLUGIN_NAME = "{NAME}"' in code
    assert f'"{NAME}", use_new_show_route: true' in code
    assert f"/admin/plugins/{NAME}" in read("config/routes.rb")
    header = re.search(r"^# version: (.+)$", code, re.MULTILINE)
    assert header
    assert f'VERSION = "{header[1]}"' in code


def test_every_setting_group_and_enabled_setting_are_known_to_the_plugin() -> None:
    enabled = re.search(r"^enabled_site_setting :(\w+)$", read("plugin.rb"), re.MULTILINE)

    assert enabled
    assert list(load(SETTINGS)) == ["discourse_lcm"]
    assert load(SETTINGS)["discourse_lcm"][enabled[1]] == {"default": False, "client": True}


def test_every_controller_is_off_with_the_plugin() -> None:
    """Discourse's `requires_plugin` is checked for each controller on its own."""
    for path in ruby_files("app/controllers"):
        assert "requires_plugin PLUGIN_NAME" in path.read_text(encoding="utf-8"), path.name


def test_ruby_files_are_frozen_and_short() -> None:
    for path in ruby_files("app", "lib", "config", "db", "spec"):
        code = path.read_text(encoding="utf-8")
        assert code.startswith("# frozen_string_literal: true\n"), path.name
        assert len(code.splitlines()) <= (400 if "spec" in path.parts else 250), path.name


def test_a_registered_icon_is_shown_somewhere() -> None:
    shown = "\n".join(path.read_text(encoding="utf-8") for path in browser_files("gjs"))
    if not shown:
        pytest.skip("the browser half is not here")
    listed = re.search(r"%w\[([\w\s-]+)\]\.each \{ \|icon\| register_svg_icon icon \}", read("plugin.rb"))
    assert listed
    scripts = shown + "\n".join(path.read_text(encoding="utf-8") for path in browser_files("js"))
    assert [icon for icon in listed[1].split() if f'"{icon}"' not in scripts] == []
