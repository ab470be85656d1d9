"""The practice forum's pages in Chromium: by click, on a phone, in the dark, and with hostile text."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from tests.absent import absent
from tests.conftest import PracticeForum
from tests.practice_forum.test_acting_on_pages import COHORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> " + "long" * 60


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Chromium, driven; the tests are skipped where it is not installed, unless LCM_REQUIRE_TOOLS is set."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        absent("chromium or chromedriver is not installed (Debian: chromium, chromium-driver)")
    options = Options()
    options.binary_location = chromium
    for argument in (*QUIET, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(argument)
    found = webdriver.Chrome(options=options, service=Service(driver))
    yield found
    found.quit()


@pytest.fixture
def browser(chromium: webdriver.Chrome) -> webdriver.Chrome:
    """Chromium as it is after its start: an empty page, a large window, no cookies, no wishes."""
    chromium.delete_all_cookies()
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chromium.set_window_size(1280, 800)
    chromium.get("about:blank")
    return chromium


@pytest.fixture
def pages(practice_forum: PracticeForum) -> PracticeForum:
    """A forum with a topic whose posts quote, like and attack."""
    practice_forum.add_users("alice", "bob")
    opening = {"title": "How we shortened the hand-over", "raw": "It took twenty minutes, now seven.", "category": 4}
    made = practice_forum.call("POST", "/posts.json", as_user="alice", json=opening).json()
    quote = f'[quote="alice, post:1, topic:{made["topic_id"]}"]\nIt took twenty minutes, now seven.\n[/quote]\n\nHow?'
    for text in (quote, HOSTILE):
        answer = practice_forum.call("POST", "/posts.json", json={"topic_id": made["topic_id"], "raw": text})
        assert answer.status_code == 200, answer.text
    return practice_forum


def width(browser: webdriver.Chrome) -> tuple[int, int]:
    """Return how wide the page is, and how wide the window."""
    page, window = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    return page, window


def background(browser: webdriver.Chrome) -> str:
    return str(browser.execute_script("return getComputedStyle(document.body).backgroundColor"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ForumServer]:
    """A forum with the plugin, and the desk of a cohort with somebody who needs a hand."""
    with ForumServer(tmp_path / "desk.db", options=ForumOptions(plugin=True)) as server:
        forum = PracticeForum(server, DEFAULT_KEY)
        (ana,) = forum.add_users("ana")
        assert forum.call("PUT", "/lcm/cohorts/spring-27.json", json=COHORT).ok
        group = forum.get("/groups/spring-27.json")["group"]["id"]
        assert forum.call("PUT", f"/groups/{group}/members.json", json={"usernames": "ana"}).ok
        counts = ("posts", "replies_given", "replies_received", "likes_given", "likes_received")
        row = {"user_id": ana, "weeks": [0, 1, 2, 0], "needs_hand": True, **dict.fromkeys(counts, 1)}
        body = {"as_of": "2027-03-05T09:00:00Z", "learners": [{**row, "reasons": [{"text": "No post for two weeks"}]}]}
        published = forum.call("PUT", "/lcm/cohorts/spring-27/desk.json", json=body)
        assert published.json()["counts"]["learners"] == 1
        forum.client.close()
        yield server


def test_a_visitor_clicks_from_the_home_page_to_a_quoted_post(pages: PracticeForum, browser: webdriver.Chrome) -> None:
    browser.get(pages.url)
    browser.find_element(By.LINK_TEXT, "General").click()
    browser.find_element(By.LINK_TEXT, "How we shortened the hand-over").click()
    assert "practice forum" in browser.find_element(By.TAG_NAME, "body").text.lower()
    quoted = browser.find_element(By.CSS_SELECTOR, "aside.quote blockquote").text
    assert quoted == "It took twenty minutes, now seven."


def test_no_page_is_wider_than_a_phone(pages: PracticeForum, browser: webdriver.Chrome) -> None:
    browser.set_window_size(360, 740)
    browser.get(pages.url)
    topic = browser.find_element(By.LINK_TEXT, "How we shortened the hand-over").get_attribute("href")
    for address in (pages.url, topic, *(pages.url + path for path in ("/latest", "/c/general/4", "/g", "/u/alice"))):
        browser.get(str(address))
        page, window = width(browser)
        assert page <= window, f"{address}: {page} px in a window of {window}"


def out_of_sight(browser: webdriver.Chrome) -> list[str]:
    """Return the names of the fields and buttons that do not lie within the window's width."""
    return [
        str(field.get_attribute("name") or field.text)
        for field in browser.find_elements(By.CSS_SELECTOR, "main input:not([type=hidden]), main select, main button")
        if field.rect["width"] == 0 or field.rect["x"] + field.rect["width"] > width(browser)[1]
    ]


def test_every_field_is_in_sight_on_a_phone(desk: ForumServer, browser: webdriver.Chrome) -> None:
    browser.set_window_size(360, 740)
    for path, shown in (
        ("/admin/site_settings?filter=allow", "allow_uppercase_posts"),
        ("/g/spring-27/lcm", "Dismiss"),
    ):
        browser.get(desk.url + path)
        assert shown in browser.find_element(By.TAG_NAME, "main").text
        assert out_of_sight(browser) == [], path


def test_a_page_that_is_not_there_fits_a_phone(pages: PracticeForum, browser: webdriver.Chrome) -> None:
    phone = {"width": 375, "height": 740, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    browser.get(f"{pages.url}/nowhere")
    assert browser.title == "Page Not Found"
    assert width(browser)[0] <= 375


def test_emoji_in_titles_are_drawn(pages: PracticeForum, browser: webdriver.Chrome) -> None:
    browser.get(pages.url)
    browser.find_element(By.LINK_TEXT, "Welcome to Discourse! 👋").click()
    assert browser.find_element(By.TAG_NAME, "h1").text == "Welcome to Discourse! 👋"


def test_text_from_people_runs_nothing(pages: PracticeForum, browser: webdriver.Chrome) -> None:
    browser.get(pages.url)
    browser.find_element(By.LINK_TEXT, "How we shortened the hand-over").click()
    assert "owned" not in browser.title
    assert browser.find_elements(By.TAG_NAME, "script") == []


def test_the_pages_follow_the_readers_wish_for_dark(pages: PracticeForum, browser: webdriver.Chrome) -> None:
    browser.get(pages.url)
    light = background(browser)
    wish = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", wish)
    assert background(browser) != light
