"""What the worker relies on, as a table: a call, and what Discourse answers. Each row was checked against a real one.

The rows are gone through in their order, and later ones see what earlier ones did.
"""

from __future__ import annotations

from tests.contract.fact import Fact
from tests.contract.facts_about_categories import ABOUT_CATEGORIES
from tests.contract.facts_about_groups import ABOUT_GROUPS
from tests.contract.facts_about_lookups import ABOUT_LOOKUPS
from tests.contract.facts_about_people import ABOUT_PEOPLE
from tests.contract.facts_about_posts import ABOUT_POSTS
from tests.contract.facts_about_topics import ABOUT_TOPICS

FACTS: tuple[Fact, ...] = (
    *(*ABOUT_PEOPLE, *ABOUT_GROUPS, *ABOUT_LOOKUPS, *ABOUT_POSTS, *ABOUT_TOPICS, *ABOUT_CATEGORIES),
)
