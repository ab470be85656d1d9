"""The pages of the plugin, by whose they are: how each is reached and what is done on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.plugin.browsing import Cohort, Page
    from tests.plugin.everything import Everything

SNOOZE = (".lcm-person__snooze", ".lcm-until-modal__preset")


@dataclass(frozen=True)
class Place:
    """A page of ours: its address, what stands on it when it is there, core's page beside it, what is done first."""

    name: str
    path: str
    shows: str
    beside: str
    act: Callable[[Page], object] = id
    act_beside: Callable[[Page], object] = id


def click(css: str, then: str) -> Callable[[Page], object]:
    """Click on something, and wait for what that shows."""

    def act(page: Page) -> None:
        page.click(css)
        page.wait_for(then)

    return act


def write(button: str, then: str, field: str, value: str, says: str) -> Callable[[Page], object]:
    """Click on a button, put a value into the field that appears, and wait for what that says."""

    def act(page: Page) -> None:
        click(button, then)(page)
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"
        page.driver.execute_script(script, page.wait_for(field), value)
        page.wait_for(says)

    return act


def unfold(page: Page) -> None:
    script = "document.querySelectorAll('.lcm-admin details, .lcm-desk details').forEach((each) => (each.open = true))"
    page.driver.execute_script(script)


def places_of_the_lcm(cohort: Cohort, made: Everything) -> list[Place]:
    at, members = f"{cohort.desk}?section=", f"/g/lcms_{cohort.forum.tag}/members"
    snooze = click(*SNOOZE)
    dismiss = click(".lcm-person__dismiss", ".lcm-reason-modal__text")
    edit = click(".lcm-draft__edit", ".lcm-draft__raw")
    too_far = write(*SNOOZE, ".lcm-until-modal__date", "2999-01-01", ".lcm-form__problem")
    give = click(".lcm-blocker__choose-owner", ".lcm-owner-modal__list")
    question, badges = f"/t/{cohort.question['topic_id']}", ".lcm-topic-badges"
    return [
        Place("this week", f"{at}week", ".lcm-week__entry--failed", members),
        Place("people", f"{at}people", ".lcm-person--hand", members),
        Place("putting aside", f"{at}people", ".lcm-person--hand", members, snooze),
        Place("too far a day", f"{at}people", ".lcm-person--hand", members, too_far),
        Place("dismissing", f"{at}people", ".lcm-person--hand", members, dismiss),
        Place("drafts", f"{at}drafts", ".lcm-draft--failed", members, unfold),
        Place("editing a draft", f"{at}drafts", ".lcm-draft--failed", members, edit),
        Place("blockers", f"{at}blockers", ".lcm-cards--quiet .lcm-blocker", members),
        Place("giving a blocker", f"{at}blockers", ".lcm-blocker", members, give),
        Place("stories", f"{at}stories", ".lcm-story", members),
        Place("what was done", f"{at}care", ".lcm-section--care .lcm-evidence", members),
        Place("practice", f"{at}practices", ".lcm-practice", members),
        Place("a topic's badges", question, badges, made.plain_topic),
    ]


def places_of_a_learner(cohort: Cohort, made: Everything) -> list[Place]:
    category, message = f"/c/{cohort.category}", f"/t/{cohort.message['topic_id']}"
    choices = f"/u/ines_{cohort.forum.tag}/preferences"
    close = click(".lcm-box__toggle", ".lcm-box__toggle[aria-expanded=false]")
    agree = click(".lcm-consent__yes", ".lcm-consent--yes")
    return [
        Place("the box", category, ".lcm-box__item--assignment", "/latest"),
        Place("the box, closed", category, ".lcm-box", "/latest", close),
        Place("preferences", f"{choices}/lcm", ".lcm-preferences .lcm-consent", f"{choices}/account"),
        Place("being asked", message, ".lcm-topic-consent", made.plain_message),
        Place("having agreed", message, ".lcm-topic-consent", made.plain_message, agree),
    ]


def places_of_an_administrator(cohort: Cohort, made: Everything) -> list[Place]:
    pages, core = "/admin/plugins/discourse-lcm", "/admin/plugins/discourse-lcm/settings"
    card = f'.lcm-admin-cohort[data-cohort="{cohort.key}"]'
    question, menu = f"/t/{cohort.question['topic_id']}", click(".toggle-admin-menu", ".lcm-topic-change-pin")
    core_menu = click(".toggle-admin-menu", ".topic-admin-menu-content button")
    pause, shift = f"{card} .lcm-admin-cohort__pause", f"{card} .lcm-admin-cohort__shift"
    return [
        Place("playbooks", f"{pages}/playbooks", card, core, unfold),
        Place("pausing", f"{pages}/playbooks", card, core, click(pause, ".lcm-until-modal__preset")),
        Place("shifting", f"{pages}/playbooks", card, core, click(shift, ".lcm-shift-modal__days")),
        Place("runs", f"{pages}/runs", ".lcm-runs tbody tr", core),
        Place("a run", f"{pages}/runs/{made.run}", ".lcm-run__preview", core),
        Place("health", f"{pages}/health", ".lcm-health__problems", core),
        Place("settings", core, ".admin-plugin-config-page", "/admin/plugins"),
        Place("a topic's menu", question, ".lcm-topic-badges", made.plain_message, menu, core_menu),
    ]
