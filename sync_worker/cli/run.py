"""`lcm run`: the worker as a service."""

from __future__ import annotations

import logging
import os
import socket
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sync_worker.cli import set_up_service_log
from sync_worker.cli.workspace import Workspace
from sync_worker.config.load import api_key
from sync_worker.desk.loop import DeskLoop, worker_name
from sync_worker.errors import ConfigError, UsageError
from sync_worker.forum.patience import Priority
from sync_worker.plays import REGISTRY
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.worker.answer_pages import AnswerPages
from sync_worker.worker.in_force import Live
from sync_worker.worker.metrics import Standing
from sync_worker.worker.personal_data import sweep
from sync_worker.worker.roster_sync import RosterSync
from sync_worker.worker.service import Chore, Service, Stopping
from sync_worker.worker.start import present
from sync_worker.worker.web_server import serving
from sync_worker.worker.webhooks import Receiver, checked_secret, work_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config import Settings
    from sync_worker.config.options import SyncSettings
    from sync_worker.forum import Forum
    from sync_worker.playbook.load import Playbook


LOG = logging.getLogger("sync_worker.run")
RETENTION_SECONDS = 3600.0  # it looks each hour whether a day is over
NOTHING = "there is nothing to do: no cohort has a playbook, and people are not synced."


def run(*, seconds: float, desk_seconds: float, cluster: bool, at_once: int, config_files: tuple[Path, ...]) -> None:
    """Look after all cohorts until stopped (Ctrl-C or SIGTERM)."""
    if not cluster and len(config_files) > 1:
        raise UsageError(
            "one process looks after one forum, and there are several settings.",
            do="Add --cluster, which looks after several forums, or start a process for each.",
        )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # its words are for programmers
    logger = logging.getLogger("sync_worker")
    if logger.getEffectiveLevel() > logging.INFO:
        logger.setLevel(logging.INFO)
    if cluster:
        from sync_worker.cli.cluster import run_cluster  # noqa: PLC0415  (only what shares its work needs it)

        run_cluster(seconds, desk_seconds, at_once, config_files)
        return
    with Workspace(config_files[0]) as workspace, tempfile.TemporaryDirectory(prefix="lcm-") as scratch:
        work = assemble(workspace, Path(scratch), seconds, desk_seconds, Stopping())
        set_up_service_log(work.live.settings.service.log, [api_key(work.live.settings.forum)])
        with work.serving():
            work.service.run()


@dataclass(frozen=True, slots=True)
class Work:
    """All that is done for one forum, and how it shows from outside."""

    live: Live
    loop: DeskLoop
    service: Service
    standing: Standing
    receiver: Receiver | None

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Serve health, metrics, webhooks and answers to mails meanwhile, as `lcm.yaml` says."""
        settings = self.live.settings

        def in_mails() -> bool:
            mail = self.live.settings.mail
            return mail is not None and mail.answers_at is not None

        pages = AnswerPages(self.service.store, settings.forum.name, in_mails)
        with serving(settings.service.place, self.standing, receiver=self.receiver, pages=pages):
            yield


def assemble(workspace: Workspace, scratch: Path, seconds: float, desk_seconds: float, stopping: Stopping) -> Work:
    """Return what is to be done for the forum of a workspace.

    Args:
        workspace: of its `lcm.yaml`.
        scratch: a private folder for copies of texts; the caller deletes it in the end.
        seconds: from one look at what is due to the next.
        desk_seconds: from one look at the desks to the next.
        stopping: is asked to stop.

    Raises:
        ConfigError: there is nothing to do, or a setting is wrong.

    """
    live = Live.start(workspace.config_file, REGISTRY, scratch)
    for problem in live.problems:
        LOG.error("%s", problem)
    if not live.playbooks and live.settings.sync is None:
        raise ConfigError(
            "\n".join(live.problems) or NOTHING,
            where=str(workspace.config_file),
            do="Give a cohort `playbook: NAME` (lcm playbook list), or add `sync: {every: 1h}`.",
        )
    live.note(workspace.store, present())
    forum = workspace.connect(Priority.BACKGROUND, sleep=stopping.sleep, ends_between_calls=True)
    loop = desk_loop(workspace, forum, live.playbooks)
    people = People(workspace, stopping, live.settings.sync)
    loop.more_problems = lambda: [*people.problems(), *live.problems]
    chores = [Chore("desks", desk_seconds, loop.look), Chore("the sync of people", seconds, people.look)]
    chores.append(Chore("retention", RETENTION_SECONDS, partial(clean_up, workspace)))
    service = Service(forum, workspace.store, live.settings, live.playbooks, seconds, chores, stopping)
    service.about_people = about_people(live.settings.sync)
    service.listen, service.hear = loop.listen, loop.hear
    service.reread = Following(workspace, live, service, loop, people).reread
    standing = standing_of(workspace, live, seconds)
    service.ticked = standing.ticked
    receiver = receiver_of(workspace, live.settings, service.wake.set)
    if receiver is not None:
        work = partial(work_on_webhooks, workspace, loop)
        service.chores = [Chore("webhooks", seconds, work), *service.chores]
    return Work(live, loop, service, standing, receiver)


def standing_of(workspace: Workspace, live: Live, seconds: float) -> Standing:
    """Return what tells, from outside, how the service stands."""
    budget = workspace.budget(Priority.BACKGROUND)
    return Standing(
        workspace.store,
        lambda: (live.settings, live.playbooks, len(live.problems)),
        budget.usage if budget else lambda: None,
        seconds,
        present(),
    )


def receiver_of(workspace: Workspace, settings: Settings, wake: Callable[[], None]) -> Receiver | None:
    """Return what takes in webhooks, None where nothing listens or no secret is shared with the forum."""
    secret = os.environ.get(settings.service.secret_env, "").strip()
    if settings.service.place is None or not secret:
        return None
    return Receiver(workspace.store, settings.forum.name, checked_secret(secret, settings.service.secret_env), wake)


def work_on_webhooks(workspace: Workspace, loop: DeskLoop, now: datetime) -> None:
    """Let what webhooks were about be looked at by what comes after this."""
    sooner = work_on(workspace.store, workspace.forum_name, now)
    if sooner.desks:
        loop.publish_soon()


def clean_up(workspace: Workspace, now: datetime) -> None:
    """Delete what was kept long enough, once a day."""
    sweep(workspace.store, known_cohorts(workspace.written, workspace.store), now)


@dataclass(slots=True)
class People:
    """Syncs people as `lcm.yaml` says at present, not at all while it has no `sync`."""

    workspace: Workspace
    stopping: Stopping
    options: SyncSettings | None
    _forums: dict[bool, Forum] = field(default_factory=dict)

    def look(self, now: datetime) -> None:
        """Sync if it is time."""
        if self.options is not None:
            self._sync(self.options).look(now)

    def problems(self) -> list[str]:
        """Return for the desk why people are not synced."""
        return self._sync(self.options).problems() if self.options is not None else []

    def _sync(self, options: SyncSettings) -> RosterSync:
        """Return what syncs, on a connection of its own that stops between two calls; it only reads without `apply`."""
        if options.apply not in self._forums:
            self._forums[options.apply] = self.workspace.connect(
                Priority.BACKGROUND,
                read_only=not options.apply,
                sleep=self.stopping.sleep,
                ends_between_calls=True,
            )
        return RosterSync(self._forums[options.apply], self.workspace.store, self.workspace.written, options)


@dataclass(frozen=True, slots=True)
class Following:
    """Hands on what was changed in `lcm.yaml` and playbooks to all that a service does."""

    workspace: Workspace
    live: Live
    service: Service
    loop: DeskLoop
    people: People

    def reread(self, asked: bool) -> None:
        """Read what was changed; the log says once what is followed from now on, and what is not."""
        before, followed = self.live.problems, self.live.settings
        if self.live.look(again=asked):
            self._hand_on(before, followed)
        self.live.note(self.workspace.store, present())  # again where the store failed

    def _hand_on(self, before: Sequence[str], followed: Settings) -> None:
        settings = self.live.settings
        if settings != followed:
            self.workspace.written = settings
            self.workspace.settings = settings
            self.service.settings = self.loop.settings = settings
            self.people.options = settings.sync
        self.service.playbooks = self.loop.playbooks = self.live.playbooks
        for problem in self.live.problems:
            if problem not in before:
                LOG.error("not followed: %s", problem)
        if not self.live.problems or settings != followed:
            LOG.info("settings and playbooks were read again; %s", about_people(settings.sync))


def about_people(options: SyncSettings | None) -> str:
    """Return whether people are synced, as the log says it."""
    if options is None:
        return "people are not synced, because lcm.yaml has no `sync` (run `lcm sync --apply` when the roster changes)"
    return f"people are synced {options.in_words()}"


def desk_loop(workspace: Workspace, forum: Forum, playbooks: Mapping[str, Playbook]) -> DeskLoop:
    """Return what looks after the desks of all cohorts."""
    name = worker_name(socket.gethostname(), workspace.written.store)
    return DeskLoop(forum, workspace.store, workspace.written, playbooks, name)
