"""The LCM's desk on the forum: what the worker shows there, and what people decide there."""

from sync_worker.desk.decisions import take_in
from sync_worker.desk.gather import DeskSource, publish_desk

__all__ = ["DeskSource", "publish_desk", "take_in"]
