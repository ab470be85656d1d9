"""The shape of `service` and `retention` in `lcm.yaml`: how `lcm run` is seen, how long things are kept."""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import PlainValidator, WithJsonSchema, field_validator

from sync_worker.config.durations import Duration, parse_duration
from sync_worker.config.strict import Strict

SHORTEST, LONGEST = timedelta(days=1), timedelta(days=36_500)
_PLACE = re.compile(r"(?:(?P<host>[^\s:\[\]]+|\[[0-9a-fA-F:.]+\]):)?(?P<port>\d{1,5})")


def parse_kept(value: object) -> timedelta | None:
    """Return how long something is kept: `365d`, or None for `forever`."""
    if value is None or value == "forever":
        return None
    length = parse_duration(value)
    if not SHORTEST <= length <= LONGEST:
        raise ValueError("expected 1d or more, or forever")
    return length


Kept = Annotated[timedelta | None, PlainValidator(parse_kept), WithJsonSchema({"type": "string"})]


class ServiceSettings(Strict):
    """How `lcm run` is seen from outside.

    `listen` is HOST:PORT for health, metrics and webhooks, None for none of them. `webhooks_at` is the address at which
    the forum reaches it. The secret that both share is in the environment variable `secret_env`. `log` is `text`, or
    `json` for one object a line.
    """

    listen: str | None = None
    webhooks_at: str | None = None
    secret_env: str = "LCM_WEBHOOK_SECRET"  # noqa: S105  (the name of a variable)
    log: Literal["text", "json"] = "text"
    late_after: Duration = timedelta(hours=1)

    @field_validator("listen")
    @classmethod
    def _place(cls, value: str | None) -> str | None:
        match = _PLACE.fullmatch(value) if value is not None else None
        if value is not None and (match is None or int(match["port"]) > 65_535):
            raise ValueError("expected HOST:PORT, like 127.0.0.1:8095")
        return value

    @field_validator("webhooks_at")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", value):
            raise ValueError("expected an address like https://lcm.example.org, without user, password or query")
        return value.rstrip("/") if value else value

    @property
    def place(self) -> tuple[str, int] | None:
        """Host and port to listen at; without a host, this machine alone. None where nothing listens."""
        match = _PLACE.fullmatch(self.listen) if self.listen else None
        return ((match["host"] or "127.0.0.1").strip("[]"), int(match["port"])) if match else None

    @property
    def is_local(self) -> bool:
        """Whether only this machine itself can reach it."""
        host = self.place[0] if self.place else "localhost"
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


class RetentionSettings(Strict):
    """How long the store keeps what it holds about people, by kind; `forever` keeps it.

    `activity` are copies of posts, topics and likes; `visits` the days on which people were on the forum; `drafts`
    those that were decided on; `ledger` the texts that were posted, of cohorts that are over; `changes` the journal of
    syncs, without which a run cannot be undone; `facts` what files and rosters said, since it was last observed.
    """

    activity: Kept = timedelta(days=1095)
    visits: Kept = timedelta(days=400)
    drafts: Kept = timedelta(days=365)
    ledger: Kept = timedelta(days=1095)
    changes: Kept = timedelta(days=400)
    facts: Kept = timedelta(days=1095)
