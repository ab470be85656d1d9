"""The classes of Discourse's advisories of 2026, and what holds us to each: where it could happen here, and its tests.

A class is a kind of mistake that core made and corrected. Each has a place of ours where the same could be made, and
tests or specs that fail if it is. The specs of the plugin run inside Discourse (`make test-plugin`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPECS = "discourse_plugin/spec/requests"


@dataclass(frozen=True)
class Advisory:
    """A class of advisories, where it could happen with us, and what keeps it out: files, and words of the tests."""

    what: str
    here: str
    tests: tuple[tuple[str, str], ...]


ADVISORIES = (
    Advisory(
        "counts shown though members are hidden",
        "numbers of people in reports",
        (
            ("tests/report/test_report.py", "def test_no_number_between_none_and_the_limit_is_ever_shown"),
            ("tests/report/test_report.py", "def test_a_sum_from_which_a_hidden_number_follows_is_hidden_too"),
            (f"{SPECS}/advisories_spec.rb", "of members are not told to those who may not see the members"),
        ),
    ),
    Advisory(
        "counts of private subcategories",
        "the activity of a cohort, read from categories below its own and others",
        (
            (f"{SPECS}/activity_spec.rb", "leaves out other categories, messages, whispers and Discourse's own notes"),
            (f"{SPECS}/activity_spec.rb", "further ones only where the cohort's group may see them"),
            (f"{SPECS}/advisories_spec.rb", "do not grow by what is in categories and topics that the LCM may not see"),
        ),
    ),
    Advisory(
        "restricted values readable through a sort order",
        "who needs a hand, and the order of topics in roundups",
        (
            ("tests/signals/test_worth.py", "def test_the_order_in_which_topics_come_makes_no_difference"),
            (f"{SPECS}/permission_matrix_spec.rb", "has a row for every operation"),
            (
                f"{SPECS}/advisories_spec.rb",
                "do not tell an LCM when somebody was last seen, nor let the list be sorted by it",
            ),
        ),
    ),
    Advisory(
        "a parameter with usernames that bypasses visibility",
        "members, choices and activity, which only the worker may ask for",
        (
            (f"{SPECS}/permission_matrix_spec.rb", "serves the worker where it belongs to an administrator"),
            (f"{SPECS}/desk_spec.rb", "are not given to outsiders"),
            (
                f"{SPECS}/advisories_spec.rb",
                "answers alike about accounts that are not there and accounts outside the cohort",
            ),
        ),
    ),
    Advisory(
        "hidden or whispered answers in lists",
        "quotes, stories and marked practice",
        (
            ("tests/activity/test_collect.py", "def test_hidden_posts_bots_and_anonymised_people_are_not_quotable"),
            (f"{SPECS}/desk_spec.rb", "repeats no words of a post that was withdrawn or hidden since"),
            (
                f"{SPECS}/advisories_spec.rb",
                "makes no story and no practice of whispers, and of hidden or deleted posts",
            ),
        ),
    ),
    Advisory(
        "links that stay valid after access ends",
        "links to topics that moved to where the reader may not look",
        (
            ("tests/publish/test_last_look.py", "def test_a_category_is_readable_only_where_all_readers_of_the_target"),
            (f"{SPECS}/desk_spec.rb", "shows nothing about a topic that was moved where its reader may not look"),
            (f"{SPECS}/advisories_spec.rb", "shows an author no new title of a topic that they may not read any more"),
        ),
    ),
    Advisory(
        "cached text that shows removed content",
        "roundups and stories whose posts were deleted or edited",
        (
            ("tests/worker/test_roundup_care.py", "def test_what_must_not_be_shown_any_more_leaves_the_roundup"),
            ("tests/lcm/test_consent_loop.py", "def test_a_click_on_no_takes_a_told_story_down_at_the_next_look"),
            (f"{SPECS}/activity_spec.rb", "says so, without its text, when it"),
            (f"{SPECS}/advisories_spec.rb", "shows no text any more that was taken out of a draft"),
        ),
    ),
    Advisory(
        "payloads shown on redelivery",
        "the forum's webhooks, of which no word is kept",
        (
            (
                "tests/worker/test_webhooks.py",
                "def test_a_signed_event_is_written_down_and_wakes_the_worker",
            ),
            ("tests/worker/test_webhooks.py", "def test_the_same_event_twice_is_one"),
            ("discourse_plugin/spec/lib/newer_core_spec.rb", "and no text to or of a learner"),
        ),
    ),
    Advisory(
        "group history that shows secrets to owners",
        "problems on the desk and in logs, without addresses and keys",
        (
            ("tests/forum/test_secrets.py", "def test_no_log_or_error_shows_key_address_or_text"),
            ("tests/worker/test_roster_sync.py", "def test_no_address_is_kept_or_logged"),
            (f"{SPECS}/advisories_spec.rb", "writes no address and no key into the log of a group"),
        ),
    ),
    Advisory(
        "serializers leaking hidden full names",
        "names in messages, on desks and in reports",
        (
            (f"{SPECS}/activity_spec.rb", "under the new name of their author, and under none where it was taken away"),
            ("tests/worker/test_forgotten.py", "def test_an_author_who_was_asked_about_a_story_and_is_forgotten"),
            (f"{SPECS}/advisories_spec.rb", "leave out full names where the site has none"),
        ),
    ),
    Advisory(
        "MessageBus broadcasts to people who may not use a feature",
        "what tells open desks and consoles that something was decided",
        (
            (f"{SPECS}/desk_spec.rb", "tell other open desks"),
            (f"{SPECS}/advisories_spec.rb", "of a cohort without LCMs reach staff only, and carry no content"),
            (f"{SPECS}/advisories_spec.rb", "of runs reach administrators only"),
        ),
    ),
    Advisory(
        "forms without authorisation",
        "every address of the plugin, every action of a workflow, and every page of the practice forum",
        (
            ("discourse_plugin/spec/lib/newer_core_spec.rb", "are of nobody who does not lead the cohort"),
            (f"{SPECS}/permission_matrix_spec.rb", "answers #{status} to #{caller} at"),
            ("tests/practice_forum/test_who_may_call.py", "def test_administration_does_not_exist_for_others"),
        ),
    ),
    Advisory(
        "restricted titles through link counts",
        "topics that a roundup opens with, which are read as its readers see them",
        (
            ("tests/publish/test_last_look.py", "def test_a_topic_that_moved_to_where_everybody_reads_is_still_shown"),
            (f"{SPECS}/learners_spec.rb", "shows no topic that the reader may not see"),
        ),
    ),
    Advisory(
        "stale access after removal from a group",
        "pairs, desks and drafts about people who left the cohort",
        (
            ("tests/worker/test_pairs.py", "def test_who_left_the_cohort_before_the_approval_is_brought_together_with"),
            (f"{SPECS}/desk_spec.rb", "leaves out who has left the group"),
            (f"{SPECS}/advisories_spec.rb", "as an LCM opens nothing of the cohort any more"),
            (f"{SPECS}/advisories_spec.rb", "as a learner is nobody's partner any more"),
        ),
    ),
    Advisory(
        "invitations that give more than they say",
        "invitations that the worker would send again or count as its own",
        (("tests/membership/test_granting_invitations.py", "def test_one_that_waits_already_is_not_sent_again"),),
    ),
)


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory.what)
def test_each_class_of_advisories_is_kept_out_by_tests_that_are_there(advisory: Advisory) -> None:
    assert advisory.here
    assert advisory.tests
    for file, words in advisory.tests:
        assert words in (ROOT / file).read_text(encoding="utf-8"), f"{file} has no '{words}'"


def test_each_class_has_a_spec_or_a_test_of_the_plugin_and_most_have_both_halves() -> None:
    """Invitations are the worker's alone: the plugin sends none."""
    without = [
        advisory.what
        for advisory in ADVISORIES
        if not any(file.startswith("discourse_plugin/") for file, _ in advisory.tests)
    ]
    assert without == ["invitations that give more than they say"]
