"""A play's context made manually: topics, consents, history, and the shipped playbook's texts."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.activity.consents import Shown, shown_in
from sync_worker.activity.reader import Consent
from sync_worker.content.templates import PlaybookTexts
from sync_worker.model import Approval, Cohort, Draft, Occurrence, Topic
from sync_worker.plays import REGISTRY, Drafted, Host, PastDraft, PlayContext, Readers, consent
from tests.talk import NOON, Talk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.model import Post

LIBRARY = Path(__file__).resolve().parents[2] / "playbooks" / "first-steps"


@dataclass
class Desk:
    """Runs plays for one cohort; remembers what they posted, as the ledger does."""

    locale: str = "en"
    talk: Talk = field(default_factory=Talk)
    answers: list[Consent] = field(default_factory=list)
    past: list[PastDraft] = field(default_factory=list)
    zone: str = "Europe/Lisbon"

    def topics(self, since: datetime | None = None, until: datetime | None = None) -> list[Topic]:
        """Return the topics, as the reader of the store does."""
        del since, until
        return self.talk.all

    def new_authors(self, since: datetime, until: datetime) -> frozenset[int]:
        """Return who wrote for the first time, as the reader of the store does."""
        first: dict[int, datetime] = {}
        for post in (post for topic in self.talk.all for post in topic.posts):
            first[post.user_id] = min(post.created_at, first.get(post.user_id, post.created_at))
        return frozenset(user for user, at in first.items() if since <= at < until)

    def consents(self, cohort: str) -> list[Consent]:
        """Return the consents, as the reader of the store does."""
        del cohort
        return self.answers

    def drafts(self) -> Sequence[PastDraft]:
        """Return what the cohort already got."""
        return self.past

    def rejected(self) -> Sequence[PastDraft]:
        """Return what the LCMs did not want: nothing."""
        return ()

    def context(
        self, play: str, now: datetime, approval: Approval, *, at_the_end: bool = False, **options: Any
    ) -> PlayContext:
        """Return what the play may know."""
        cohort = Cohort(
            "spring", "Spring 2027" if self.locale == "en" else "Printemps 2027", date(2027, 2, 1), date(2027, 3, 14),
            self.zone, self.locale, "spring", "spring-lcm", "Spring 2027", "spring",
        )  # fmt: skip
        return PlayContext(
            occurrence=Occurrence(cohort, "first-steps", play, now),
            options=REGISTRY[play].options.model_validate(options),
            now=now,
            texts=PlaybookTexts(LIBRARY, self.locale),
            activity=self,  # type: ignore[arg-type]
            history=self,
            forum_url="https://forum.example",
            rng=random.Random(now.isoformat()),
            approval=approval,
            hosts=(Host("marta", "Marta Reis"), Host("joao", "João Pires")),
            at_the_end=at_the_end,
            readers=Readers("Spring 2027", 31),
        )

    def run(self, play: str, *, now: datetime = NOON, approval: Approval = Approval.NONE, **options: Any) -> Drafted:
        """Draft, and remember it as published."""
        return self._remember(play, now, REGISTRY[play].draft(self.context(play, now, approval, **options)))

    def ask(self, post: Post, *, now: datetime = NOON - timedelta(hours=1)) -> Draft:
        """Ask the author of one post for consent."""
        asked = consent.draft_about(self.context("consent", now, Approval.LCM), post.id)
        return self._remember("consent", now, asked).drafts[0]

    def answer(self, post: Post, said: str, *, now: datetime = NOON - timedelta(hours=1), words: str = "") -> Shown:
        """Ask the author of a post and let the author answer; return the story that was shown."""
        shown = shown_in(self.ask(post, now=now).raw)
        assert shown is not None
        self.answers.append(Consent(post.id, post.user_id, post.username, said, now, shown, words))
        return shown

    def _remember(self, play: str, now: datetime, drafted: Drafted) -> Drafted:
        self.past += [PastDraft(play, now, draft, 7) for draft in drafted.drafts]
        return drafted

    def one(self, play: str, **more: Any) -> Draft:
        """Draft, and return the only draft."""
        drafted = self.run(play, **more)
        assert len(drafted.drafts) == 1, drafted.reason
        return drafted.drafts[0]


@pytest.fixture
def desk() -> Desk:
    """An English cohort's desk."""
    return Desk()


@pytest.fixture
def french_desk() -> Desk:
    """A French cohort's desk."""
    return Desk("fr")
