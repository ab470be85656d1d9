"""`lcm webhooks`: install, list and remove."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import ConfigError
from sync_worker.forum.patience import Priority
from sync_worker.worker.webhooks import EVENTS, PATH, checked_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sync_worker.config import Settings
    from sync_worker.forum.records import Webhook

WORKS = {True: "yes", False: "no", None: "not yet known"}


def install(config_file: Path, *, as_json: bool) -> None:
    """Make the webhook where it is not there."""
    with Workspace(config_file) as workspace:
        url, service = _address(workspace.written), workspace.written.service
        if service.place is None:
            raise ConfigError("nothing listens for webhooks.", where="service.listen", do="Write 127.0.0.1:8095 there.")
        secret = checked_secret(os.environ.get(service.secret_env, "").strip(), service.secret_env)
        forum = workspace.connect(Priority.PERSON)
        page = forum.webhooks()
        present = next((hook for hook in page.hooks if hook.url == url), None)
        number = present.id if present else forum.create_webhook(url, secret, _numbers(page.events))
    if as_json:
        print_json({"id": number, "url": url, "made": present is None})
    elif present is not None:
        click.echo(f"The forum sends to {url} already (webhook {number}). `lcm webhooks remove` deletes it.")
    else:
        click.echo(f"The forum sends to {url} from now on (webhook {number}). `lcm run` must be running to answer.")


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
