"""A forum with the plugin, a cohort with something in every part of its desk, and browsers for people."""

from __future__ import annotations

import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import requests
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.patient import patiently

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSWORD = "a-long-pass-word-for-a-journey"
PATIENCE_SECONDS = 60
SETTINGS = {
    "enable_user_tips": "false",
    "enable_category_group_moderation": "true",
    "rate_limit_create_topic": "0",
    "max_logins_per_ip_per_minute": "60",
    "max_logins_per_ip_per_hour": "1000",
}
LOG_IN = """
const [url, username, password, done] = arguments;
(async () => {
  const { csrf } = await (await fetch(`${url}/session/csrf.json`)).json();
  const answer = await fetch(`${url}/session.json`, {
    method: "POST",
    headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest" },
    body: JSON.stringify({ login: username, password }),
  });
  done(await answer.text());
})();
"""


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Forum:
    """The forum over its API, as the worker and as anybody."""

    url: str
    key: str = field(repr=False)
    tag: str = field(default_factory=lambda: uuid.uuid4().hex[:6])

    def call(self, method: str, path: str, body: object = None, username: str = "system") -> Any:
        headers = {"Api-Key": self.key, "Api-Username": username}
        answer = patiently(lambda: requests.request(method, self.url + path, json=body, headers=headers, timeout=120))
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.text else None

    def person(self, name: str, **more: object) -> int:
        """Makes an account; answers with its id."""
        username = f"{name}_{self.tag}"
        account = {"username": username, "name": name.title(), "email": f"{username}@example.com", "password": PASSWORD}
        made = self.call("POST", "/users.json", {**account, "active": True, "approved": True, **more})
        assert made["success"], made
        return int(self.call("GET", f"/u/{username}.json")["user"]["id"])

    @contextmanager
    def settings(self, wanted: dict[str, str]) -> Iterator[None]:
        """Change settings of the site for a while."""
        present = {
            row["setting"]: row["value"] for row in self.call("GET", "/admin/site_settings.json")["site_settings"]
        }
        try:
            for name, value in wanted.items():
                self.call("PUT", f"/admin/site_settings/{name}.json", {name: value})
            yield
        finally:
            for name in wanted:
                self.call("PUT", f"/admin/site_settings/{name}.json", {name: present[name]})

    def tidy(self, category: int, groups: list[int]) -> None:
        """Delete a category with its topics, and groups. Accounts stay: Discourse deletes none that has written."""
        about = str(self.call("GET", f"/c/{category}/show.json")["category"]["topic_url"])
        for topic in self.call("GET", f"/latest.json?category={category}")["topic_list"]["topics"]:
            if not about.endswith(f"/{topic['id']}"):
                self.call("DELETE", f"/t/{topic['id']}.json")
        self.call("DELETE", f"/categories/{category}.json")
        for group in groups:
            self.call("DELETE", f"/admin/groups/{group}.json")

    def topic(self, username: str, title: str, **more: object) -> dict[str, Any]:
        raw = f"{title}. I tried it on Tuesday, and two people spoke who never do. {self.tag}"
        return self.call("POST", "/posts.json", {"title": title, "raw": raw, **more}, username=username)


@dataclass
class Cohort:
    """A cohort with an LCM (sam), two learners (ines, tomas), and something in every part of the desk."""

    forum: Forum
    key: str
    category: int
    people: dict[str, int]
    story: dict[str, Any]
    question: dict[str, Any]
    message: dict[str, Any]

    @property
    def desk(self) -> str:
        return f"/g/lcms_{self.forum.tag}/lcm"

    def work(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        more = True
        while more:
            after = items[-1]["id"] if items else 0
            page = self.forum.call("GET", f"/lcm/work.json?after={after}&limit=500")
            items += page["work"]
            more = page["more"]
        return [item for item in items if item["cohort"] in (self.key, None)]

    def kinds_of_work(self) -> set[str]:
        return {item["kind"] for item in self.work()}


def a_cohort(forum: Forum) -> Iterator[Cohort]:
    """A cohort while the journeys last; its groups, category and topics go with it."""
    key, tag, now = f"journey-{forum.tag}", forum.tag, datetime.now(UTC)
    people = {name: forum.person(name) for name in ("sam", "ines", "tomas")}
    declared = forum.call(
        "PUT",
        f"/lcm/cohorts/{key}.json",
        {
            "name": f"Journey {tag}",
            "start": str((now - timedelta(days=10)).date()),
            "end": str((now + timedelta(days=50)).date()),
            "timezone": "Europe/Paris",
            "locale": "en",
            "playbook": "first-steps",
            "group": {"name": f"cohort_{tag}", "full_name": f"Journey {tag}"},
            "lcm_group": {"name": f"lcms_{tag}", "full_name": f"LCMs {tag}"},
            "category": {"name": f"Journey {tag}", "slug": f"journey-{tag}"},
        },
    )["cohort"]
    forum.call(
        "PUT",
        f"/lcm/cohorts/{key}/members.json",
        {
            "change": f"members-{tag}",
            "group": {"add": [people["ines"], people["tomas"]]},
            "lcm_group": {"add": [people["sam"]]},
        },
    )
    category = declared["category"]["id"]
    story = forum.topic(f"ines_{tag}", f"Five minutes of silence {tag}", category=category)
    question = forum.topic(f"tomas_{tag}", f"Who signs off the shifts {tag}", category=category)
    message = forum.topic(
        "system", f"May I show your story {tag}", archetype="private_message", target_recipients=f"ines_{tag}"
    )
    forum.call("PUT", f"/lcm/cohorts/{key}/desk.json", publication(forum, people, story, question, message))
    forum.call("PUT", "/lcm/playbooks.json", {"playbooks": [PLAYBOOK]})
    try:
        yield Cohort(forum, key, category, people, story, question, message)
    finally:
        forum.call("DELETE", f"/lcm/cohorts/{key}.json")
        forum.tidy(category, [declared["group"]["id"], declared["lcm_group"]["id"]])


PLAYBOOK = {
    "name": "first-steps",
    "title": {"en": "First steps", "fr": "Premiers pas"},
    "version": 1,
    "steps": [{"id": "roundup", "play": "roundup", "timing": "every friday 14:00", "approval": "lcm"}],
}


def publication(
    forum: Forum, people: dict[str, int], story: dict[str, Any], question: dict[str, Any], message: dict[str, Any]
) -> dict[str, Any]:
    now = datetime.now(UTC)
    silent = {"weeks": [3, 2, 0, 0], "needs_hand": True, "reasons": [{"text": "Silent for two weeks."}]}
    figures = {"posts": 5, "replies_given": 1, "replies_received": 2, "likes_given": 0, "likes_received": 1}
    url = f"/t/{question['topic_slug']}/{question['topic_id']}"
    return {
        "as_of": iso(now),
        "calendar": [
            {
                "at": iso(now - timedelta(hours=1)),
                "step": "weekly-challenge",
                "play": "prompt",
                "title": "One decision to hand over",
                "state": "done",
                "topic_id": question["topic_id"],
                "due": iso(now + timedelta(days=4)),
            }
        ],
        "learners": [
            {"user_id": people["ines"], "weeks": [1, 2, 0, 3], "partners": [people["tomas"]], **figures},
            {"user_id": people["tomas"], **figures, **silent},
        ],
        "drafts": [
            {
                "key": f"nudge-{forum.tag}",
                "kind": "message",
                "title": "Your question",
                "raw": "Tomas, your question is still open.",
                "recipients": [f"tomas_{forum.tag}"],
                "reason": "He asked and nobody answered.",
                "evidence": [{"text": "His question", "url": url}],
                "created_at": iso(now),
            }
        ],
        "stories": [
            {
                "post_id": story["id"],
                "title": "Five minutes of silence",
                "quote": "Two people spoke who never do.",
                "evidence": [],
                "state": "asked",
                "message_topic_id": message["topic_id"],
            }
        ],
    }


class Page:
    """A browser in which somebody is logged in."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver = driver
        self.url = url

    def log_in(self, username: str, password: str = PASSWORD) -> None:
        self.driver.get(self.url + "/srv/status")
        answer = self.driver.execute_async_script(LOG_IN, self.url, username, password)
        assert '"user"' in answer, answer

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def send(self, command: str, **parameters: object) -> None:
        """Send a command of the Chrome DevTools Protocol."""
        self.driver.execute_cdp_cmd(command, parameters)

    def wait_for(self, css: str, text: str = "") -> Any:
        def found(driver: webdriver.Chrome) -> Any:
            return next((e for e in driver.find_elements(By.CSS_SELECTOR, css) if text in e.text), False)

        return self._patience().until(found, f"{css} with {text!r}")

    def until(self, question: Callable[[], Any]) -> Any:
        """Asks again until the answer is something; the page shows a decision before the server has it."""
        return self._patience().until(lambda _: question())

    def click(self, css: str) -> None:
        def click_it() -> bool:
            element = self.wait_for(css)
            self.driver.execute_script("arguments[0].scrollIntoView({ block: 'center' })", element)
            element.click()
            return True

        self.until(click_it)

    def write(self, css: str, text: str) -> None:
        element = self.wait_for(css)
        element.clear()
        element.send_keys(text)

    def _patience(self) -> WebDriverWait[webdriver.Chrome]:
        """Waits, also where the page draws anew what was found on it a moment ago."""
        stale = (StaleElementReferenceException,)
        return WebDriverWait(self.driver, PATIENCE_SECONDS, ignored_exceptions=stale)

    def has(self, css: str) -> bool:
        return bool(self.driver.find_elements(By.CSS_SELECTOR, css))

    def errors(self) -> list[str]:
        """What the plugin's own script complained of."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and "discourse-lcm" in entry["message"]
        ]


@contextmanager
def browser(url: str) -> Iterator[Page]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = shutil.which("chromium") or ""
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_script_timeout(PATIENCE_SECONDS)
    try:
        yield Page(driver, url)
    finally:
        driver.quit()
