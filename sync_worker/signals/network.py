"""Who answers whom in a cohort: ties, isolates, reciprocity, density, bridges, and how they change by week.

A view of the network finds learners whom no count of posts shows, as those who write and are connected to nobody
(Macfadyen and Dawson 2010, Computers & Education 54(2), doi 10.1016/j.compedu.2009.09.008). Central people are not
always those who gain most, so nobody is ranked here. The graph algorithms are those of the library networkx.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync_worker.extras import load

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from sync_worker.signals.participation import AnswerKey

WEEK = timedelta(weeks=1)
FEATURE = "the network of who answers whom"


@dataclass(frozen=True, slots=True)
class NetworkFigures:
    """The network of some people.

    Args:
        people: how many there are.
        ties: how many pairs have answered each other, in one direction at least.
        density: share of all possible answers from one person to another that happened at least once, 0 to 1.
        reciprocity: share of those that were returned; None where nobody answered anybody.
        parts: how many groups there are between which nobody answered, without the isolates.
        isolates: who neither answered anybody nor was answered, by user id.
        bridges: pairs whose tie alone connects two parts: without it nobody would answer from one to the other.

    """

    people: int
    ties: int
    density: float
    reciprocity: float | None
    parts: int
    isolates: tuple[int, ...]
    bridges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class NetworkWeek:
    """One week of the network, named by its Monday: pairs that answered, those for the first time, and where it stood.

    `isolates`, `density` and `reciprocity` are of all answers up to the end of the week.
    """

    week: date
    ties: int
    first_ties: int
    isolates: int
    density: float
    reciprocity: float | None


def isolated(people: Collection[int], answers: Iterable[AnswerKey]) -> frozenset[int]:
    """Return who neither answered one of the others nor was answered by one. Needs no library."""
    members = frozenset(people)
    return members - {number for edge in _edges(members, answers) for number in edge}


def network_of(people: Collection[int], answers: Iterable[AnswerKey]) -> NetworkFigures:
    """Return the figures of the network of these people; answers to and by others do not count.

    Raises:
        ConfigError: the library is not installed.

    """
    nx = load("networkx", FEATURE)
    graph = _graph(nx, people, answers)
    undirected = graph.to_undirected()
    lonely = sorted(nx.isolates(graph))
    return NetworkFigures(
        people=graph.number_of_nodes(),
        ties=undirected.number_of_edges(),
        density=nx.density(graph),
        reciprocity=nx.overall_reciprocity(graph) if graph.number_of_edges() else None,
        parts=nx.number_connected_components(undirected) - len(lonely),
        isolates=tuple(lonely),
        bridges=tuple(sorted((min(pair), max(pair)) for pair in nx.bridges(undirected))),
    )


def network_by_week(
    people: Collection[int], answers: Mapping[AnswerKey, int], first: date, last: date
) -> list[NetworkWeek]:
    """Return every week from that of `first` to that of `last`, oldest first.

    Raises:
        ConfigError: the library is not installed.

    """
    nx = load("networkx", FEATURE)
    graph = _graph(nx, people, ())
    members, known = frozenset(people), set[frozenset[int]]()
    week, found = first - timedelta(days=first.weekday()), list[NetworkWeek]()
    by_week: dict[date, list[AnswerKey]] = {}
    for key in answers:
        by_week.setdefault(key.week, []).append(key)
    for before in sorted(by_week):
        if before < week:
            graph.add_edges_from(_edges(members, by_week[before]))
            known |= _ties(members, by_week[before])
    while week <= last:
        now = by_week.get(week, [])
        ties = _ties(members, now)
        graph.add_edges_from(_edges(members, now))
        found.append(
            NetworkWeek(
                week=week,
                ties=len(ties),
                first_ties=len(ties - known),
                isolates=nx.number_of_isolates(graph),
                density=nx.density(graph),
                reciprocity=nx.overall_reciprocity(graph) if graph.number_of_edges() else None,
            )
        )
        known |= ties
        week += WEEK
    return found


def _graph(nx: Any, people: Collection[int], answers: Iterable[AnswerKey]) -> Any:
    graph = nx.DiGraph()
    graph.add_nodes_from(people)
    graph.add_edges_from(_edges(frozenset(people), answers))
    return graph


def _edges(members: frozenset[int], answers: Iterable[AnswerKey]) -> list[tuple[int, int]]:
    return [(key.by, key.to) for key in answers if key.by in members and key.to in members and key.by != key.to]


def _ties(members: frozenset[int], answers: Iterable[AnswerKey]) -> set[frozenset[int]]:
    return {frozenset(edge) for edge in _edges(members, answers)}
