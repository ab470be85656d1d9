"""The formula of docs/costs.md as code: how many calls a sync takes, from what it meets and what it has to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

ACCOUNTS_A_CALL = TERMS_A_CALL = 100
IDENTIFIERS_A_CALL = 10_000
SINGLY_AT_MOST = 200
CALLS_TO_FURNISH = 3  # the default of its group, its own topic read, and changed
FIRST_BATCH, LARGEST_BATCH, INVITED_A_CALL, INVITATIONS_A_PAGE = 200, 1000, 200, 40


@dataclass(frozen=True)
class Forum:
    """What a forum has: its rung, how many accounts, and whether the run is the first of a day (nothing known)."""

    rung: str
    accounts: int
    first_today: bool
    terms_tried: bool = False


@dataclass(frozen=True)
class Work:
    """What a sync meets and does.

    `groups` are the members of each of the cohorts' groups that exist, `categories` how many of their categories do.
    `addresses` and `numbers` are people to find: by address, and by the account's number (those who come back).
    `sent` are people whom the server finds by address, by group. `made` are groups and categories made,
    `furnished` the cohorts' categories among them; `joins` and `leaves` people by group, without groups that are joined
    by their new owners alone: one call does both. `owned` are
    groups with new owners; `demoted` owners; `invited` people by cohort and role; `pending` is how
    many invitations wait on the forum before the sync, `withdrawn` how many are taken back; `waiting`
    whether any invitation waits, and accounts (or the day) changed since the last sync. With our plugin `unknown`
    cohorts are those were never reported to it, and `changed` those whose members change.
    """

    groups: Sequence[int] = ()
    categories: int = 0
    addresses: int = 0
    numbers: int = 0
    sent: Sequence[int] = ()
    made: int = 0
    furnished: int = 0
    joins: Sequence[int] = ()
    leaves: Sequence[int] = ()
    owned: int = 0
    demoted: int = 0
    invited: Sequence[int] = ()
    pending: int = 0
    withdrawn: int = 0
    waiting: bool = False
    unknown: int = 0
    changed: int = 0


def calls(forum: Forum, work: Work) -> int:
    """Return how many calls a sync takes."""
    looked = work.pending // INVITATIONS_A_PAGE + 1 if work.invited else 0
    people = sum(ceil(some / INVITED_A_CALL) for some in work.invited) + looked + work.withdrawn + work.waiting
    if forum.rung == "plugin":
        asked = bool(work.addresses + work.numbers) and not work.unknown
        return 1 + 2 * work.unknown + asked + work.changed + people
    return 2 + once_a_day(forum) + finding(forum, work) + reading(forum, work) + changing(work) + people


def once_a_day(forum: Forum) -> int:
    """Our plugin, the site's settings, the Data Explorer's list of queries, and each of our three."""
    if not forum.first_today:
        return 0
    return 6 if forum.rung == "explorer" else 2


def finding(forum: Forum, work: Work) -> int:
    """The cheapest way; where a hundred terms a call could be it, whether the core takes them costs 1 more a day."""
    wanted = work.addresses + work.numbers
    if not wanted:
        return 0
    whole_list = ceil((forum.accounts + 1) / ACCOUNTS_A_CALL)
    others = [whole_list] + [wanted] * (wanted <= SINGLY_AT_MOST)
    if forum.rung == "explorer":
        return min(*others, ceil(wanted / IDENTIFIERS_A_CALL))
    by_terms = ceil(work.addresses / TERMS_A_CALL) + work.numbers
    if forum.terms_tried:
        return min([*others, by_terms] if forum.rung == "terms" else others)
    if by_terms + 1 >= min(others):
        return min(others)
    return 1 + min([*others, by_terms] if forum.rung == "terms" else others)


def tries_terms(forum: Forum, work: Work) -> bool:
    """Whether such a sync finds out, for the rest of the day, if the core takes a hundred terms."""
    wanted = work.addresses + work.numbers
    others = [ceil((forum.accounts + 1) / ACCOUNTS_A_CALL)] + [wanted] * (wanted <= SINGLY_AT_MOST)
    by_terms = ceil(work.addresses / TERMS_A_CALL) + work.numbers
    return forum.rung in ("core", "terms") and wanted > 0 and by_terms + 1 < min(others)


def reading(forum: Forum, work: Work) -> int:
    """Each group (of a large one that is as it was, its log) and category, or two queries for all of them."""
    singly = len(work.groups) + work.categories
    by_query = bool(work.groups) + bool(work.categories)
    return min(singly, by_query) if forum.rung == "explorer" else singly


def calls_to_see(members: int) -> int:
    """To see who came into a new group: one call up to a thousand members; then one more for each 990, and the log."""
    more = max(0, ceil((members - 1000) / 990))
    return 1 + more + bool(more)


def changing(work: Work) -> int:
    """What is made, who joins and leaves, and owners."""
    moved = batches([*work.joins, *work.sent]) + batches(work.leaves) + sum(map(calls_to_see, work.sent))
    return work.made + CALLS_TO_FURNISH * work.furnished + moved + work.owned + work.demoted


def batches(people: Sequence[int]) -> int:
    """Return the calls for so many people of one group after the other: 200 at first, twice as many each time."""
    size, count = FIRST_BATCH, 0
    for some in people:
        left = some
        while left > 0:
            taken = min(size, left)
            left -= taken
            count += 1
            size = size if taken * 2 < size else min(size * 2, LARGEST_BATCH)
    return count
