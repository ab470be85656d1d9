"""The settings page of administration: list, filter, change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.rules.settings import DEFAULTS, PLUGIN_SWITCH, SettingDefault, as_stored
from sync_worker.practice_forum.server.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

blueprint = Blueprint("site_settings", __name__)

_LOCALES = (("en", "English (US)"), ("fr", "Français"))
_LANGUAGE = "default_locale"


@blueprint.get("/admin/site_settings", endpoint="admin/site_settings/index")
def index() -> dict[str, Any]:
    """All settings, or those of `names` (with the language, which is always there) or `categories` (without it)."""
    params = context.params()
    names = {name for item in params.items("names") for name in item.split(",")}
    categories = set(params.items("categories"))
    names |= {_LANGUAGE} if names else set()
    absent = () if context.forum().options.plugin else (PLUGIN_SWITCH,)
    shown = (setting for setting in DEFAULTS.values() if not setting.hidden and setting.name not in absent)
    return {
        "site_settings": [
            _setting(setting)
            for setting in shown
            if (not names or setting.name in names)
            and (not categories or (setting.category in categories and setting.name != _LANGUAGE))
        ],
    }


def _setting(setting: SettingDefault) -> dict[str, Any]:
    human = setting.name.replace("_", " ").capitalize()
    if setting.name == _LANGUAGE:
        return _locale_setting(setting, human)
    row: dict[str, Any] = {
        "setting": setting.name,
        "humanized_name": human,
        "description": f"{human}.",
        "keywords": [],
        "category": setting.category,
        "primary_area": setting.category,
        "default": as_stored(setting.default),
        "value": context.settings().text(setting.name),
        "preview": None,
        "secret": setting.secret,
        "placeholder": None,
        "mandatory_values": None,
        "requires_confirmation": None,
        "themeable": False,
        "type": setting.type,
    }
    if setting.type == "integer":
        row |= {"min": setting.minimum, "max": setting.maximum}
    return row


def _locale_setting(setting: SettingDefault, human: str) -> dict[str, Any]:
    """The one setting that is described in another way: the language, with all that there are."""
    return {
        "setting": setting.name,
        "humanized_name": human,
        "default": as_stored(setting.default),
        "category": setting.category,
        "description": f"{human}.",
        "type": "locale_enum",
        "preview": None,
        "value": context.settings().text(setting.name),
        "valid_values": [
            {"native_name": native, "value": code, "name": f"languages.{code}.name"} for code, native in _LOCALES
        ],
        "translate_names": True,
    }


@blueprint.put("/admin/site_settings/<name>", endpoint="admin/site_settings/update")
def update(name: str) -> Response:
    """Change one setting (or several: `bulk_update` with `settings[NAME][value]`)."""
    params = context.params()
    if name == "bulk_update":
        nested = params.section("settings")
        changes = {each: nested.section(each).text("value") or "" for each in nested.tree}
    else:
        changes = {name: params.text(name) or ""}
    checked = {each: _checked(each, value.strip()) for each, value in changes.items()}
    for each, value in checked.items():
        context.settings().change(each, value)
    return Response("", content_type="text/plain; charset=utf-8")


def _checked(name: str, value: str) -> str:
    """The value as it is stored.

    Raises:
        Refusal: 422 for an unknown or hidden setting or a value it does not take.

    """
    setting = DEFAULTS.get(name)
    if setting is None:
        raise _refused(f"No setting named '{name}' exists")
    if setting.hidden:
        raise _refused("You are not allowed to change hidden settings")
    if setting.type == "bool":
        value = "true" if value.lower() in ("true", "t", "1") else "false"
    if setting.type == "integer":
        value = _whole_number(setting, value)
    for complaint in _complaints(name, value):
        raise _refused(f"{name}: {complaint}")
    return value


_CHOICES = ("default_trust_level",)
"""Numbers that Discourse lets people pick from a list."""


def _whole_number(setting: SettingDefault, value: str) -> str:
    digits = re.match(r"-?\d+", re.sub(r"[^-0-9]", "", value))
    number = int(digits.group()) if digits else 0
    if setting.name in _CHOICES and not setting.minimum <= number <= setting.maximum:
        raise _refused(f"Invalid value `{value}` for `{setting.name}`")
    if not setting.minimum <= number <= setting.maximum:
        raise _refused(f"{setting.name}: Value must be between {setting.minimum:,} and {setting.maximum:,}.")
    return str(number)


def _complaints(name: str, value: str) -> Iterable[str]:
    settings = context.settings()
    if name == "enable_discourse_connect" and value == "true":
        for needed in ("discourse_connect_url", "discourse_connect_secret"):
            if not settings.text(needed):
                yield f"You must set a '{needed.replace('_', ' ')}' before enabling this setting."
    if name == "discourse_connect_url":
        if value and not re.fullmatch(r"https?://.+[^/]", value):
            yield "Value doesn't match the required format."
        if not value and settings.flag("enable_discourse_connect"):
            yield "You cannot remove the 'discourse connect url' while DiscourseConnect is enabled."


def _refused(text: str) -> Refusal:
    return Refusal(422, {"errors": [text]}, kind="invalid_setting")
