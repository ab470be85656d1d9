"""What the worker asks of our plugin and sends to it; the contract is `discourse_plugin/openapi.yaml`.

Every method makes one call; where it makes more, it says so. Everything sent here may be sent again without harm.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ForumError, Outcome
from sync_worker.forum.parse import Shape
from sync_worker.forum.plugin_parse import (
    parse_activity,
    parse_cohort,
    parse_members_changed,
    parse_members_seen,
    parse_status,
    parse_work,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sync_worker.forum.plugin_records import (
        ActivityPage,
        CohortNames,
        GroupChange,
        MembersChanged,
        MembersSeen,
        PluginCohort,
        PluginStatus,
        WantedPerson,
        WorkItem,
    )
    from sync_worker.forum.transport import Transport

CONTRACT = "1"
PEOPLE_A_CALL = 20_000
ACTIVITY_A_CALL = 500
WORK_A_CALL = 100
LOOK_AGAIN_AFTER = 300.0
SWITCH = "lcm_enabled"
SWITCH_ON = f"Switch it on in Discourse (Admin > Settings > {SWITCH}); until then the worker does without."


class PluginGoneError(ForumError):
    """The plugin answered before and does not any more: it was switched off or removed."""


class Plugin:
    """The plugin of one forum, as the worker's API user.

    Every method raises `PluginGoneError` where the forum has the plugin no longer (1 call more, to make sure).
    """

    def __init__(self, http: Transport, status: PluginStatus, gone: Callable[[], None] = lambda: None) -> None:
        self._http = http
        self.status = status
        self._gone = gone

    def can(self, feature: str) -> bool:
        """Whether the plugin has a feature (as `status.json` names them)."""
        return feature in self.status.features

    def cohorts(self) -> list[PluginCohort]:
        """Return every declared cohort with its digest: enough to know that nothing changed."""
        return [parse_cohort(item) for item in self._get("/lcm/cohorts.json").at("cohorts").items()]

    def declare(self, key: str, declaration: Mapping[str, Any]) -> tuple[PluginCohort, tuple[str, ...]]:
        """Declare a cohort, making its groups and category where they are missing; return it and what was changed.

        Raises:
            ForumError: with status 422 where something is missing and may not be made, or belongs to somebody else.

        """
        answer = self._put(f"/lcm/cohorts/{key}.json", declaration)
        return parse_cohort(answer.at("cohort")), answer.at("changes").texts()

    def look(
        self,
        key: str,
        people: Sequence[WantedPerson],
        identity: Sequence[str] = (),
        digest: str | None = None,
        named: CohortNames | None = None,
    ) -> MembersSeen:
        """Find people's accounts and read the cohort's members; writes nothing. Calls: 1 for 20,000 people.

        With the cohort's present `digest` the answer is `unchanged`, and small. `named` says where a cohort would be
        that was never declared.
        """
        if len(people) > PEOPLE_A_CALL:
            raise ValueError(f"at most {PEOPLE_A_CALL} people a call")
        body: dict[str, Any] = {"people": [_without_none(asdict(person)) for person in people]}
        if identity:
            body["identity"] = list(identity)
        if digest is not None:
            body["digest"] = digest
        if named is not None:
            body["named"] = asdict(named)
        return parse_members_seen(self._ask("POST", f"/lcm/cohorts/{key}/members.json", json=body, only_reads=True))

    def change_members(
        self, key: str, change: str, group: GroupChange, lcm_group: GroupChange, expect: str | None = None
    ) -> MembersChanged:
        """Add and remove members and owners of a cohort's groups, in one call however many they are.

        The forum carries out the same `change` once.

        Raises:
            ForumError: with status 409 where the digest is not the one expected: somebody else changed the members.

        """
        body = {"change": change, "group": asdict(group), "lcm_group": asdict(lcm_group)}
        answer = self._put(f"/lcm/cohorts/{key}/members.json", body | ({"expect": expect} if expect else {}))
        return parse_members_changed(answer)

    def activity(self, key: str, after: str | None, categories: Iterable[int] = ()) -> ActivityPage:
        """Return the next page of what happened in a cohort."""
        params: dict[str, Any] = {"limit": ACTIVITY_A_CALL}
        if after is not None:
            params["after"] = after
        if also := ",".join(map(str, categories)):
            params["categories"] = also
        return parse_activity(self._get(f"/lcm/cohorts/{key}/activity.json", **params))

    def publish_desk(self, key: str, publication: Mapping[str, Any]) -> tuple[str, ...]:
        """Replace the sections of a cohort's desk that are given; return what was refused, in words."""
        refused = self._put(f"/lcm/cohorts/{key}/desk.json", publication).at("refused").items()
        return tuple(
            f"{row.at('section').text()} {row.at('subject').text()}: {row.at('reason').text()}" for row in refused
        )

    def work(self, after: int) -> tuple[list[WorkItem], bool]:
        """Return what people decided since an id, oldest first, and whether there is more."""
        answer = self._get("/lcm/work.json", after=after, limit=WORK_A_CALL)
        return [parse_work(item) for item in answer.at("work").items()], answer.at("more").flag()

    def publish_playbooks(self, playbooks: Sequence[Mapping[str, Any]]) -> None:
        """Replace the list of playbooks."""
        self._put("/lcm/playbooks.json", {"playbooks": list(playbooks)}).at("success")

    def report_run(self, run: str, report: Mapping[str, Any]) -> str:
        """Say what a run does; its lines are kept once by their number.

        Return the state that the forum has of it, as a finished run stays so; "" where an older plugin does not say it.
        """
        answer = self._put(f"/lcm/runs/{run}.json", report)
        answer.at("success")
        return answer.get("state", "").text()

    def beat(self, beat: Mapping[str, Any]) -> int:
        """Say that this worker is alive; return the newest work item's id."""
        return self._put("/lcm/heartbeat.json", beat).at("last_work_id").integer()

    def _get(self, path: str, **params: object) -> Shape:
        return self._ask("GET", path, params=params)

    def _put(self, path: str, body: Mapping[str, Any]) -> Shape:
        return self._ask("PUT", path, json=dict(body), harmless=True)

    def _ask(self, verb: str, path: str, **more: Any) -> Shape:
        try:
            return Shape(self._http.ask(verb, path, **more).json(), "answer")
        except ForumError as error:
            # The plugin says 404 of a cohort that it does not know; without the plugin Discourse says it of everything.
            if not error.refused_with(404) or read_status(self._http) is not None:
                raise
        self._gone()
        raise PluginGoneError(
            "the plugin discourse-lcm does not answer any more: it was switched off or removed.",
            status=404,
            url=self._http.host,
            outcome=Outcome.REFUSED,
            do=SWITCH_ON,
        )


class PluginFinder:
    """Looks for the plugin of one forum, and keeps it while it is there.

    Args:
        http: the forum.
        clock: monotonic seconds.

    """

    def __init__(self, http: Transport, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._clock = clock
        self._found: Plugin | None = None
        self._missed_at = -math.inf

    def find(self) -> Plugin | None:
        """Return the plugin, None where it is not there. Calls: 0 or 1; 1 in 5 minutes while it is not there."""
        if self._found is None and self._clock() - self._missed_at >= LOOK_AGAIN_AFTER:
            status = read_status(self._http)
            if status is not None and _speaks_our_contract(status):
                self._found = Plugin(self._http, status, self._forget)
            else:
                self._missed_at = self._clock()
        return self._found

    def _forget(self) -> None:
        self._found, self._missed_at = None, self._clock()


def find_cohorts(http: Transport) -> tuple[Plugin, list[PluginCohort]] | None:
    """Return the forum's plugin and every declared cohort; None where it is absent or of another contract. Calls: 1."""
    try:
        answer = Shape(http.ask("GET", "/lcm/cohorts.json").json(), "answer")
    except ForumError as error:
        if error.refused_with(404):
            return None
        raise
    status = parse_status(answer.at("status"))
    if not _speaks_our_contract(status):
        return None
    return Plugin(http, status), [parse_cohort(item) for item in answer.at("cohorts").items()]


def read_status(http: Transport) -> PluginStatus | None:
    """Return what the plugin says about itself, None where it is not installed or switched off. Calls: 1."""
    try:
        answer = http.ask("GET", "/lcm/status.json")
    except ForumError as error:
        if error.refused_with(404):
            return None
        raise
    return parse_status(Shape(answer.json(), "status"))


def _speaks_our_contract(status: PluginStatus) -> bool:
    return status.contract.partition(".")[0] == CONTRACT


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
