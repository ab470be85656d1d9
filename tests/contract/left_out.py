"""Recordings that are not compared, each with its reason, and values of single recordings that cannot be determined."""

from __future__ import annotations

from collections.abc import Iterable

NO_WEBHOOKS = "recorded with hooks that earlier calls had made; the practice forum sends fewer events"

LEFT_OUT: dict[int, str] = dict.fromkeys((707, 709, 710, 711, 712), NO_WEBHOOKS)
"""Recorded calls that cannot be made again on the practice forum."""


def _all(numbers: Iterable[int], reasons: dict[str, str]) -> dict[int, dict[str, str]]:
    return dict.fromkeys(numbers, reasons)


_BY_A_JOB = "counted by a job that had or had not run"
_SECONDS = "how many seconds of the minute are left"
_OWN_WORDS = "a sentence for people, in the practice forum's own words"

ALSO_UNDETERMINED: dict[int, dict[str, str]] = {
    29: {"*.user_count": _BY_A_JOB},
    31: {"*.private_topics_count": _BY_A_JOB, "*.user_count": _BY_A_JOB},
    35: {"$[0].*_count": "what a new forum starts with: the practice forum's own system user has written more"},
    109: {"*.logs*": "rows of one bulk call, in the order in which the database gives them"},
    215: {
        "*.description": _OWN_WORDS,
        "*.short_description": _OWN_WORDS,
        "*.post_action_types[*].name": _OWN_WORDS,
        "*.topic_flag_types[*].name": _OWN_WORDS,
        "*_types[*].position": "the order of buttons",
        "*_category_ids[*]": "in the order in which the database gives them",
        "*_color_scheme*": "themes are not for the worker",
        "*.tags_filter_regexp": "the same expression, written with one backslash more",
    },
    **_all((608, 609, 610, 611, 612, 613), {"*.private_topics_count": _BY_A_JOB, "*.last_emailed_*": _BY_A_JOB}),
    653: {"*.username": "random", "*.name": "random"},
    659: {"*.urls*": "lists the routes of a scope: the practice forum has fewer"},
    660: {"*.stats.*": _BY_A_JOB},
    661: {"*.site_settings*": "the practice forum knows the settings that matter to the worker, not all 797"},
    **_all((701, 702), {"*.dominant_color": "needs the picture to be decoded"}),
    **_all(range(751, 756), {"*.errors[*]": _SECONDS, "*.extras.*": _SECONDS}),
    838: {"*_url": "Discourse scales its logo down and stores the result"},
    **_all(
        (313, 315, 335, 339),
        {"*.pinned_globally": "a late job for the pin that had ended (273) took the flag of a later pin with it"},
    ),
    **_all(
        (321, 324),
        {
            "*.static_doc": "marks the page of guidelines, which is an ordinary topic here",
            "*.reads": "counted by a job",
        },
    ),
    325: {
        "*.topic_id": "jobs wrote the system's messages in an order of their own",
        "*.post_url": "the same",
        "*.reads": "counted by a job",
    },
}
"""Further values that are not compared, by the number of the recording."""
