"""The migrations of the store's tables."""

from __future__ import annotations

NEWEST = "0036_when_answered"  # the revision that a store of this version has; a new migration takes its place here
