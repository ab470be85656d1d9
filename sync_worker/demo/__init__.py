"""The demo: cohorts of simulated learners, a virtual clock, and the real worker looking after them over HTTP."""

from __future__ import annotations

FEWEST_WEEKS = 2  # the first prompt is posted in the second week
