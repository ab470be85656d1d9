"""Settings: `lcm.yaml` and the environment, validated, with errors that name file and line."""

from __future__ import annotations

from sync_worker.config.load import load_settings
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings

__all__ = ["CohortSettings", "ForumSettings", "Settings", "load_settings"]
