"""Look after cohorts of learners on a Discourse forum."""

from __future__ import annotations

__version__ = "0.2.0"
