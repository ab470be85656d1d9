"""A file that was damaged anywhere, and is refused, changes nothing on the forum or in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings

from sync_worker.errors import LcmError
from tests.rosters.test_mutations import FORMATS, damages, outcome
from tests.search import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.place import Place

EXPORT = "roster: {{oneroster: {}, cohorts: {{c1: spring, c2: autumn}}}}"
SOURCES = {
    "csv": "roster: {csv: r.csv}",
    "xlsx": "roster: {xlsx: r.xlsx}",
    "zip": EXPORT.format("x.zip"),
    "database": "roster: {sql: HR_URL, enrolments_query: SELECT * FROM people}",
}
EXAMPLES = examples(10, 200)  # of each of ten formats


@pytest.mark.parametrize("name", FORMATS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(damage=damages())
def test_it_is_refused_with_place_and_reason_and_nothing_is_changed(
    name: str, damage: Callable[[bytes], bytes], place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    form = FORMATS[name]
    path = form.write(folder)
    path.write_bytes(damage(path.read_bytes()))
    result = outcome(form, folder)
    assume(isinstance(result, LcmError) or result.rejected)
    if isinstance(result, LcmError):
        code, says, where = result.exit_code, result.what, result.where or ""
    else:
        code, says, where = 3, result.rejected[0].reason, result.rejected[0].where
    place.check_refused(folder, SOURCES.get(name, EXPORT.format("x")), code=code, says=says, where=where)


def test_they_are_more_than_a_hundred() -> None:
    assert len(FORMATS) * EXAMPLES >= 100
