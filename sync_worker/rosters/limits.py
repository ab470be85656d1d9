"""How much a roster may hold at most. Each bound is far above what an honest one needs, and says so when reached."""

from __future__ import annotations

from sync_worker.errors import RosterError

MEGABYTE = 1_000_000
MAX_LINE = 1_000_000  # bytes of one line of text
MAX_COLUMNS = 1_000
MAX_REJECTED = 50_000
MAX_COHORTS = 10_000


def too_large(what: str, megabytes: int, where: str, *, setting: str = "max_megabytes") -> RosterError:
    """Return the refusal of something with more bytes than the settings allow."""
    return RosterError(
        f"{what} has more than {megabytes:,} MB.",
        where=where,
        do=f"Export fewer people or columns, or raise the roster's {setting} in lcm.yaml.",
    )


def too_many_rows(most: int, where: str) -> RosterError:
    """Return the refusal of a roster with more rows than the settings allow."""
    return RosterError(
        f"there are more than {most:,} rows.",
        where=where,
        do="Is this the right export? If so, raise the roster's max_rows in lcm.yaml.",
    )
