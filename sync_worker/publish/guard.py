"""The last look at a draft before it leaves: what Discourse would refuse, and what nobody may slip in through us."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.model import DraftKind

if TYPE_CHECKING:
    from sync_worker.model import Draft

MAX_RAW = 32_000
MIN_RAW = 20
TITLE_LENGTHS = {DraftKind.TOPIC: range(15, 256), DraftKind.MESSAGE: range(2, 256)}
MAX_MENTIONS = 10
MARKER_ROOM = 100
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
MENTION = re.compile(r"(?<![\w/@.])@([\w][\w.-]*)")
WHOLE_FORUM = re.compile(r"(?:here|all|everyone|staff|moderators|admins|trust_level_\d)", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069]")


def objections(draft: Draft) -> list[str]:
    """Return every reason not to send the draft; empty where there is none."""
    found = [*_text_objections(draft.raw), *_address_objections(draft)]
    if draft.kind in TITLE_LENGTHS:
        found += _title_objections(draft.title or "", TITLE_LENGTHS[draft.kind])
    return found


def _text_objections(raw: str) -> list[str]:
    found = []
    text = raw.strip()
    if len(text) < MIN_RAW:
        found.append(f"the text has {len(text)} characters; Discourse wants {MIN_RAW}")
    if len(text) > MAX_RAW - MARKER_ROOM:
        found.append(f"the text has {len(text):,} characters; Discourse takes {MAX_RAW:,}")
    if "<!--" in raw:
        found.append("the text holds an HTML comment, which could pass for one of our own marks")
    if CONTROL.search(raw):
        found.append("the text holds invisible control characters")
    names = {name.rstrip(".-").lower() for name in MENTION.findall(CODE.sub(" ", raw))}
    if loud := sorted(name for name in names if WHOLE_FORUM.fullmatch(name)):
        found.append(f"the text would notify everybody (@{', @'.join(loud)})")
    if len(names) > MAX_MENTIONS:
        found.append(f"the text mentions {len(names)} accounts; Discourse takes {MAX_MENTIONS}")
    return found


def _title_objections(title: str, lengths: range) -> list[str]:
    found = []
    if len(title.strip()) not in lengths:
        found.append(f"the title has {len(title.strip())} characters; Discourse wants {lengths[0]} to {lengths[-1]}")
    if "\n" in title or CONTROL.search(title):
        found.append("the title holds a line break or invisible characters")
    return found


def _address_objections(draft: Draft) -> list[str]:
    if draft.kind is DraftKind.MESSAGE and not all(name.strip() for name in draft.recipients or ("",)):
        return ["the message has no recipient"]
    if draft.kind is DraftKind.REPLY and draft.topic_id is None:
        return ["the reply names no topic"]
    return []
