"""`lcm init`, `check` and `webhooks`: a first lcm.yaml, whether everything is set up, and what the forum tells us."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sync_worker.checks import Verdict, warn
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config import load_settings
from sync_worker.config.base import write_private
from sync_worker.errors import ConfigError, ForumError, LcmError, PartialError, UsageError
from sync_worker.forum.checks import check_setup
from sync_worker.forum.patience import Priority
from sync_worker.language_model import check_language_model
from sync_worker.mail.delivery import check_mail
from sync_worker.playbook.checks import AREA as PLAYBOOKS
from sync_worker.playbook.checks import check_playbooks
from sync_worker.playbook.load import sound_playbooks
from sync_worker.plays import REGISTRY
from sync_worker.rosters.source_cohorts import check_roster
from sync_worker.store.database import make_folder
from sync_worker.store.pauses import remember
from sync_worker.worker.library import check_library
from sync_worker.worker.start import check_files, check_safety
from sync_worker.worker.webhooks import EVENTS, PATH, checked_secret

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sync_worker.checks import Finding, Fix
    from sync_worker.config import Settings
    from sync_worker.config.options import ServiceSettings
    from sync_worker.forum.records import Webhook
    from sync_worker.playbook.format import Step


SETTINGS = """\
# Settings of lcm. Relative paths count from this file's folder. `lcm check` says what is still wrong.

forum:
  url: https://forum.example.org
  # An account of yours that posts what the worker writes; it must be an administrator.
  api_username: system
  # The API key (Discourse: Admin > API, all users) comes from the environment, or from a file:
  key_env: DISCOURSE_API_KEY
  # key_file: discourse-key
  # Discourse allows 60 a minute for the whole site, all keys together.
  calls_per_minute: 55

# What the worker did and knows. PostgreSQL: postgresql+psycopg://lcm@localhost/lcm
store: sqlite:///lcm.db

roster:
  csv: roster.csv
  # snapshot: who is missing has left. delta: the file only adds.
  kind: snapshot

# How often `lcm run` reads the roster and brings the groups in step, within the limits below. What goes beyond them
# changes nothing and waits for you (lcm status). apply: false only plans. between: hours of the clocks of timezone.
sync: {every: 1h, apply: true, between: "06:00-22:00", timezone: Europe/Lisbon}

cohorts:
  - key: spring-27
    name: Leading teams, spring 2027
    start: 2027-03-01
    end: 2027-05-28
    timezone: Europe/Lisbon
    locale: en            # en or fr
    playbook: first-steps # `lcm playbook list` shows them all
    # parent_category: leadership   # slug of a category to stand under; made if there is none
    # alumni_group: alumni          # whom learners join when the cohort is over
    # archive_after: 14             # days after its end
    # category_notifications: regular   # what new members start with; else they hear of each new topic

# Folders with playbooks of your own.
# playbooks: [playbooks]

# What `lcm sync --apply` and `lcm run` may do. A class that is not in the list is off; see docs/membership.md.
#   add: people to groups        owners: LCMs own their cohort's group
#   create: what is missing      adopt: groups and categories that were there before
#   remove: people whom the worker added, after grace_days      archive: close categories of cohorts that are over
#   invite: people without an account, by e-mail, see docs/invitations.md
limits:
  allow: [add, owners, create]
  # grace_days: 7                # how long to wait before a removal
  # max_removals: 50             # in one day; of each group at most a quarter
  # max_additions: 200           # refuse more in one day
  # protected: [marta@example.org]   # never removed, whatever the roster says

# A language model that may propose headings for roundups, checked against the posts; without it nothing is missing.
# It is sent passages of posts that everybody can read, and no names; docs/language-model.md says what else to think of.
# language_model: {url: "https://models.example.org/v1", model: small, key_env: LCM_MODEL_KEY}
"""

ROSTER = """\
external_id,email,name,cohort,role
E1001,ines@example.org,Ines Duarte,spring-27,learner
E1002,tomas@example.org,Tomas Reis,spring-27,learner
E0007,marta@example.org,Marta Lopes,spring-27,lcm
"""

NEXT = """\
Next:
  1. Put your forum's address, your cohorts and their people into these two files.
  2. Make an API key in Discourse (Admin > API) and put it into DISCOURSE_API_KEY.
  3. lcm check            says what is still missing
  4. lcm sync             shows who would be added; lcm sync --apply does it
  5. lcm playbook show first-steps --cohort spring-27
  6. lcm run              looks after your cohorts and their people from then on"""


def init(folder: Path) -> None:
    """Write a commented lcm.yaml and a small roster.csv; nothing is ever overwritten."""
    files = {folder / "lcm.yaml": SETTINGS, folder / "roster.csv": ROSTER}
    for path in files:
        if path.exists():
            raise UsageError(
                "it is there already; nothing was written.",
                where=str(path),
                do="Edit it, or name another folder: lcm init FOLDER.",
            )
    try:
        make_folder(folder)
        for path, text in files.items():
            write_private(path, text, new=True)
            click.echo(f"Wrote {path}")
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}.", where=str(folder), do="Name another folder."
        ) from None
    click.echo(NEXT)


# `lcm check`: is everything set up, and if not, what is to be changed where.


FAILED = 5
CHANGED = "settings changed"
NOBODY_LISTENS = (
    "mail.answers_at says that links in mails lead to pages of `lcm run`, and lcm.yaml has no service.listen: "
    "nobody answers there."
)
LISTEN = (
    "Set `service: {listen: '127.0.0.1:8765'}` and let your web server pass /briefing/ on to it (docs/mail.md), "
    "or take answers_at out."
)
NOT_TAKEN_IN = "service.webhooks_at says where the forum reaches `lcm run`, and {}: no webhook is taken in."
COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


def _mail(settings: Settings) -> list[Finding]:
    """Return whether mails can be sent, where the settings or a playbook speak of mails."""
    if settings.mail is not None:
        found = check_mail(settings.mail, os.environ)
        nobody_listens = settings.mail.answers_at is not None and settings.service.listen is None
        return [found, warn("mail", NOBODY_LISTENS, LISTEN)] if nobody_listens else [found]
    playbooks, _ = sound_playbooks(settings, REGISTRY)
    asking = [name for name, found in playbooks.items() if any(_sends_mails(step) for step in found.file.steps)]
    do = "Add `mail` (docs/mail.md), or leave these steps out."
    told = f"lcm.yaml has no `mail`, and steps of {', '.join(sorted(asking))} send mails."
    return [warn("mail", told, do)] if asking else []


def _webhooks(service: ServiceSettings) -> list[Finding]:
    """Return what keeps `lcm run` from taking in webhooks, where the settings say that it is to."""
    if service.webhooks_at is None:
        return []
    if service.place is None:
        do = "Set `listen` under service, as 127.0.0.1:8095 (docs/operations.md), or take webhooks_at out."
        return [warn("webhooks", NOT_TAKEN_IN.format("lcm.yaml has no service.listen"), do)]
    if not os.environ.get(service.secret_env, "").strip():
        do = "Put a secret there (openssl rand -hex 32) and start `lcm run` again, or take webhooks_at out."
        return [warn("webhooks", NOT_TAKEN_IN.format(f"the environment variable {service.secret_env} is empty"), do)]
    return []


def _sends_mails(step: Step) -> bool:
    if step.play == "case_study":
        return bool(step.with_.get("managers"))
    return REGISTRY[step.play].sends_mails or (step.play == "morning_note" and step.with_.get("by") == "mail")


def check(config_file: Path, *, do_fix: bool, is_sure: bool, as_json: bool) -> None:
    """Look at configuration, connection, key, rights, the forum's settings, playbooks, and what was done so far."""
    if is_sure and not do_fix:
        raise UsageError("--yes is for --fix.", do="Run `lcm check --fix --yes`.")
    if do_fix and as_json and not is_sure:
        raise UsageError("--json cannot ask.", do="Run `lcm check --fix --yes --json`.")
    findings = check_setup(config_file, os.environ, datetime.now(UTC), check_roster)
    with suppress(LcmError):  # the first line says so already
        settings = load_settings(config_file)
        findings += check_playbooks(settings, REGISTRY)
        findings += _mail(settings)
        findings += _webhooks(settings.service)
        findings += check_language_model(settings.language_model) if settings.language_model else []
        findings[1:1] = check_files(settings, config_file)
    if not any(finding.verdict is Verdict.FAIL and finding.area != PLAYBOOKS for finding in findings):
        with Workspace(config_file) as workspace:
            forum = workspace.connect(Priority.PERSON, read_only=True)
            findings += check_safety(workspace.settings, forum, workspace.store)
            findings += check_library(forum, workspace.settings.library)
    good = not any(finding.verdict is Verdict.FAIL for finding in findings)
    fixes = [finding.fix for finding in findings if finding.fix is not None]
    fixed = _fix(config_file, fixes, is_sure=is_sure, as_json=as_json) if do_fix and as_json else []
    if as_json:
        told = {"fixed": fixed} if do_fix else {}
        print_json({"ok": good, "findings": [asdict(finding) for finding in findings], **told})
    else:
        width = max(len(finding.area) for finding in findings)
        for finding in findings:
            mark = click.style(f"{finding.verdict:4}", fg=COLOURS[finding.verdict])
            click.echo(f"{mark}  {finding.area:{width}}  {finding.what}")
            if finding.do:
                click.echo(f"{'':4}  {'':{width}}  > {finding.do}")
        if do_fix:
            fixed = _fix(config_file, fixes, is_sure=is_sure, as_json=False)
    if any(one["problem"] for one in fixed):
        raise PartialError(
            "not every setting could be changed.", do="Change the others in Discourse, as the lines say."
        )
    if not good:
        click.get_current_context().exit(FAILED)


def _fix(config_file: Path, fixes: Sequence[Fix], *, is_sure: bool, as_json: bool) -> list[dict[str, str]]:
    """Change settings of the forum, each after a question; return each with its old value and its new one."""
    say = (lambda text: None) if as_json else click.echo
    if not fixes:
        say("Nothing is in the way that the API could change.")
        return []
    changed: list[dict[str, str]] = []
    with Workspace(config_file) as workspace:
        forum = workspace.connect(Priority.PERSON)
        for fix in fixes:
            if not is_sure and not _says_yes(f"Change {fix.setting} from '{fix.before}' to '{fix.value}'?"):
                continue
            entry = {"setting": fix.setting, "before": fix.before, "value": fix.value, "problem": ""}
            _note(workspace, [*changed, entry])
            try:
                entry["value"] = forum.change_site_setting(fix.setting, fix.value)
                say(f"{fix.setting} is '{entry['value']}' now; before it was '{fix.before}'.")
            except ForumError as error:
                entry["problem"] = error.what
                say(f"{fix.setting} was not changed: {error.what}")
            changed.append(entry)
            _note(workspace, changed)
    return changed


def _says_yes(question: str) -> bool:
    """Ask a person; where nobody can answer, as under a timer, that is an error and no answer."""
    try:
        return click.confirm(question)
    except click.Abort:
        raise UsageError(
            "nobody answered, so this setting and those after it stay as they are.",
            do="Answer y or n; `--yes` changes all of them without a question.",
        ) from None


def _note(workspace: Workspace, changed: Sequence[dict[str, str]]) -> None:
    """Keep what was changed, or is about to be, with the old values, until the next time."""
    value = json.dumps({"at": datetime.now(UTC).isoformat(), "settings": list(changed)}, ensure_ascii=False)
    with workspace.store.begin() as session:
        remember(session, workspace.forum_name, CHANGED, value)


# `lcm webhooks`: install, list and remove.


WORKS = {True: "yes", False: "no", None: "not yet known"}


def install(config_file: Path, *, as_json: bool) -> None:
    """Make the webhook where it is not there; one that has another secret, or was switched off, is made anew.

    It is not changed in place: Discourse writes the old secret and the new one into its staff log, for moderators too.
    """
    with Workspace(config_file) as workspace:
        url, service = _address(workspace.written), workspace.written.service
        if service.place is None:
            raise ConfigError("nothing listens for webhooks.", where="service.listen", do="Write 127.0.0.1:8095 there.")
        secret = checked_secret(os.environ.get(service.secret_env, "").strip(), service.secret_env)
        forum = workspace.connect(Priority.PERSON)
        page = forum.webhooks()
        ours = [hook for hook in page.hooks if hook.url == url]
        sound = [hook.id for hook in ours if hook.active and page.secrets.get(hook.id) == secret]
        outdated = [hook.id for hook in ours if hook.id not in sound]
        for old in outdated:
            forum.delete_webhook(old)
        number = sound[0] if sound else forum.create_webhook(url, secret, _numbers(page.events))
    if as_json:
        print_json({"id": number, "url": url, "made": not sound, "deleted": outdated})
        return
    if outdated:
        click.echo(
            f"Deleted: {', '.join(map(str, outdated))}, with another secret than {service.secret_env} or switched off."
        )
    if sound:
        click.echo(f"The forum sends to {url} already (webhook {number}). `lcm webhooks remove` deletes it.")
    else:
        click.echo(
            f"The forum sends to {url} from now on (webhook {number}). `lcm run` takes in what comes if it was started "
            f"with this {service.secret_env}."
        )


def list_all(config_file: Path, *, as_json: bool) -> None:
    """List the forum's webhooks."""
    with Workspace(config_file) as workspace:
        hooks = workspace.connect(Priority.PERSON, read_only=True).webhooks().hooks
        ours = f"{workspace.written.service.webhooks_at}{PATH}"
    if as_json:
        print_json([{**asdict(hook), "ours": hook.url == ours} for hook in hooks])
    elif not hooks:
        click.echo("The forum has no webhooks. `lcm webhooks install` makes one.")
    else:
        print_rows(("id", "sends to", "ours", "active", "events", "last arrived"), [_row(hook, ours) for hook in hooks])


def remove(config_file: Path, *, as_json: bool) -> None:
    """Delete the webhooks for our address."""
    with Workspace(config_file) as workspace:
        url = _address(workspace.written)
        forum = workspace.connect(Priority.PERSON)
        numbers = [hook.id for hook in forum.webhooks().hooks if hook.url == url]
        for number in numbers:
            forum.delete_webhook(number)
    if as_json:
        print_json({"removed": numbers})
    else:
        click.echo(f"Deleted: {', '.join(map(str, numbers))}." if numbers else f"No webhook sends to {url}.")


def _address(settings: Settings) -> str:
    if settings.service.webhooks_at is None:
        raise ConfigError(
            "where the forum reaches this worker is not known.",
            where="service.webhooks_at",
            do="Write the address there, like https://lcm.example.org; webhooks go to /webhooks below it.",
        )
    return f"{settings.service.webhooks_at}{PATH}"


def _numbers(events: Mapping[str, int]) -> list[int]:
    """Return the forum's numbers of the events that we want; a forum without a plugin has fewer."""
    return [events[name] for name in EVENTS if name in events]


def _row(hook: Webhook, ours: str) -> list[object]:
    is_ours = "yes" if hook.url == ours else "no"
    return [hook.id, hook.url, is_ours, "yes" if hook.active else "no", len(hook.events), WORKS[hook.works]]
