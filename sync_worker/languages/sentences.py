"""The sentences that we write into a forum, a report or a message; each language has its own in `sentences.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ReasonSentences:
    """Why a draft exists, or why there is none; `{...}` are filled in with counts in words and with names."""

    found: Mapping[bool, str]
    open: Mapping[bool, str]
    nothing_written: str
    nothing_usable: str
    tells: str
    tells_a_figure: str
    picked: str
    agreed: str
    no_story: str
    none_told: str
    lcms_know: str
    not_agreed: str
    rewritten: str
    missed: str
    overtaken: str
    template: str
    prompt: str
    resource: Mapping[bool, str]
    no_resource: str
    nobody_to_ask: str
    asked_before: str
    not_tellable: str
    not_seen: str


@dataclass(frozen=True, slots=True)
class HeldSentences:
    """The note about a story that was not published; `reasons` by the name of a `recheck.Trouble`."""

    title: str
    body: str
    reasons: Mapping[str, str]
    otherwise: str


@dataclass(frozen=True, slots=True)
class DeskSentences:
    """Titles of plays and reasons on the desk; `{...}` are filled in with numbers and names.

    `journal` says what the ledger's reasons mean, by the names that `publish/carry_out.py` has for them.
    """

    plays: Mapping[str, str]
    too_late: str
    post: str
    never_wrote: str
    quiet: str
    quiet_one_week: str
    usual: str
    usual_one: str
    unanswered: str
    answered_once: str
    shown_in_roundup: str
    rejected: str
    journal: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RunSentences:
    """The desk's log of runs; `{...}` are filled in with times, counts and names."""

    paused_until: str
    paused: str
    resumed: str
    later: str
    earlier: str
    as_planned: str
    nothing_due: str
    carried_out_none: str
    carried_out_one: str
    carried_out: str
    waiting_one: str
    waiting: str
    calls: str
    done_before: str
    busy: str
    unknown_cohort: str
    no_playbook: str
    unknown_step: str
    nothing_to_come: str
    technical: str
    preview: str
    outcomes: Mapping[str, str]
    done: Mapping[str, str]
    not_done: Mapping[str, str]
    actions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReportSentences:
    """The words of the report's pages, by what they are for."""

    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MembershipSentences:
    """What newcomers read; `$...` are filled in.

    Args:
        invitation: the sentence that Discourse puts into its mail to somebody invited: `$cohort`, `$start`, `$end`.
        about_category: the text of a category's own topic: `$cohort`.
        about_title: its title, as Discourse itself calls such a topic in this language: `$category`.

    """

    invitation: str
    about_category: str
    about_title: str


@dataclass(frozen=True, slots=True)
class SyncSentences:
    """The message that people could not be synced: `{day}`, `{clock}`, `{done}`, `{problem}`, `{every}`."""

    title: str
    text: str
    part_done: str
    nothing_done: str


@dataclass(frozen=True, slots=True)
class RehearsalSentences:
    """The words of a rehearsal's page, by what they are for; of what is counted, the singular and the plural."""

    words: Mapping[str, str | tuple[str, str]]
