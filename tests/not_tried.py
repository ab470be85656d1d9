"""What a run of the tests did not try because something is absent, in one line, and how to get it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Absent(NamedTuple):
    """Something that tests need: a word of their reason to skip, what it is, and how to get it."""

    sign: str
    what: str
    get: str


RECORDINGS = "not in this repository; set LCM_SHARED to the folder in which `recordings` is"
KNOWN = (
    Absent("PostgreSQL", "PostgreSQL", "set LCM_TEST_POSTGRES=postgresql+psycopg://USER@HOST/DATABASE"),
    Absent("chromium", "Chromium", "install chromium and chromedriver (Debian: chromium chromium-driver)"),
    Absent("plugin's packages", "the plugin's node packages", "make lint-plugin"),
    Absent("Node is not installed", "Node", "install Node 20 or newer with npm"),
    Absent("hatchling", "the package's builder", "pip install hatchling"),
    Absent("promtool", "promtool", "install Prometheus (Debian: prometheus)"),
    Absent("no recordings", "recordings of a Discourse", RECORDINGS),
)


def not_tried(reasons: Iterable[str]) -> str:
    """Return the line for the reasons of all skipped tests; empty where every skip was for another cause."""
    counts: Counter[Absent] = Counter()
    for reason in reasons:
        counts.update(absent for absent in KNOWN if absent.sign in reason)
    if not counts:
        return ""
    parts = [f"{absent.what}: {counts[absent]} ({absent.get})" for absent in KNOWN if absent in counts]
    return f"Not tried, for something is absent: {counts.total()} tests. {'; '.join(parts)}."
