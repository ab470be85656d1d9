"""A sync of a forum where nothing changed changes nothing, whatever field of whatever answer is missing or odd.

It stops with an error, or has no effective line: no removal, no group or category made again, no right opened.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.config.settings import ForumSettings
from sync_worker.errors import ForumError
from sync_worker.forum import Forum, Patience
from sync_worker.forum.answers import Answer
from sync_worker.forum.transport import Transport
from sync_worker.membership import prepare
from sync_worker.model import Role
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from tests.forum.test_absent_fields import Looks, at_place, changes
from tests.membership.conftest import NOW, SERIAL, Site
from tests.search import SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync_worker.practice_forum.dialects import DialectName

Place = tuple[str, ...]
EVERY = 1 if SEARCH else 5
"""Of how many places with `make test` one is tried; all are with `make search`."""


NULL_IS_SAID = {("cohorts", name) for name in ("category", "group", "lcm_group")}
"""Where our plugin says with null that there is none."""


class Changed(Transport):
    """A client whose answers are changed before they are read; `places` are the objects of the answers themselves."""

    def __init__(self, url: str, change: Callable[[Any], Any]) -> None:
        super().__init__(ForumSettings(url=url), DEFAULT_KEY, read_only=True, patience=Patience(attempts=1))
        self._change = change

    def ask(self, verb: str, path: str, **more: Any) -> Answer:
        """Ask, and change the answer."""
        answer = super().ask(verb, path, **more)
        if not answer.body.strip() or answer.status != 200:
            return answer
        body = self._change(answer.json())
        return Answer(answer.status, answer.headers, json.dumps(body).encode(), answer.seconds)


@pytest.fixture(scope="module", params=["3.5", "current", "with our plugin"])
def settled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two cohorts that agree with the roster, with learners, an LCM and a person who was invited."""
    dialect: DialectName = "current" if request.param == "current" else "3.5"
    plugin, values = request.param == "with our plugin", {"enable_category_group_moderation": "true"}
    options = ForumOptions(dialect=dialect, plugin=plugin, bulk_users=9, settings=values)
    with ForumServer(":memory:", options=options) as server:
        site = Site(server.url, tmp_path_factory.mktemp("absent"), f"x{next(SERIAL):04}")
        site.limits = {"allow": ("add", "remove", "owners", "create", "archive", "adopt", "invite")}
        site.limits |= {"max_shrink_fraction": 1}
        for key in site.keys:
            site.enrol(key, (1, 2, 3))
            site.enrol(key, (4,), Role.LCM)
        site.newcomer("zoe")
        _, report, _ = site.sync()
        assert report.failed == ()
        yield site
        site.store.close()


def effective(site: Site, change: Callable[[Any], Any]) -> list[str]:
    """Plan with changed answers, as a run that looks at everything; give the effective lines, none after an error."""
    http = Changed(site.url, change)
    document = site.settings.model_dump() | {"lookup": {"check": "log"}}
    try:
        plan = prepare(
            type(site.settings).model_validate(document), site.roster(), Forum(http), site.store, now=NOW
        ).plan
    except ForumError:
        return []
    finally:
        http.close()
    return [f"{line.kind} {line.target}: {line.reason}" for line in plan.effective]


def looked_at(site: Site) -> list[Place]:
    """The places of answers that an unchanged sync looks at."""
    with pytest.MonkeyPatch.context() as patch:
        looks = Looks(patch)
        assert effective(site, lambda body: body) == []
        # Under `permissions` our plugin names groups: one that is not there has none.
        return sorted(steps for steps in looks.places if "permissions" not in steps[:-1])


def test_nothing_is_changed_because_a_field_is_absent_or_odd(settled: Site) -> None:
    places = looked_at(settled)
    assert len(places) > 20
    wrong = []
    for number, steps in enumerate(places):
        for turn, (what, do) in enumerate(changes(0.5)):
            if (number + turn) % EVERY or (what == "null" and steps in NULL_IS_SAID):
                continue

            def change(body: Any, do: Callable[[dict[str, Any], str], None] = do, steps: Place = steps) -> Any:
                at_place(body, steps, do)
                return body

            wrong += [(".".join(steps), what, line) for line in effective(settled, change)]
    assert wrong == [], "\n".join(map(str, wrong))
