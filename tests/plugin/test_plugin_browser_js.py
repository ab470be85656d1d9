"""The plugin's components in Chromium, without core; what they ask of the server is held to the contract."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.absent import absent

PLUGIN = Path(__file__).parents[2] / "discourse_plugin"
CALLS = PLUGIN / "tmp" / "browser-calls.json"
LIMIT_SECONDS = 900


@pytest.fixture(scope="module")
def browser_run() -> subprocess.CompletedProcess[str]:
    """One run of all component and unit tests."""
    node = shutil.which("node")
    if node is None:
        absent("Node is not installed")
    if not (PLUGIN / "node_modules").is_dir():
        absent("the plugin's packages are not installed: make lint-plugin installs them")
    CALLS.unlink(missing_ok=True)
    return subprocess.run(
        [str(node), "test/browser/run.mjs"],
        cwd=PLUGIN,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def calls(browser_run: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Every call that the tests made: method, URL, what was sent, the status and what was answered."""
    assert browser_run.returncode == 0, browser_run.stdout
    return json.loads(CALLS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    """openapi.yaml."""
    return yaml.safe_load((PLUGIN / "openapi.yaml").read_text(encoding="utf-8"))


def operation_of(contract: dict[str, Any], method: str, url: str) -> dict[str, Any]:
    for template, item in contract["paths"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
        if re.fullmatch(pattern, url) and method.lower() in item:
            return item[method.lower()]
    message = f"the contract knows no {method} {url}"
    raise AssertionError(message)


def problems(contract: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    validator = Draft202012Validator({"components": contract["components"], **schema})
    return [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(value)]


def response_schema(contract: dict[str, Any], operation: dict[str, Any], status: int) -> dict[str, Any]:
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = contract["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    return response["content"]["application/json"]["schema"]


def test_every_component_test_passes(browser_run: subprocess.CompletedProcess[str]) -> None:
    assert browser_run.returncode == 0, browser_run.stdout + browser_run.stderr
    assert re.search(r"^[1-9]\d* passed, 0 failed$", browser_run.stdout, re.MULTILINE)


def test_what_the_pages_send_is_what_the_contract_asks_for(
    calls: list[dict[str, Any]], contract: dict[str, Any]
) -> None:
    sent = [call for call in calls if call["sent"] is not None]
    assert sent
    for call in sent:
        operation = operation_of(contract, call["method"], call["url"])
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert problems(contract, schema, call["sent"]) == [], call


def test_what_the_pages_ask_for_in_an_address_is_in_the_contract(
    calls: list[dict[str, Any]], contract: dict[str, Any]
) -> None:
    asking = [call for call in calls if call["asked"]]
    assert asking
    for call in asking:
        known = operation_of(contract, call["method"], call["url"]).get("parameters", ())
        assert call["asked"].keys() <= {one["name"] for one in known if one["in"] == "query"}, call


def test_what_the_tests_answer_is_what_the_contract_promises(
    calls: list[dict[str, Any]], contract: dict[str, Any]
) -> None:
    answered = [call for call in calls if call["status"] == 200]
    assert answered
    for call in answered:
        operation = operation_of(contract, call["method"], call["url"])
        schema = response_schema(contract, operation, 200)
        assert problems(contract, schema, call["body"]) == [], (call["method"], call["url"])


def test_every_operation_for_people_is_tried(calls: list[dict[str, Any]], contract: dict[str, Any]) -> None:
    tried = {operation_of(contract, call["method"], call["url"])["operationId"] for call in calls}
    wanted = {
        operation["operationId"]
        for item in contract["paths"].values()
        for method, operation in item.items()
        if method != "parameters" and set(operation["tags"]) - {"worker"}
    }
    assert wanted - tried == set()
