"""What a forum offers the worker, what a run costs in calls there, and whether it was put back to an earlier state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.checks import Finding, Fix, fail, ok, warn
from sync_worker.config.load import complete_cohort
from sync_worker.errors import ForumError
from sync_worker.forum.accounts import TERMS_A_CALL, USERS_A_CALL
from sync_worker.forum.plugin import CONTRACT, PEOPLE_A_CALL, SWITCH, SWITCH_ON
from sync_worker.forum.recent_checks import SETTINGS as RECENT
from sync_worker.forum.recent_checks import check_recent
from sync_worker.model.rights import TRUST_LEVELS
from sync_worker.store.ledger import PUBLISHING
from sync_worker.store.pauses import hold
from sync_worker.store.tables import LedgerRow
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.config import Settings
    from sync_worker.forum.client import Forum


DOCS = "docs/costs.md"


def check_rungs(forum: Forum, settings: Settings, values: Mapping[str, str]) -> list[Finding]:
    """Say how people are found, and what a sync costs. Calls: 3, or 2 with the Data Explorer."""
    explorer = values.get("data_explorer_enabled") == "true" and "explorer" in settings.lookup.rungs
    try:
        sizes = {group.name: group.user_count for group in forum.groups()}
        many_terms = not explorer and forum.takes_many_terms()
        plugin, used = check_plugin(forum, settings, values)
    except ForumError as error:
        return [fail("calls", error.what, error.do or "")]
    accounts = sizes.get(TRUST_LEVELS[0])
    return [
        _explorer(explorer=explorer),
        plugin,
        _finding_people(settings, accounts, plugin=used, explorer=explorer, many_terms=many_terms),
        _sync(settings, sizes, plugin=used, explorer=explorer),
    ]


def _explorer(*, explorer: bool) -> Finding:
    if explorer:
        return ok("Data Explorer", "in use: 1 call finds up to 10,000 people, 1 reads the members of every cohort.")
    return ok("Data Explorer", f"not in use; the worker does without, with more calls ({DOCS}).")


def _finding_people(
    settings: Settings, accounts: int | None, *, plugin: bool, explorer: bool, many_terms: bool
) -> Finding:
    """Say what looking up everybody who has an account would take."""
    if plugin:
        return ok("finding people", f"through our plugin, {PEOPLE_A_CALL:,} in 1 call.")
    if accounts is None:
        all_of = f"all accounts, {USERS_A_CALL} a call (the forum does not say how many it has)."
    else:
        all_of = f"all of {counted(accounts, 'account')} in {counted(ceil((accounts + 1) / USERS_A_CALL), 'call')}."
    if explorer:
        what = "through the Data Explorer, 1 call for all."
    else:
        what = f"{f'{TERMS_A_CALL} addresses' if many_terms else '1 address'} a call, or {all_of}"
    over = settings.lookup.by_email_over
    if not explorer and "by_email" in settings.lookup.rungs:
        what += f" Beyond {counted(over, 'call')} people are added by their address and looked up later."
    return ok("finding people", what)


def _sync(settings: Settings, sizes: Mapping[str, int | None], *, plugin: bool, explorer: bool) -> Finding:
    budget = settings.forum.calls_per_minute
    if plugin:
        return ok("calls", f"a sync with nothing to do takes 1 call of the {budget} a minute, however many cohorts.")
    cohorts = [complete_cohort(declared) for declared in settings.cohorts]
    groups = [name for cohort in cohorts for name in (cohort.group, cohort.lcm_group) if name in sizes]
    if explorer:
        calls, how = 4, "members and permissions in 2 calls"
    elif settings.lookup.check == "count":
        calls, how = 2, "groups with the same number of members are not read"
    else:
        made = sum(cohort.group in sizes for cohort in cohorts)
        calls, how = 2 + len(groups) + made, "1 for each group and category"
    every = settings.lookup.full_read_hours
    what = (
        f"a sync with nothing to do takes about {counted(calls, 'call')} of the {budget} a minute ({how};"
        f" every {every} hours all is read in full), a look at activity 1 for each category and changed topic."
    )
    return ok("calls", what)


def check_plugin_alone(forum: Forum, settings: Settings) -> list[Finding]:
    """Look at our plugin where the key opens nothing else. Calls: 1."""
    finding, used = check_plugin(forum, settings, {})
    findings = [finding]
    if not used:
        do = "Install and switch on the plugin, let lcm.yaml use it, or make a key of scope Global (Admin > API)."
        findings.append(fail("key", "the key opens nothing but a plugin that is not used.", do))
    playing = [cohort.key for cohort in settings.cohorts if cohort.playbook]
    if playing:
        do = "Make a key of scope Global (Admin > API), or take `playbook` out of these cohorts."
        findings.append(fail("key", f"it posts nothing, and these cohorts have a playbook: {', '.join(playing)}.", do))
    return findings


def check_plugin(forum: Forum, settings: Settings, values: Mapping[str, str]) -> tuple[Finding, bool]:
    """Ask for our plugin, and say whether syncs go through it. Calls: 1.

    Discourse answers 404 for a plugin that is switched off as for one that is not there; only the first has its switch
    among the site's settings (`values`).
    """
    try:
        status = forum.plugin_status()
    except ForumError as error:
        return warn("plugin", f"discourse-lcm does not answer: {error.what}", "See the forum's log (/logs)."), False
    if status is None and SWITCH in values:
        what = "discourse-lcm is installed but switched off; the worker does without."
        return warn("plugin", what, SWITCH_ON, Fix(SWITCH, values[SWITCH], "true")), False
    if status is None:
        return ok("plugin", "discourse-lcm is not installed; the worker does without, LCMs decide by message."), False
    if status.contract.partition(".")[0] != CONTRACT:
        what = f"discourse-lcm {status.version} speaks contract {status.contract}, this worker {CONTRACT}: not used."
        return warn("plugin", what, "Bring plugin and worker to versions that go together."), False
    installed = f"discourse-lcm {status.version} is installed"
    if not settings.lookup.takes_plugin:
        return ok("plugin", f"{installed}; `lookup` in lcm.yaml keeps syncs from using it ({DOCS})."), False
    return ok("plugin", f"{installed} and used: {', '.join(sorted(status.features))}."), True


# The forum's settings that matter to the worker, its plugins, and what a run will cost in calls.


LONG_MINIMUM = 60
ADMINS = "1"
INVITING_GROUPS = {ADMINS, "3"}
WHERE = "Admin > Settings >"


@dataclass(frozen=True, slots=True)
class Switch:
    """A setting that should be on, and what is missing while it is off."""

    name: str
    on: str
    off: str
    do: str


SWITCHES = (
    Switch(
        "enable_category_group_moderation",
        "LCMs can pin, close and edit in their cohort's category.",
        "LCMs cannot pin or close topics in their cohort's category.",
        f"Turn it on: {WHERE} enable_category_group_moderation.",
    ),
    Switch(
        "allow_duplicate_topic_titles",
        "two cohorts may get topics with the same title.",
        "a topic whose title exists anywhere on the forum is refused, also for another cohort.",
        f"Turn it on ({WHERE} allow_duplicate_topic_titles), or keep the cohort's name in every title.",
    ),
    Switch(
        "tagging_enabled",
        "topics can be tagged.",
        "tags of topics are dropped without a word.",
        f"Turn it on ({WHERE} tagging_enabled), or use no tags in playbooks.",
    ),
)
REPLY_LENGTH = "min_personal_message_post_length"
NUMBERS = ("min_username_length", "max_username_length", "min_first_post_length", "min_post_length", REPLY_LENGTH)
SHORTEST_REPLY = 11  # "plus tard 4" decides; Discourse's own minimum is 10
WRITING, OWN_LANGUAGE, SITE_LANGUAGE = "personal_message_enabled_groups", "allow_user_locale", "default_locale"
NEW_ACCOUNTS = {"0", "10"}  # everyone, trust_level_0
LAST_OF_DISCOURSES_OWN = 14  # trust_level_4
OTHERS = ("invite_allowed_groups", "data_explorer_enabled", SWITCH, WRITING, OWN_LANGUAGE, SITE_LANGUAGE)


def check_site(forum: Forum, settings: Settings) -> list[Finding]:
    """Look at the site's settings and plugins. Calls: 1, and as `check_rungs` and `check_recent`."""
    try:
        values = forum.site_settings([*(switch.name for switch in SWITCHES), *NUMBERS, *OTHERS, *RECENT])
    except ForumError as error:
        return [fail("settings", f"cannot be read: {error.what}", error.do or "")]
    findings = [_switch(switch, values) for switch in SWITCHES]
    findings += [_group_names(settings, values), _post_length(values), *_reply_length(values), _invites(values)]
    findings += [*_messages(values), *_languages(settings, values)]
    return [*findings, *check_rungs(forum, settings, values), *check_recent(forum, settings, values)]


def _switch(switch: Switch, values: Mapping[str, str]) -> Finding:
    if values.get(switch.name) == "true":
        return ok(switch.name, switch.on)
    fix = Fix(switch.name, values[switch.name], "true") if switch.name in values else None
    return warn(switch.name, switch.off, switch.do, fix)


def _number(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name, "")
    return int(text) if text.isdecimal() else default


def _group_names(settings: Settings, values: Mapping[str, str]) -> Finding:
    shortest, longest = _number(values, "min_username_length", 3), _number(values, "max_username_length", 20)
    cohorts = [complete_cohort(declared) for declared in settings.cohorts]
    wrong = [
        f"{name} ({cohort.key})"
        for cohort in cohorts
        for name in (cohort.group, cohort.lcm_group)
        if not shortest <= len(name) <= longest
    ]
    if not wrong:
        return ok("group names", f"{shortest} to {longest} characters; all names fit.")
    what = f"the forum takes {shortest} to {longest} characters; too short or too long: {', '.join(wrong)}."
    do = f"Set `group` and `lcm_group` of these cohorts in lcm.yaml, or change {WHERE} max_username_length."
    return fail("group names", what, do)


def _post_length(values: Mapping[str, str]) -> Finding:
    least = max(_number(values, "min_first_post_length", 20), _number(values, "min_post_length", 20))
    if least <= LONG_MINIMUM:
        return ok("post length", f"posts need at least {least} characters.")
    what = f"posts need at least {least} characters; shorter templates will be refused."
    return warn("post length", what, f"Lower {WHERE} min_post_length and min_first_post_length.")


def _reply_length(values: Mapping[str, str]) -> Iterator[Finding]:
    """Yield that messages must be longer than the replies by which people decide, where that is so."""
    least = _number(values, REPLY_LENGTH, 10)
    if least > SHORTEST_REPLY:
        what = f"messages need at least {least} characters; replies such as “yes 1, thank you” are refused."
        fix = Fix(REPLY_LENGTH, values[REPLY_LENGTH], "10")
        yield warn("replies", what, f"Lower {WHERE} {REPLY_LENGTH} to 10 or less.", fix)


def _invites(values: Mapping[str, str]) -> Finding:
    allowed = set(values.get("invite_allowed_groups", "1").split("|"))
    if allowed & INVITING_GROUPS:
        return ok("invites", "administrators may invite people who have no account yet.")
    what = "administrators may not invite people who have no account yet."
    before = values.get("invite_allowed_groups", "")
    fix = Fix("invite_allowed_groups", before, "|".join(part for part in (before, ADMINS) if part))
    return warn("invites", what, f"Add admins to {WHERE} invite_allowed_groups.", fix)


def _messages(values: Mapping[str, str]) -> Iterator[Finding]:
    """Yield that new accounts may not begin messages, where that is so and no group of the site's own was added."""
    allowed = {part for part in values.get(WRITING, "").split("|") if part.isdecimal()}
    if allowed and not allowed & NEW_ACCOUNTS and max(map(int, allowed)) <= LAST_OF_DISCOURSES_OWN:
        what = (
            "people with a new account (trust level 0) cannot begin messages: a learner cannot write to an LCM; an LCM "
            "cannot write to a learner, nor see the inbox of the LCMs' group."
        )
        yield warn("messages", what, f"Add the cohorts' groups, once they are made, to {WHERE} {WRITING}.")


def _languages(settings: Settings, values: Mapping[str, str]) -> Iterator[Finding]:
    """Yield that people of a cohort cannot have the forum's pages in their language, where that is so."""
    site = values.get(SITE_LANGUAGE, "").partition("_")[0]
    others = {name for cohort in settings.cohorts for name in (cohort.locale, *cohort.languages)} - {site}
    if site and others and values.get(OWN_LANGUAGE) == "false":
        read = ", ".join(sorted(others))
        what = f"the forum's pages, ours among them, are in '{site}' for everybody; cohorts read in: {read}."
        do = f"Turn it on, and let people choose their language: {WHERE} {OWN_LANGUAGE}."
        yield warn(OWN_LANGUAGE, what, do, Fix(OWN_LANGUAGE, "false", "true"))


# Whether the forum was put back to an earlier state: what we made last is gone, or its number belongs to another.


WITNESSES = 3
WHY = (
    "{what} It looks as if the forum had been restored from a backup. Nothing is changed on it, neither by playbooks "
    "nor by `lcm sync`, until a person has looked."
)


class Fate(Enum):
    """What became of something that we made."""

    THERE = "there"
    """It is there, or a person deleted it: staff still see it."""
    GONE = "gone"
    OTHER = "another's"
    """Its number belongs to something else now."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An entry of the ledger that was looked for, and what became of it."""

    row: LedgerRow
    fate: Fate


def made_rows(session: Session, forum: str) -> Sequence[LedgerRow]:
    """Return the topics and messages that we made and know the number of, newest first."""
    rows = session.scalars(
        select(LedgerRow)
        .where(LedgerRow.forum == forum, LedgerRow.state == "done", LedgerRow.action.in_(PUBLISHING))
        .order_by(LedgerRow.updated_at.desc(), LedgerRow.key)
    )
    return [row for row in rows if row.action != "reply" and row.result.get("topic_id")]


def look(forum: Forum, rows: Sequence[LedgerRow]) -> Iterator[Looked]:
    """Yield what became of entries. Calls: 1 each."""
    for row in rows:
        head = forum.itself.topic_head(row.result["topic_id"])
        if head is None:
            yield Looked(row, Fate.GONE)
        elif head.external_id not in (None, row.key):
            yield Looked(row, Fate.OTHER)
        else:
            yield Looked(row, Fate.THERE)


def restored(forum: Forum, sessions: sessionmaker[Session]) -> str | None:
    """Return why it looks as if the forum had been restored, None where it does not.

    A topic that a person deleted is no sign of it. Calls: 1 where our last topic or message is there, else up to 4;
    none where we made nothing yet.
    """
    with sessions() as session:
        newest = made_rows(session, forum.name)[:WITNESSES]
    seen: list[Looked] = []
    for one in look(forum, newest):
        if one.fate is Fate.THERE:
            break
        seen.append(one)
    if not seen:
        return None
    titles = ", ".join(f"“{one.row.payload.get('title') or one.row.key}”" for one in seen)
    if any(one.fate is Fate.OTHER for one in seen):
        return WHY.format(what=f"The numbers of what we posted last ({titles}) belong to other topics now.")
    highest = max(one.row.result["topic_id"] for one in seen)
    if len(seen) == 1 and forum.itself.newest_topic_id() > highest:
        return None  # what was made after it is there: it was deleted for good by a person
    return WHY.format(what=f"What we posted last is gone, with its number: {titles}.")


def hold_if_restored(forum: Forum, sessions: sessionmaker[Session]) -> str | None:
    """Let nothing be changed on a forum that looks restored; return why. Calls: as `restored`."""
    why = restored(forum, sessions)
    if why is not None:
        with sessions.begin() as session:
            hold(session, forum.name, why)
    return why
