"""Asks a language model once for the words of an occurrence, and keeps what it proposed before drafts are made of it.

What was kept is part of what a play is given from then on: written anew, or by another worker after a crash, the draft
has the same words, or our own where its sources have changed.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.choices import unheard
from sync_worker.config.language_model import language_model_key
from sync_worker.content.proposals import Material, NotAsked, Proposal, Proposals, asked, judged, most_tokens, refused
from sync_worker.errors import ForumError, LcmError
from sync_worker.language_model import LanguageModel, Message, tokens_in
from sync_worker.model.rights import is_open_without_account
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import ProposalRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.config.language_model import LanguageModelSettings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
USED = "language model used"  # under this name the store keeps how much of the day's limits is used
LOGIN = "login_required"
ASKING = ""  # the part of the row that says that the model was asked
NO_ANSWER = "the model gave no answer: "


def kept_proposals(session: Session, key: str) -> Proposals:
    """Return what the model proposed for an occurrence, by the occurrence's key."""
    rows = session.scalars(select(ProposalRow).where(ProposalRow.key == key, ProposalRow.part != ASKING))
    return Proposals({row.part: _proposal(row) for row in rows})


def last_asked(session: Session, forum: str, cohort: str) -> tuple[ProposalRow | None, tuple[Proposal, ...]]:
    """Return when and about what the model was asked last for a cohort, and what became of each text."""
    of_cohort = select(ProposalRow).where(ProposalRow.forum == forum, ProposalRow.cohort == cohort)
    asking = session.scalars(of_cohort.where(ProposalRow.part == ASKING).order_by(ProposalRow.at.desc())).first()
    return (asking, tuple(kept_proposals(session, asking.key).by_part.values())) if asking else (None, ())


def _proposal(row: ProposalRow) -> Proposal:
    values = {one.name: getattr(row, one.name) for one in fields(Proposal)}
    return Proposal(**{**values, "user_ids": tuple(row.user_ids)})


@dataclass(frozen=True, slots=True)
class Used:
    """How much of the limits of a day is used; days are those of UTC."""

    day: str
    calls: int = 0
    tokens: int = 0


def used_on(session: Session, forum: str, now: datetime) -> Used:
    """Return how often the model was asked today, for the cohorts of a forum, and with how many tokens."""
    today = now.date().isoformat()
    kept = json.loads(remembered(session, forum, USED) or "{}")
    return Used(**kept) if kept.get("day") == today else Used(today)


@dataclass(slots=True)
class Proposer:
    """Asks a model; make one for each run, so that a model that does not answer is asked once in it.

    Calls to the forum: where a cohort does not allow private categories, 1 for each category and 1 for the settings,
    each once a run. Calls to the model: 1 for each occurrence.

    Args:
        forum: whose posts are sent.
        store: keeps what was proposed.
        counted: keeps how much was used; another store than `store` only for a preview.
        settings: where the model is, and what it may be sent.
        now: the present, in UTC.

    """

    forum: Forum
    store: Store
    counted: Store
    settings: LanguageModelSettings
    now: datetime
    _silent: str = ""
    _open: dict[int, bool] = field(default_factory=dict)

    def propose(self, key: str, cohort: Cohort, material: Material | None) -> bool:
        """Ask the model about an occurrence, unless that was done before; return whether anything new is kept.

        It is not asked where somebody whose words it would get may have said no in a message that cannot be read.

        Raises:
            ForumError: who may read a category cannot be looked up now.

        """
        if material is None:
            return False
        with self.store.begin() as session:
            before = session.get(ProposalRow, (key, ASKING))
            is_unheard = unheard(session, self.forum.name).includes({one.user_id for one in material.items})
        if is_unheard or (before is not None and before.problem != NotAsked.UNDER_WAY):
            return False
        allowed = self._allowed(cohort, material)
        found, problem = self._answered(key, cohort, allowed)
        same = allowed.whole == material.whole  # the opening tells of all items
        kept = {one.part: one for one in found if one.post_id is not None or same}
        parts = {one.part: one for one in refused(material, NotAsked.PRIVATE)} | kept
        self._keep(key, cohort, material, problem, list(parts.values()))
        return True

    def _answered(self, key: str, cohort: Cohort, material: Material) -> tuple[list[Proposal], str]:
        """Return what the model proposed, and why it did not, where it did not."""
        if not material.items:
            return [], NotAsked.PRIVATE
        task, given = asked(material)
        problem = self._silent or self._begin(key, cohort, material, tokens_in(task + given) + most_tokens(material))
        if problem:
            return list(refused(material, problem)), problem
        try:
            with LanguageModel(self.settings, language_model_key(self.settings)) as model:
                messages = (Message("system", task), Message("user", given))
                answer = model.ask(messages, most_tokens(material), as_json=True)
        except LcmError as error:
            LOG.warning("the language model proposed nothing for %s: %s", cohort.key, error)
            self._silent = problem = f"{NO_ANSWER}{error.what}"
            return list(refused(material, problem)), problem
        self._count(0, answer.tokens)
        return list(judged(material, answer.text)), ""

    def _begin(self, key: str, cohort: Cohort, material: Material, tokens: int) -> str:
        """Count the call and write down that it is under way; return why it must not be made, "" where it may."""
        with self.counted.begin() as session:
            used = used_on(session, self.forum.name, self.now)
        if used.calls >= self.settings.calls_per_day or used.tokens + tokens > self.settings.tokens_per_day:
            return NotAsked.LIMIT
        self._count(1, 0)
        self._keep(key, cohort, material, NotAsked.UNDER_WAY, ())
        return ""

    def _count(self, calls: int, tokens: int) -> None:
        with self.counted.begin() as session:
            used = used_on(session, self.forum.name, self.now)
            new = Used(used.day, used.calls + calls, used.tokens + tokens)
            remember(session, self.forum.name, USED, json.dumps(asdict(new)))

    def _keep(self, key: str, cohort: Cohort, material: Material, problem: str, parts: Sequence[Proposal]) -> None:
        """Keep what became of each text, and that the model was asked, in one transaction."""
        shared = {"key": key, "forum": self.forum.name, "cohort": cohort.key, "at": self.now}
        with self.store.begin() as session:
            session.merge(
                ProposalRow(
                    **shared, part=ASKING, digest=material.whole, text="", problem=problem, post_id=None, user_ids=[]
                )
            )
            for one in parts:
                session.merge(ProposalRow(**shared, **{**asdict(one), "user_ids": list(one.user_ids)}))

    def _allowed(self, cohort: Cohort, material: Material) -> Material:
        """Return what may be sent: all where the cohort allows that, else what people without an account can read."""
        if cohort.key in self.settings.private_categories_of:
            return material
        places = {one.category_id for one in material.items}
        return material.of_categories([place for place in sorted(places) if self._is_open(place)])

    def _is_open(self, category_id: int) -> bool:
        """Whether everybody can read a category, without an account; what is not known counts as no."""
        if category_id not in self._open:
            self._open[category_id] = is_open_without_account(self._permissions(category_id)) and not self._asks_login()
        return self._open[category_id]

    def _permissions(self, category_id: int) -> dict[str, int] | None:
        try:
            return self.forum.category(category_id).permissions
        except ForumError as error:
            if error.refused_with(403, 404):
                return None
            raise

    def _asks_login(self) -> bool:
        try:
            return self.forum.site_settings([LOGIN]).get(LOGIN, "").lower() != "false"
        except ForumError as error:
            if error.refused_with(403, 404):
                return True
            raise
