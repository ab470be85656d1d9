"""A cohort on a practice forum that follows a playbook of a test's own, with the shipped texts."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

from sync_worker.forum import Forum
from sync_worker.playbook.load import shipped_folder
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from tests.worker.story_site import StorySite, add_user, day, make_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from sync_worker.worker.run_report import RunReport

RESOURCES = """\
resources:
- {id: listening, title: Listening without planning your answer, link: 'https://example.org/listening', minutes: 7,
   why: You have one conversation this week in which the other person knows more., tags: [talk]}
- {id: feedback, title: Feedback that can be used on Monday, link: 'https://example.org/feedback?a=1&b=(2)', minutes: 1,
   why: The session on feedback was yesterday and the first try comes now., from: start +7d, until: start +13d,
   ask: 'Which of the three sentences will you say first?', tags: [talk, feedback]}
- {id: questions, title: Five questions for a hand-over, link: 'http://example.org/five', minutes: 12,
   why: The night shift has asked for exactly this list for a year.}
"""


class TopicsSite(StorySite):
    """A cohort of ana and ben with the LCM lea."""

    def run(self, now: datetime, **more: Any) -> RunReport:
        """Do what is due; nothing may go wrong."""
        report = super().run(now, **more)
        assert report.failures == [], report.failures
        return report

    def topics(self) -> list[tuple[str, str]]:
        """Title and text of each topic that the worker opened in the category, oldest first."""
        found = [topic for topic in self._ours() if topic.archetype == "regular"]
        return [(topic.title, self.texts(topic)[0]) for topic in found]

    def topic_id(self, words: str) -> int:
        """The id of the one topic with these words in its title."""
        [topic] = [one for one in self._ours() if words in one.title]
        return topic.id

    def join(self, *names: str) -> dict[str, int]:
        """Let further people join the cohort; return everybody's account by first name."""
        added = {name: add_user(self.server, f"{name}_{self.key}") for name in names}
        with self.forum() as forum:
            if added:
                [group] = [one for one in forum.groups() if one.name == self.key]
                forum.add_members(group.id, list(added.values()))
            return {one.username.partition("_")[0]: one.id for one in forum.members(self.key)}

    def change(self, **cohort: Any) -> None:
        """Write something else of the cohort into the settings."""
        [declared] = self.settings.cohorts
        written = {**declared.model_dump(by_alias=True, exclude={"steps"}), **cohort}
        self.settings = self.settings.model_copy(update={"cohorts": (type(declared).model_validate(written),)})

    @contextmanager
    def forum(self) -> Iterator[Forum]:
        """A client of the forum."""
        with Forum.connect(self.settings.forum, DEFAULT_KEY) as forum:
            yield forum


def follow(server: ForumServer, folder: Path, key: str, steps: str, locale: str = "en", **cohort: Any) -> TopicsSite:
    """Make a cohort that follows a playbook with these steps; its list of resources is called `reading`."""
    made = make_site(server, folder, key, locale=locale)
    own = folder / key / "ours"
    for texts in ("templates", "decks"):
        shutil.copytree(shipped_folder() / "first-steps" / texts, own / texts)
    (own / "playbook.yml").write_text(
        f"playbook: ours\ntitle: {{en: Ours, fr: À nous}}\nversion: 1\nsteps:\n{steps}", encoding="utf-8"
    )
    (own / "resources").mkdir()
    for language in ("en", "fr"):
        (own / "resources" / f"reading.{language}.yml").write_text(RESOURCES, encoding="utf-8")
    changed = made.settings.cohorts[0].model_copy(update={"playbook": "ours", **cohort})
    settings = made.settings.model_copy(update={"playbooks": (own,), "cohorts": (changed,)})
    return TopicsSite(server, settings, key, made.category)


def begin(server: ForumServer, folder: Path, key: str, steps: str, locale: str = "en", **cohort: Any) -> TopicsSite:
    """Make such a cohort on the day before its first one, so that its people are in it from the start."""
    began = {"now": day(0).isoformat()}
    requests.put(f"{server.url}/practice/clock.json", json=began, timeout=30).raise_for_status()
    return follow(server, folder, key, steps, locale, **cohort)
