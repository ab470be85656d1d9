"""All that one run finds out about the forum beyond the plan itself: what it can do, who is who, what was read when."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.config.load import complete_cohort
from sync_worker.membership.abilities import Abilities, AbilityStore, probe
from sync_worker.membership.aftermath import OF_CATEGORIES, Aftermath
from sync_worker.membership.apply import ApplyReport, Failure
from sync_worker.membership.by_email import EmailAddition, found_gone, is_unpaired, missing_lines, pair, rewrite
from sync_worker.membership.emailed import Emailed, EmailedStore
from sync_worker.membership.finding import NOBODY, Finder, Found, Unfound, UnfoundStore
from sync_worker.membership.identity import Match
from sync_worker.membership.invitation_store import InvitationStore
from sync_worker.membership.invitations import InvitationPlanner, Invited
from sync_worker.membership.inviting import Followed, Inviter, follow
from sync_worker.membership.ladder import Ladder, Wanted
from sync_worker.membership.plugin_sight import PluginLadder, PluginSight
from sync_worker.membership.recognised import Recognised
from sync_worker.membership.sight import Sight
from sync_worker.membership.snapshots import SnapshotStore
from sync_worker.membership.stands import PEOPLE
from sync_worker.membership.ties import State, TieKey, TieRecord, digest, digests
from sync_worker.model import Change, ChangeKind, Person, Role, RosterKind, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.config.settings import LookupSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import PluginCohort
    from sync_worker.membership.directory import Directory
    from sync_worker.membership.identity import Memory, NoMatch
    from sync_worker.membership.provenance import MembershipStore
    from sync_worker.membership.state import Account, Observed
    from sync_worker.model import Cohort, Enrolment, Plan, Roster


@dataclass(slots=True)
class Outlook:
    """What one run of a sync knows about one forum."""

    settings: Settings
    forum: Forum
    sessions: sessionmaker[Session]
    now: datetime
    abilities: Abilities
    sight: Sight
    emailed: Emailed
    invited: dict[tuple[str, str], Invited]
    followed: Followed = field(default_factory=Followed)
    found: Found = field(default_factory=lambda: Found({}))
    _accounts: dict[int, Account] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)
    _gone: Emailed = field(default_factory=Emailed)

    @classmethod
    def start(
        cls, settings: Settings, forum: Forum, sessions: sessionmaker[Session], cohorts: Sequence[Cohort], now: datetime
    ) -> Outlook:
        """Return what is known before the forum is read. Calls: none if it was tried today, else as `probe`."""
        options = settings.lookup
        abilities = AbilityStore(sessions, forum.name).read(now)
        groups = [name for cohort in cohorts for name in (cohort.group, cohort.lcm_group)]
        snapshots = SnapshotStore(sessions, forum.name).read(groups)
        sight: Sight
        if found := _plugin(forum, options, abilities):
            plugin, states = found
            abilities = abilities or Abilities(now, plugin=True)
            declared = {state.key: state for state in states}
            sight = PluginSight(
                forum, abilities, options, now, snapshots, plugin=plugin, cohorts=cohorts, declared=declared
            )
        else:
            if abilities is None or abilities.plugin:
                abilities = probe(forum, now, explorer="explorer" in options.rungs)
            sight = Sight(forum, abilities, options, now, snapshots)
        emailed = EmailedStore(sessions, forum.name).read()
        invited = InvitationStore(sessions, forum.name).read()
        return cls(settings, forum, sessions, now, abilities, sight, emailed, invited)

    @classmethod
    def plain(
        cls, settings: Settings, forum: Forum, sessions: sessionmaker[Session], now: datetime, *, looking: bool
    ) -> Outlook:
        """Return what is known where everything is read in full, without our plugin.

        Calls: none, or, where people are to be looked up and it was not tried today, as `probe`.
        """
        abilities = AbilityStore(sessions, forum.name).read(now)
        if looking and (abilities is None or abilities.plugin):
            abilities = probe(forum, now, explorer="explorer" in settings.lookup.rungs)
        emailed = EmailedStore(sessions, forum.name).read()
        invited = InvitationStore(sessions, forum.name).read()
        return cls(settings, forum, sessions, now, abilities or Abilities(now), Sight.plain(forum), emailed, invited)

    def ask_by_the_way(self, people: Iterable[Person]) -> None:
        """Have these people looked up with the first call that reads members, where that is possible."""
        if isinstance(self.sight, PluginSight):
            self.sight.asking = Wanted.of(people, self.settings.identity)

    def find(  # noqa: PLR0917
        self,
        roster: Roster,
        cohorts: Sequence[Cohort],
        unplaced: Collection[str],
        observed: Observed,
        memory: Memory,
        doubted: Collection[str] = (),
    ) -> Mapping[str, Match | NoMatch]:
        """Return everybody's account.

        `unplaced` are the keys of those whom neither memory nor a member list places, `doubted` those among them who
        were matched, and of whom something has changed since.
        """
        chosen = {cohort.key: cohort for cohort in cohorts}
        enrolments = [enrolment for enrolment in roster.enrolments if enrolment.cohort in chosen]
        self._people = {enrolment.person.key: enrolment.person for enrolment in enrolments}
        self._forget_groups_that_are_gone(cohorts, observed)
        whole = {key: cohort for key, cohort in chosen.items() if roster.kind_of(key) is RosterKind.SNAPSHOT}
        departed = self._departed(enrolments, chosen, {cohort.group for cohort in whole.values()})
        sent = self._sent_everywhere(enrolments, chosen) - set(doubted)
        must = (set(unplaced) - sent) | {person.key for person in departed}
        unfound = NOBODY if self.abilities.plugin else UnfoundStore(self.sessions, self.forum.name).read()
        changed = not unfound.is_recent(observed.account_count, self.now, self.settings.lookup.again_hours)
        self.follow(accounts_changed=changed)
        people = [enrolment.person for enrolment in enrolments]
        may_by_email = self._may_by_email(enrolments) | sent
        may_by_email -= set(doubted)
        self.look_up(
            [*people, *departed], must, observed, memory, may_by_email=may_by_email, unfound=unfound, doubted=doubted
        )
        return self.found.who

    def follow(self, *, accounts_changed: bool) -> None:
        """Find out what became of invitations. Calls: as `inviting.follow`."""
        options = self.settings.invitations
        self.followed = follow(self.forum, self.invited, options, self.now, accounts_changed=accounts_changed)
        self.invited |= self.followed.changed

    def look_up(
        self,
        people: Iterable[Person],
        must: Collection[str],
        observed: Observed,
        memory: Memory,
        *,
        may_by_email: Collection[str] = (),
        unfound: Unfound = NOBODY,
        doubted: Collection[str] = (),
    ) -> None:
        """Find people's accounts; the arguments are those of `Finder.find`. Calls: as it."""
        ladder = self._ladder(observed.account_count)
        accepted = {
            key: Recognised(account)
            for key, account in self.followed.accepted.items()
            if key not in memory.recognised or memory.recognised[key].account.id != account.id
        }
        memory = replace(memory, recognised={**memory.recognised, **accepted})
        finder = Finder(ladder, self.settings.identity, memory, observed.accounts(), unfound, frozenset(doubted))
        self.found = finder.find(people, must, may_by_email)
        self.abilities = ladder.abilities
        matches = (match for match in self.found.who.values() if isinstance(match, Match))
        self._accounts = {match.account.id: match.account for match in matches}

    def accounts(self, ids: frozenset[int], accounts: int) -> Directory:
        """Return what the forum knows about accounts by their ids; `accounts` is how many it has.

        Calls: as the cheapest rung takes.
        """
        return self._ladder(accounts).look_up(Wanted(ids=ids))

    def _forget_groups_that_are_gone(self, cohorts: Sequence[Cohort], observed: Observed) -> None:
        groups = {cohort.group: observed.cohorts[cohort.key].group for cohort in cohorts}
        gone = {name for name, group in groups.items() if group is None or not group.ours}
        self._gone, self.emailed = self.emailed.split(gone)

    def _ladder(self, accounts: int) -> Ladder:
        options = self.settings.lookup
        if isinstance(self.sight, PluginSight):
            return PluginLadder(self.forum, self.abilities, options, accounts, self.now, sight=self.sight)
        return Ladder(self.forum, self.abilities, options, accounts, self.now)

    def _sent_everywhere(self, enrolments: Sequence[Enrolment], cohorts: Mapping[str, Cohort]) -> set[str]:
        """Return the keys of people who were added by e-mail wherever the roster wants them."""
        sent: dict[str, bool] = {}
        for enrolment in enrolments:
            key, cohort = enrolment.person.key, cohorts[enrolment.cohort]
            if self._active(enrolment, cohort):
                here = enrolment.role is not Role.LCM and self.emailed.is_sent(cohort.group, key)
                sent[key] = here and sent.get(key, True)
        return {key for key, everywhere in sent.items() if everywhere}

    def _departed(
        self, enrolments: Sequence[Enrolment], cohorts: Mapping[str, Cohort], groups: Collection[str]
    ) -> list[Person]:
        """Return people added to `groups` by e-mail whom the roster wants no more: their accounts are needed now."""
        staying = {
            (cohorts[enrolment.cohort].group, enrolment.person.key)
            for enrolment in enrolments
            if self._active(enrolment, cohorts[enrolment.cohort])
        }
        listed = {fold(enrolment.person.email) for enrolment in enrolments if enrolment.person.email}
        return [
            Person(email=one.email)
            for (group, key), one in self.emailed.people.items()
            if group in groups and (group, key) not in staying and fold(one.email) not in listed
        ]

    def _may_by_email(self, enrolments: Sequence[Enrolment]) -> set[str]:
        """Return the keys of those who may be added by e-mail: no LCMs, and nobody with whom it went wrong before."""
        lcms = {enrolment.person.key for enrolment in enrolments if enrolment.role is Role.LCM}
        unsure = {key for group, key in self.emailed.people if not self.emailed.is_sent(group, key)}
        return {enrolment.person.key for enrolment in enrolments} - lcms - unsure

    def _active(self, enrolment: Enrolment, cohort: Cohort) -> bool:
        return enrolment.active_on(self.now.astimezone(cohort.zone).date())

    def extend(self, plan: Plan, roster: Roster, cohorts: Sequence[Cohort], observed: Observed) -> Plan:
        """Return the plan with its lines about people who are added by e-mail, and those who are or were invited."""
        adopt = "adopt" in self.settings.limits.allow
        shut = frozenset(key for key in observed.cohorts if not adopt and observed.cohorts[key].has_groups_of_others)
        plan = self._with_emailed(plan, roster, cohorts, observed, shut)
        plan = self._with_invitations(plan, roster, cohorts, shut)
        return replace(plan, changes=(*plan.changes, *self._followed(roster, cohorts)))

    def _followed(self, roster: Roster, cohorts: Sequence[Cohort]) -> Iterator[Change]:
        """Yield a line for each person of whom something changed since the match, and who is still the same."""
        changed = {key: one for key, one in self.found.who.items() if isinstance(one, Match) and one.followed}
        for cohort in cohorts if changed else ():
            for enrolment in roster.of(cohort.key):
                match = changed.get(enrolment.person.key)
                if match:
                    yield Change(
                        ChangeKind.FOLLOWED,
                        cohort.key,
                        cohort.group,
                        f"{match.followed}; still the same person ({enrolment.where})",
                        match.account.username,
                        match.account.id,
                        enrolment.person.label,
                        {"key": enrolment.person.key},
                    )

    def _with_invitations(self, plan: Plan, roster: Roster, cohorts: Sequence[Cohort], shut: frozenset[str]) -> Plan:
        allowed = "invite" in self.settings.limits.allow
        if not allowed and not self.invited:
            return plan
        planner = InvitationPlanner(
            {cohort.key: cohort for cohort in cohorts},
            {(enrolment.cohort, enrolment.person.key): enrolment for enrolment in roster.enrolments},
            self.found.who,
            self.invited,
            self.settings.invitations,
            allowed=allowed,
            now=self.now,
            absence_counts=not roster.rejected
            and all(roster.kind_of(cohort.key) is RosterKind.SNAPSHOT for cohort in cohorts),
            shut=shut,
        )
        return replace(plan, changes=planner.rewrite(plan.changes))

    def _with_emailed(
        self, plan: Plan, roster: Roster, cohorts: Sequence[Cohort], observed: Observed, shut: frozenset[str]
    ) -> Plan:
        emails = {
            enrolment.person.key: enrolment.person.email
            for enrolment in roster.enrolments
            if enrolment.person.key in self.found.by_email and enrolment.person.email
        }
        if not emails and not self.emailed.people:
            return plan
        reasons = {
            (enrolment.cohort, enrolment.person.key): f"{enrolment.role.value} in the roster ({enrolment.where})"
            for enrolment in roster.enrolments
        }
        allowed = "add" in self.settings.limits.allow
        lines = [
            rewrite(line, emails, self.emailed, allowed=allowed, reasons=reasons, shut=shut)
            for line in plan.changes
            if not is_unpaired(line, self.emailed)
        ]
        for cohort in cohorts:
            group = observed.cohorts[cohort.key].group
            if group:
                lines += missing_lines(cohort.key, cohort.group, self.emailed, group.members)
        return replace(plan, changes=tuple(lines))

    def must_look_again(self, plan: Plan, observed: Observed) -> bool:
        """Whether the plan changes what was not read in full in this run; it will be when it is read again."""
        groups = {change.target for change in plan.of(*PEOPLE, ChangeKind.ADD_BY_EMAIL)}
        cohorts = {change.cohort for change in plan.of(*OF_CATEGORIES)}
        states = (observed.cohorts[key].category for key in cohorts)
        return self.sight.again(groups, [state.id for state in states if state and state.id is not None])

    def paired_ties(self, observed: Observed) -> dict[TieKey, TieRecord]:
        """Return ties of ours of which this run found out whose they are: by an address, or by an invitation."""
        there = _places(observed)
        pairing = pair(self.emailed, self.found.who, there)
        joined = {key: whom for key, whom in self.followed.joined.items() if key[1] in there.get(fold(key[0]), ())}
        return {
            TieKey(*place): self._tie(place[0], username, key, left=place in pairing.left)
            for place, (username, key) in {**pairing.ties, **joined}.items()
        }

    def _tie(self, group: str, username: str, key: str, *, left: bool) -> TieRecord:
        """Return the tie of somebody added or invited by an address; the roster may tell more by which to know them."""
        emailed, invited = self.emailed.people.get((group, key)), self._invited_into(group, key)
        one, person = emailed or invited, self._people.get(key)
        known = [digest(one.email) if one else "", *(digests(person).split() if person else ())]
        told = " ".join(dict.fromkeys(filter(None, known)))
        state = State.LEFT if left else State.ADDED
        return TieRecord(state, username, key, one.cohort if one else "", told)

    def _invited_into(self, group: str, key: str) -> Invited | None:
        return next((one for one in self.invited.values() if one.key == key and group in one.groups), None)

    def pair(self, memory: MembershipStore, observed: Observed, run: str) -> None:
        """Write down whose the accounts are that joined by e-mail or invitation, as far as this run found out."""
        InvitationStore(self.sessions, self.forum.name).write(self.followed.changed.values(), run, self.now)
        there = _places(observed)
        pairing = pair(self.emailed, self.found.who, there)
        memory.write_ties(self.paired_ties(observed), run, self.now)
        gone = [(group, number) for group, accounts in self._gone.accounts.items() for number in accounts]
        store = EmailedStore(self.sessions, self.forum.name)
        for group, accounts in found_gone(self.emailed, there):
            store.write_accounts(group, accounts, self.now)
        store.forget([*pairing.people, *self._gone.people], [*pairing.accounts, *gone])

    def add_by_email(self, plan: Plan, so_far: ApplyReport, group_ids: Mapping[str, int], run: str) -> ApplyReport:
        """Carry the lines out that add people by e-mail. Calls: as `EmailAddition.do` for each group."""
        done: list[Change] = []
        failed: list[Failure] = []
        store = EmailedStore(self.sessions, self.forum.name)
        for group in dict.fromkeys(change.target for change in plan.of(ChangeKind.ADD_BY_EMAIL)):
            lines = [change for change in plan.of(ChangeKind.ADD_BY_EMAIL) if change.target == group]
            if group not in group_ids:
                failed += [Failure(line, f"the group '{group}' could not be made") for line in lines]
                continue
            before = self._aftermath().group(group, group_ids[group], so_far)
            addition = EmailAddition(self.forum, store, group_ids[group], group, before, run, self.now)
            did, did_not, snapshot = addition.do(lines)
            done += did
            failed += did_not
            if snapshot:
                self.sight.groups[group] = snapshot
        return ApplyReport(tuple(done), tuple(failed))

    def carry_invitations_out(self, plan: Plan, group_ids: Mapping[str, int], run: str) -> ApplyReport:
        """Carry the lines about invitations out. Calls: as `Inviter.carry_out`."""
        store = InvitationStore(self.sessions, self.forum.name)
        inviter = Inviter(self.forum, store, self.invited, self.settings.invitations, group_ids, run, self.now)
        chosen = {cohort.key: complete_cohort(cohort) for cohort in self.settings.cohorts}
        return inviter.carry_out(plan, chosen)

    def remember(
        self, plan: Plan, report: ApplyReport, group_ids: Mapping[str, int], made_ids: Mapping[str, int]
    ) -> None:
        """Keep what was found out, for the next run. Arguments and calls: as `Aftermath.keep`."""
        AbilityStore(self.sessions, self.forum.name).write(self.abilities)
        UnfoundStore(self.sessions, self.forum.name).write(self.found.unfound)
        store = SnapshotStore(self.sessions, self.forum.name)
        self._aftermath().keep(store, plan, report, group_ids, made_ids)

    def _aftermath(self) -> Aftermath:
        return Aftermath(self.sight, self._accounts, self.now)


def _plugin(
    forum: Forum, options: LookupSettings, abilities: Abilities | None
) -> tuple[Plugin, list[PluginCohort]] | None:
    """Return the forum's plugin and the cohorts that it knows, where it may be used; it is looked for once a day.

    Calls: 1, or 0 where it was not there today.
    """
    if not options.takes_plugin or not (abilities is None or abilities.plugin):
        return None
    return forum.plugin_cohorts()


def _places(observed: Observed) -> dict[str, Collection[int]]:
    """Return who is in each group that was looked at, by folded name."""
    groups = [group for state in observed.cohorts.values() for group in (state.group, state.lcm_group) if group]
    return {fold(group.name): group.members.keys() for group in groups}
