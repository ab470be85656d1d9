"""A published text without what must not be shown any more; all else in it stays, an LCM's own changes too."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sync_worker.activity.replies import digest_of
from sync_worker.content.markdown import JOINER, escape
from sync_worker.publish.acts import Carried, own_reply
from sync_worker.publish.citations import QUOTED_POST
from sync_worker.publish.earlier_texts import hide_earlier_texts, takes_away
from sync_worker.publish.entries import marker
from sync_worker.signals.plain import clean_title, letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync_worker.forum.client import Forum
    from sync_worker.model import Citation
    from sync_worker.store.tables import LedgerRow


GONE = "the topic is gone already"
NOT_OURS = "the topic is not ours any more; nothing was changed"
CHANGED = "somebody changed the text; it is left as it is"
NOTHING_LEFT = "nothing of it stands in the topic any more"
_LINK = re.compile(
    r"\[(?P<said>[^\]\n]{1,300})\]\((?P<site>[^)\s]{1,300}?)/t/[^/)\s]{1,300}/(?P<topic>\d{1,15})(?P<number>/\d{1,9})?\)"
)
TELLING = 10  # letters; a shorter title may be anybody's words
_EMPTY_MARK = re.compile(r"(?m)^[ \t]*(?:#{1,6}|[-*+>]|\d+[.)])[ \t]*(?:\n|\Z)")
_GAP = re.compile(r"\n{3,}")


def without(raw: str, parts: Iterable[Sequence[str]]) -> str:
    """Return a text without these parts, each a list of pieces in the order of the text, and the marks left empty.

    Where an LCM rewrote a part, so that it is not found as a whole, the pieces go that are found by themselves and
    cannot be somebody else's: quotes and links.
    """
    for pieces in parts:
        raw = _cut(raw, pieces)
    return _GAP.sub("\n\n", _EMPTY_MARK.sub("", raw)).strip()


def _cut(raw: str, pieces: Sequence[str]) -> str:
    begin = end = raw.find(pieces[0])
    for piece in pieces:
        at = raw.find(piece, end) if end >= 0 else -1
        end = at + len(piece) if at >= 0 else -1
    if 0 <= begin < end and "\n#" not in raw[begin:end]:
        return raw[:begin] + raw[end:]
    for piece in pieces:
        if "[/quote]" in piece or "](" in piece or piece.startswith("> "):
            raw = raw.replace(piece, "")
    return raw


def handed_parts(raw: str, citation: Citation) -> list[tuple[str, str]]:
    """Return the quotes of a text for another cohort that show this post, each with the credit below it."""
    said = [one for passage in citation.passages if (one := letters(passage))]
    return [
        (quoted.strip(), below.strip())
        for quoted, below in pairwise(raw.split("\n\n"))
        if quoted.startswith("> ") and any(one in letters(quoted) for one in said)
    ]


def renamed(text: str, change: Mapping[str, Any]) -> str:
    """Return a text after a change of names: `instead` of some headings others, and `unname` of some topics."""
    for old, new in change.get("instead", ()):
        text = text.replace(old, new)
    for topic_id, title, label in change.get("unname", ()):
        text = without_name(text, topic_id, title, label)
    return text


def without_name(text: str, topic_id: int, title: str, label: str) -> str:
    """Return a text that says `label` where it said the title of a topic; its links and quotes do not show it either.

    A link gets no slug, which is made of the title. A quote that leads to its post, which Discourse shows below the
    topic's title, becomes one that leads nowhere.
    """
    shown = clean_title(title) or title

    def unlinked(found: re.Match[str]) -> str:
        said = label if letters(found["said"]) == letters(shown) else found["said"]
        return f"[{said}]({found['site']}/t/-/{topic_id}{found['number'] or ''})"

    text = _LINK.sub(lambda found: unlinked(found) if int(found["topic"]) == topic_id else found[0], text)
    text = QUOTED_POST.sub(lambda found: f"> {found['text']}" if int(found["topic"]) == topic_id else found[0], text)
    for form in (escape(shown), escape(shown).replace(JOINER, ""), shown):
        text = text.replace(form, label) if len(letters(form)) >= TELLING else text
    return text


def revise(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Change what another entry made: take parts out of a topic, call it otherwise, or change a reply.

    What takes words away hides them in the history of edits as well, also where the text was changed before and only
    this was left to do.

    Calls: 2, or 1 where there is nothing to change; for what takes words away those of `hide_earlier_texts` as well.

    Raises:
        ForumError: it could not be done, or somebody changed the text meanwhile; the entry stays intended.

    """
    carried = _change(forum, row, target)
    is_there = carried.state == "done" and carried.reason != GONE
    if is_there and carried.post_id is not None and takes_away(row):
        hide_earlier_texts(forum, carried.post_id)
    return carried


def _change(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    if "raw" in row.payload:
        return _rewrite(forum, row, target)
    if "stands_for" in row.payload:
        return _call_otherwise(forum, row, target)
    if row.payload.get("is_reply"):
        return _rename_in_reply(forum, row, target)
    return _take_parts_out(forum, row, target)


def _rewrite(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Write a reply of ours anew, but not over what a person changed in it: the entry says which text it had."""
    found = own_reply(forum, target, GONE, NOT_OURS)
    if isinstance(found, Carried):
        return found
    topic_id, post = found
    present, mark = post.raw or "", marker(row.payload["of"])
    written = present.replace(mark, "").strip()
    if written == row.payload["raw"].strip():
        return Carried("done", topic_id, post.id)
    if digest_of(written) != row.payload["instead_of"]:
        return Carried("skipped", topic_id, post.id, reason=CHANGED)
    forum.edit_reply(post.id, f"{row.payload['raw'].strip()}\n\n{mark}", instead_of=present)
    return Carried("done", topic_id, post.id)


def _call_otherwise(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Give a topic of ours another title, but not where a person gave it one of theirs."""
    topic_id = target.result.get("topic_id") if target is not None else None
    topic = forum.topic(topic_id) if topic_id is not None else None
    opening = next((post for post in topic.posts if post.number == 1), None) if topic is not None else None
    if topic is None or opening is None:
        return Carried("done", topic_id, reason=GONE)
    if opening.username != forum.username:
        return Carried("skipped", topic_id, reason=NOT_OURS)
    title, old = row.payload["title"], row.payload["instead_of"]
    if letters(topic.title) == letters(title):
        return Carried("done", topic_id, opening.id)
    if old and letters(topic.title) != letters(old):
        return Carried("skipped", topic_id, opening.id, reason=CHANGED)
    forum.edit_opening(opening.id, title, opening.raw or "", instead_of=opening.raw or "")
    return Carried("done", topic_id, opening.id)


def _rename_in_reply(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Change names in a reply of ours, and nothing else in it."""
    found = own_reply(forum, target, GONE, NOT_OURS)
    if isinstance(found, Carried):
        return found
    topic_id, post = found
    present = post.raw or ""
    wanted = renamed(present, row.payload)
    if wanted != present:
        forum.edit_reply(post.id, wanted, instead_of=present)
    return Carried("done", topic_id, post.id, reason=NOTHING_LEFT if wanted == present else "")


def _take_parts_out(forum: Forum, row: LedgerRow, target: LedgerRow | None) -> Carried:
    """Take parts out of a topic of ours, or put others in their place; nothing where they are not there any more.

    A post cannot be empty: where nothing else is left, the sentence stays that the entry has for it.
    """
    topic_id = target.result.get("topic_id") if target is not None else None
    topic = forum.topic(topic_id) if topic_id is not None else None
    opening = next((post for post in topic.posts if post.number == 1), None) if topic is not None else None
    if target is None or topic is None or opening is None:
        return Carried("done", topic_id, reason=GONE)
    if opening.username != forum.username:
        return Carried("skipped", topic_id, reason=NOT_OURS)
    present = opening.raw or ""
    wanted = renamed(without(present, row.payload["parts"]), row.payload) or row.payload.get("when_empty", "")
    title = renamed(topic.title, row.payload)
    if (title, wanted) == (topic.title, present.strip()):
        return Carried("done", topic_id, opening.id, reason=NOTHING_LEFT)
    forum.edit_opening(opening.id, title, wanted, instead_of=present)
    return Carried("done", topic_id, opening.id)
