"""What people do with the plugin, in a browser, on a real Discourse: DISCOURSE_URL and DISCOURSE_API_KEY name it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.support.ui import Select

from tests.plugin.browsing import browser, iso

if TYPE_CHECKING:
    from tests.plugin.browsing import Cohort, Page

pytestmark = [pytest.mark.live, pytest.mark.slow]


def test_an_lcm_edits_and_approves_a_draft_and_the_worker_hears_of_it(cohort: Cohort, page: Page) -> None:
    page.log_in(f"sam_{cohort.forum.tag}")
    page.open(f"/g/lcms_{cohort.forum.tag}")
    page.click(".lcm-desk-tab a")
    page.click("#lcm-tab-drafts")
    page.click(".lcm-draft__edit")
    page.write(".lcm-draft__raw", "Tomas, **ask Ines**.")
    page.wait_for(".lcm-draft__cooked strong", "ask Ines")
    page.click(".lcm-draft__approve")
    page.wait_for(".lcm-draft--approved")

    approved = page.until(lambda: [item for item in cohort.work() if item["kind"] == "approve_draft"])
    assert [item["data"]["raw"] for item in approved] == ["Tomas, **ask Ines**."]


def test_an_lcm_dismisses_a_sign_and_takes_that_back(cohort: Cohort, page: Page) -> None:
    page.log_in(f"sam_{cohort.forum.tag}")
    page.open(f"{cohort.desk}?section=people")
    page.click(".lcm-person--hand .lcm-person__dismiss")
    page.write(".lcm-reason-modal__text", "On leave")
    page.click(".lcm-reason-modal__submit")
    page.wait_for(".lcm-person__attention", "On leave")
    page.click(".lcm-person__restore")
    page.wait_for(".lcm-person--hand")

    assert page.until(lambda: {"dismiss_learner", "restore_learner"} <= cohort.kinds_of_work())


def test_an_lcm_pins_a_topic_and_marks_a_blocker_from_its_menu(cohort: Cohort, page: Page) -> None:
    question = cohort.question
    page.log_in(f"sam_{cohort.forum.tag}")
    page.open(f"/t/{question['topic_slug']}/{question['topic_id']}")
    page.click(".toggle-admin-menu")
    page.click(".lcm-topic-pin")
    page.click(".lcm-until-modal__submit")
    page.wait_for(".lcm-topic-badges__badge--pinned")
    page.click(".toggle-admin-menu")
    page.click(".lcm-topic-mark-blocker")
    page.write(".lcm-reason-modal__text", "Cannot plan without it")
    page.click(".lcm-reason-modal__submit")
    page.wait_for(".lcm-topic-badges__badge--blocker_open")

    page.open(f"{cohort.desk}?section=blockers")
    page.wait_for(".lcm-blocker", "Who signs off")
    page.click(".lcm-blocker__choose-owner")
    page.write(".lcm-owner-modal__search", "ines")
    page.click(".lcm-owner-modal__submit")
    page.wait_for(".lcm-blocker__owner", "Ines")
    page.click(".lcm-blocker__solve")
    assert page.wait_for(".lcm-cards--quiet .lcm-blocker")


def test_a_learner_finds_the_box_and_chooses_what_reaches_them(cohort: Cohort, page: Page) -> None:
    page.log_in(f"ines_{cohort.forum.tag}")
    page.open(f"/c/{cohort.category}")
    page.wait_for(".lcm-box__item--prompt", "Who signs off")
    page.wait_for(".lcm-box__item--partners", "Tomas")
    assert not page.has(".lcm-box__desk")

    page.click(".lcm-box__preferences")
    page.click(".lcm-preferences__nudges")
    page.wait_for(".lcm-preferences__said", "Saved")
    chosen = [item for item in cohort.work() if item["kind"] == "preference"]
    assert [item["data"]["nudges"] for item in chosen if item["by"]["id"] == cohort.people["ines"]] == [False]


def test_an_author_consents_in_the_message_and_the_story_is_spotlighted(cohort: Cohort, page: Page) -> None:
    page.log_in(f"ines_{cohort.forum.tag}")
    page.open(f"/t/{cohort.message['topic_slug']}/{cohort.message['topic_id']}")
    page.click(".lcm-consent__yes")
    page.wait_for(".lcm-consent--yes")
    with browser(cohort.forum.url) as desk:
        desk.log_in(f"sam_{cohort.forum.tag}")
        desk.open(f"{cohort.desk}?section=stories")
        desk.click(".lcm-story__spotlight")
        desk.wait_for(".lcm-story .lcm-chip", "Spotlighted")

    assert page.until(lambda: {"consent", "spotlight"} <= cohort.kinds_of_work())


def test_a_learner_has_no_desk(cohort: Cohort, page: Page) -> None:
    page.log_in(f"tomas_{cohort.forum.tag}")
    page.open(f"/g/cohort_{cohort.forum.tag}")
    page.wait_for(".group-nav")
    assert not page.has(".lcm-desk-tab")
    page.open(f"/g/cohort_{cohort.forum.tag}/lcm")
    page.wait_for("#main-outlet > *")
    assert not page.has(".lcm-desk")


def test_an_admin_asks_for_a_preview_and_watches_the_worker(cohort: Cohort, page: Page, admin: tuple[str, str]) -> None:
    page.log_in(*admin)
    page.open("/admin/plugins/discourse-lcm/playbooks")
    card = f'.lcm-admin-cohort[data-cohort="{cohort.key}"]'
    Select(page.wait_for(f"{card} select")).select_by_value("roundup")
    page.click(f"{card} .lcm-admin-cohort__preview")
    page.wait_for(".lcm-run__live")

    asked = [item for item in cohort.work() if item["kind"] == "preview_playbook"]
    run, now = asked[-1]["subject"], iso(datetime.now(UTC))
    report = {"kind": "preview", "cohort": cohort.key, "step": "roundup", "started_at": now}
    line = {"number": 1, "at": now, "level": "info", "text": "Reading the week."}
    cohort.forum.call("PUT", f"/lcm/runs/{run}.json", {**report, "state": "running", "lines": [line]})
    page.wait_for(".lcm-log__line", "Reading the week.")
    preview = {"kind": "topic", "title": "This week", "raw": "We **tried** it.", "recipients": [], "reason": "Friday"}
    done = {**report, "state": "done", "finished_at": now, "previews": [preview]}
    cohort.forum.call("PUT", f"/lcm/runs/{run}.json", done)
    assert page.wait_for(".lcm-run__preview strong", "tried")
