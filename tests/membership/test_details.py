"""What saved plans and the journal keep of a line is read as it was written, today and by the version before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sync_worker.model.details import (
    NO_DETAIL,
    CategoryBefore,
    CategoryChange,
    Mark,
    Member,
    NoDetail,
    detail_of,
)

KEPT: list[tuple[str, dict[str, Any]]] = [
    ("kept", {}),
    ("unknown", {"key": "id:7"}),
    ("kept", {"group": 12}),
    ("create_group", {"full_name": "Spring 2027"}),
    ("create_group", {"full_name": "Spring 2027", "notifications": "watching"}),
    ("adopt_group", {"id": 12}),
    ("update_group", {"id": 12, "level": 3, "before": {"level": 2}}),
    ("create_category", {"slug": "programme", "permissions": {"spring": 3, "staff": 1}, "moderators": []}),
    (
        "create_category",
        {
            "slug": "spring",
            "permissions": {"spring": 1},
            "moderators": ["spring-lcm"],
            "about": "About",
            "about_title": "Title",
            "notifications": "tracking",
            "group": "spring",
            "parent": "programme",
            "parent_id": None,
            "tags": ["a", "b"],
        },
    ),
    ("adopt_category", {"id": 5, "slug": "spring"}),
    (
        "update_category",
        {
            "id": 5,
            "slug": "spring",
            "permissions": {"spring": 1},
            "moderators": [],
            "closes": True,
            "tags": ["a"],
            "free_tags": True,
            "parent": "programme",
            "parent_id": 3,
            "before": {"permissions": {}, "moderators": [], "tags": [], "free_tags": False, "parent": None},
        },
    ),
    (
        "archive_category",
        {
            "id": 5,
            "slug": "spring",
            "permissions": {"spring": 3},
            "moderators": [],
            "before": {"permissions": {"spring": 1}, "moderators": []},
        },
    ),
    ("open_category", {"id": None, "slug": "programme", "open_to": {"spring": 3}, "before": {}}),
    ("add", {"key": "id:7", "digests": "1a 2b"}),
    ("remove", {"key": "id:7", "digests": "1a 2b", "owner": False}),
    ("remove_owner", {"key": "", "digests": ""}),
    ("grace", {"key": "id:7", "digests": "", "since": "2027-03-01T09:00:00.000001+00:00", "clean_runs": 1}),
    ("grace", {"key": "id:7", "digests": "", "since": "2027-03-01T09:00:00+00:00", "clean_runs": 2, "tie": "owner"}),
    ("add_by_email", {"key": "mail:a@x.org", "email": "a@x.org"}),
    ("invite", {"key": "mail:a@x.org", "email": "a@x.org", "groups": ["spring", "spring-lcm"]}),
    ("remind", {"key": "mail:a@x.org", "email": "a@x.org", "groups": ["spring"], "invite": None}),
    ("withdraw", {"key": "mail:a@x.org", "email": "a@x.org", "invite": 8}),
    ("kept", {"key": "mail:a@x.org", "email": "a@x.org", "invite": 8}),
]


@pytest.mark.parametrize(("kind", "kept"), KEPT, ids=[f"{kind}-{len(kept)}" for kind, kept in KEPT])
def test_what_was_kept_of_a_line_comes_back_as_it_was(kind: str, kept: dict[str, Any]) -> None:
    detail = detail_of(kind, kept)
    assert detail.to_json() == kept
    assert detail_of(kind, detail.to_json()) == detail
    assert isinstance(detail, NoDetail) is (kept == {})


def test_a_line_says_what_it_is_about() -> None:
    assert detail_of("kept", {}) is NO_DETAIL
    assert detail_of("add", {"key": "id:7", "digests": "1a"}) == Member("id:7", "1a")
    since = datetime(2027, 3, 1, 9, tzinfo=UTC)
    kept = {"key": "id:7", "digests": "", "since": since.isoformat(), "clean_runs": 2}
    assert detail_of("grace", kept) == Mark("id:7", "", since, 2)


def test_a_line_of_an_old_journal_without_all_parts_is_read_too() -> None:
    old = {"slug": "spring", "permissions": {"spring": 1}, "before": {"permissions": {"spring": 3}}}
    change = detail_of("update_category", old)
    assert change == CategoryChange(None, "spring", {"spring": 1}, (), before=CategoryBefore({"spring": 3}, ()))
