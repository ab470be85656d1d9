"""Every setting that `lcm.yaml` takes is named in a guide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from sync_worker.config.base import Strict
from sync_worker.config.settings import CohortSettings, Settings
from sync_worker.config.sources import SOURCES, CohortsFromSettings

ROOT = Path(__file__).parents[2]
GUIDES = "\n".join(path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])


def models_in(annotation: Any) -> set[type[Strict]]:
    """Return the parts of a file that a type speaks of, and the parts of these."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        inner = [field.annotation for field in annotation.model_fields.values()]
        return {annotation}.union(*map(models_in, inner))
    return set().union(*map(models_in, get_args(annotation)))


MODELS = models_in(Settings).union(*map(models_in, SOURCES))
STARRED = re.compile(r"`(\w+)`\*")
KEYS = sorted({(model.__name__, field.alias or name) for model in MODELS for name, field in model.model_fields.items()})


@pytest.mark.parametrize(("model", "key"), KEYS, ids=[f"{model}.{key}" for model, key in KEYS])
def test_a_guide_shows_the_setting_as_it_is_written(model: str, key: str) -> None:
    shown = rf"(^|[\s{{(,`.]){re.escape(key)}:|`([a-z_]+\.)*{re.escape(key)}`|, {re.escape(key)}`"
    assert re.search(shown, GUIDES, re.MULTILINE), f"no guide shows '{key}: ...' of {model}"


def rows_of(page: str, begins: str) -> list[str]:
    """Return what the first column says of the table that follows a sentence."""
    lines = (ROOT / "docs" / page).read_text("utf-8").split(begins)[1].split("\n\n")[1].splitlines()
    return [line.split("|")[1] for line in lines[2:]]


def test_the_page_of_settings_has_each_part_of_the_file() -> None:
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert [name for name in Settings.model_fields if f"`{name}`" not in page and f"`{name}." not in page] == []


def test_settings_with_a_star_are_those_that_cohorts_of_the_source_take() -> None:
    starred = {name for row in rows_of("settings.md", "A cohort under `cohorts`;") for name in STARRED.findall(row)}
    of_the_source = CohortsFromSettings.model_fields.keys() & CohortSettings.model_fields.keys()
    assert starred == of_the_source - {"start", "end"}


def test_all_parts_of_the_settings_are_looked_at() -> None:
    names = {model.__name__ for model in MODELS}
    assert {"Settings", "ForumSettings", "CohortSettings", "LimitSettings", "NrpsContext", "CsvRosterSettings"} <= names
