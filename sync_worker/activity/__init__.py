"""What happened on the forum: collected into the store, read back as topics, turned into signals."""

from __future__ import annotations
