"""Comparing a forum's answer with a recorded one: status, headers, keys, types, values where they are determined."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Any

from tests.contract.recorded import Answer, Recording

HEADERS = (
    "content-type",
    "location",
    "retry-after",
    "discourse-rate-limit-error-code",
    "x-discourse-route",
    "x-discourse-username",
    "cache-control",
    "discourse-readonly",
)
_WAIT = re.compile(r"\d+ seconds?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")

UNDETERMINED: dict[str, str] = {
    "*groups[0].bio_*": "an automatic group, described in the practice forum's own words",
    "*avatar_template": "the colours of letter avatars come from a table of Discourse's own",
    "*.message_bus_last_id": "counts messages to browsers",
    "*.draft_sequence": "counts edits of drafts, by browsers and by the job queue",
    "*_age": "seconds since something, at the moment of the answer",
    "*.search_log_id": "counts searches",
    "*.bumped": "Discourse compares times that lie milliseconds apart",
    "*.extras.html": "a whole page for people",
    "*.invite_key": "random",
    "*.truncated_key": "random",
    "*.link": "contains a random key",
    "*notifications[*].id": "counts notifications that jobs made in an order of their own",
    "*.suggested_topics*": "Discourse picks some of them by chance",
    "*.reason": "a sentence for people, in the practice forum's own words",
    "*.actions[*].description": "a sentence for people, in the practice forum's own words",
    "*.categories[*].post_count": "a nightly job counts them",
    "*.word_count": "counts the words of descriptions, which are the practice forum's own",
}
"""Values that are not compared (their keys and types are), with the reason; patterns over paths like `$.a[0].b`."""

UNORDERED = ("*.tags", "*.top_tags", "*.usernames")
"""Lists whose order Discourse leaves to its database."""

SEEDED = {1, 2, 3, 4, 5, 6}
"""Topics that a new forum starts with: the practice forum has the same ones, with texts of its own."""
_TEXTS_OF_POSTS = ("cooked", "raw", "excerpt")
_TEXTS_OF_CATEGORIES = ("description", "description_text", "description_excerpt")


def differences(recording: Recording, answer: Answer, *, also: dict[str, str] | None = None) -> list[str]:
    """Return in which ways `answer` is not what was recorded; `also` are further undetermined values."""
    wanted = recording.response
    found = []
    if answer.status != wanted["status"]:
        found.append(f"status: {answer.status} instead of {wanted['status']}: {answer.text[:300]}")
    found += _header_differences(wanted, answer)
    undetermined = UNDETERMINED | (also or {})
    if "json" in wanted and wanted["json"] is not None:
        if answer.json is None:
            found.append(f"body: no JSON: {answer.text[:200]!r}")
        else:
            _compare("$", wanted["json"], answer.json, undetermined, found)
    elif "html" not in dict(_pairs(wanted)).get("content-type", "html"):
        text = str(wanted.get("text", ""))
        if _WAIT.sub("N seconds", text) != _WAIT.sub("N seconds", answer.text):
            found.append(f"text: {answer.text[:200]!r} instead of {text[:200]!r}")
    return found


def _pairs(response: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in response["headers"]]


def _header_differences(wanted: dict[str, Any], answer: Answer) -> list[str]:
    recorded = dict(_pairs(wanted))
    found = []
    for name in HEADERS:
        expected, got = recorded.get(name), answer.headers.get(name)
        if name == "retry-after" and expected and got:
            continue
        if expected != got:
            found.append(f"header {name}: {got!r} instead of {expected!r}")
    return found


def _compare(path: str, wanted: Any, got: Any, undetermined: dict[str, str], found: list[str]) -> None:
    if isinstance(wanted, dict) and isinstance(got, dict):
        _compare_objects(path, wanted, got, undetermined, found)
    elif isinstance(wanted, list) and isinstance(got, list):
        _compare_lists(path, wanted, got, undetermined, found)
    elif _kind(wanted) != _kind(got):
        if not _matches(path, undetermined):
            found.append(f"{path}: {_short(got)} instead of {_short(wanted)}")
    elif wanted != got and not _free(path, wanted, got, undetermined):
        found.append(f"{path}: {_short(got)} instead of {_short(wanted)}")


def _compare_objects(
    path: str, wanted: dict[str, Any], got: dict[str, Any], undetermined: dict[str, str], found: list[str]
) -> None:
    if _matches(path, undetermined):
        return
    for key in wanted.keys() - got.keys():
        if not _matches(f"{path}.{key}", undetermined):
            found.append(f"{path}.{key}: missing")
    for key in got.keys() - wanted.keys():
        if not _matches(f"{path}.{key}", undetermined):
            found.append(f"{path}.{key}: not in Discourse's answer")
    own = _own_texts(wanted)
    for key in wanted.keys() & got.keys():
        if key in own and _kind(wanted[key]) == _kind(got[key]):
            continue
        _compare(f"{path}.{key}", wanted[key], got[key], undetermined, found)


def _own_texts(item: dict[str, Any]) -> tuple[str, ...]:
    """The keys whose texts are the forum's own: of what it starts with, of descriptions, of system's messages."""
    about = re.fullmatch(r"about-the-.*-category", str(item.get("topic_slug", "")))
    if item.get("topic_id") in SEEDED or about or item.get("user_id") == -1:
        return _TEXTS_OF_POSTS
    if item.get("id") in SEEDED and "archetype" in item:
        return ("excerpt",)
    return _TEXTS_OF_CATEGORIES if item.get("id") in SEEDED and "topic_url" in item else ()


def _compare_lists(
    path: str, wanted: list[Any], got: list[Any], undetermined: dict[str, str], found: list[str]
) -> None:
    if _matches(path, undetermined):
        return
    if len(wanted) != len(got):
        found.append(f"{path}: {len(got)} items instead of {len(wanted)}: {_ids(got)} instead of {_ids(wanted)}")
    if any(fnmatchcase(path, pattern) for pattern in UNORDERED) and all(isinstance(item, str) for item in wanted):
        if sorted(map(str, wanted)) != sorted(map(str, got)):
            found.append(f"{path}: {_short(got)} instead of {_short(wanted)}")
        return
    for index, (one, other) in enumerate(zip(wanted, got, strict=False)):
        _compare(f"{path}[{index}]", one, other, undetermined, found)


def _ids(items: list[Any]) -> str:
    return _short([item.get("id", item.get("username")) if isinstance(item, dict) else item for item in items])


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "null" if value is None else type(value).__name__


def _free(path: str, wanted: Any, got: Any, undetermined: dict[str, str]) -> bool:
    if isinstance(wanted, str) and isinstance(got, str) and _MOMENT.fullmatch(wanted) and _MOMENT.fullmatch(got):
        return True
    return _matches(path, undetermined)


def _matches(path: str, patterns: dict[str, str]) -> bool:
    return any(fnmatchcase(path, pattern.replace("[", "[[]").replace("[[]*]", "[[]*]")) for pattern in patterns)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:160]}…"
