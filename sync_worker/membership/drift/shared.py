"""What people did manually to what cohorts share: their alumni groups and parent categories. Pure.

Each is told once, beside the first of its cohorts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.membership.drift.lines import LEVELS, Drift, DriftKind, arrivals, departures, was_made
from sync_worker.membership.planning.categories import lets_in, parent_name
from sync_worker.membership.state import STAFF
from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sync_worker.membership.records.store import Remembered
    from sync_worker.membership.state import CategoryState, Observed
    from sync_worker.model import Cohort

NAME_IT = "name it so in lcm.yaml, or change it back"


@dataclass(frozen=True, slots=True)
class SharedPlaces:
    """What was found of alumni groups and parent categories.

    `renamed` maps the names we gave to groups to those they have now, `opened` says which groups syncs let into which
    parent category.
    """

    observed: Observed
    remembered: Remembered
    renamed: Mapping[str, str]
    opened: Mapping[str, Collection[str]]

    def drift(self, cohorts: Sequence[Cohort]) -> Iterator[Drift]:
        """Yield what was done manually to alumni groups, then to parent categories."""
        for name, key in _first((cohort.alumni_group, cohort.key) for cohort in cohorts).items():
            yield from self._alumni(key, name)
        for slug, key in _first((cohort.parent_category, cohort.key) for cohort in cohorts).items():
            yield from self._parent(key, slug)

    def _alumni(self, cohort: str, name: str) -> Iterator[Drift]:
        ours = was_made(self.remembered, "group", name)
        if name in self.renamed:
            what = f"called '{self.renamed[name]}' on the forum now, and nothing is done about its cohorts; {NAME_IT}"
            yield Drift(DriftKind.RENAMED, cohort, name, what)
        group = self.observed.alumni.get(name)
        if group is None:
            if ours:
                what = "the group was deleted; a sync makes it again for the cohorts that are over"
                yield Drift(DriftKind.GONE, cohort, name, what)
            return
        if ours:
            yield from arrivals(cohort, name, group, self.remembered)
        yield from departures(cohort, name, group, self.remembered)

    def _parent(self, cohort: str, slug: str) -> Iterator[Drift]:
        parent, ours = self.observed.parents.get(slug), was_made(self.remembered, "category", slug)
        name = parent_name(slug)
        if parent is None:
            if ours or slug in self.opened:
                what = "the parent category was deleted; a sync makes it again where a cohort's category needs it"
                yield Drift(DriftKind.GONE, cohort, name, what)
            return
        if fold(parent.slug) != fold(slug):
            what = f"its slug is '{parent.slug}' now, and a sync would make another; {NAME_IT}"
            yield Drift(DriftKind.RENAMED, cohort, name, what)
        elif ours and fold(parent.name) != fold(name):
            yield Drift(DriftKind.RENAMED, cohort, name, f"called '{parent.name}' on the forum now; left so")
        yield from self._rights(cohort, slug, parent, ours=ours)

    def _rights(self, cohort: str, slug: str, parent: CategoryState, *, ours: bool) -> Iterator[Drift]:
        opened = {fold(name) for name in self.opened.get(slug, ())}
        for name in sorted(self.opened.get(slug, ())):
            now = self.renamed.get(name, name)
            if not lets_in(parent, [now]):
                what = f"{now} has no access any more; a sync opens it again where a category below needs it"
                yield Drift(DriftKind.PERMISSIONS, cohort, parent.name, what)
        known = opened | {fold(self.renamed.get(name, name)) for name in self.opened.get(slug, ())} | {STAFF}
        for name, level in sorted(parent.permissions.items() if ours else ()):
            if fold(name) not in known:
                what = f"{name} has {LEVELS.get(level, str(level))}, set manually; left so"
                yield Drift(DriftKind.PERMISSIONS, cohort, parent.name, what)


def _first(pairs: Iterable[tuple[str | None, str]]) -> dict[str, str]:
    """Return the first cohort of each name."""
    found: dict[str, str] = {}
    for name, key in pairs:
        if name is not None:
            found.setdefault(name, key)
    return found
