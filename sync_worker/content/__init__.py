"""Words: templates, quoting, the languages' rules, and the texts made from activity."""

from __future__ import annotations
