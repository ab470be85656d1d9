"""Text from people as Discourse Markdown that can do nothing; how people are called, and why their words are shown."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sync_worker.languages.language import capital, shortened
from sync_worker.signals.plain import squeeze
from sync_worker.wording import Markdown

if TYPE_CHECKING:
    from sync_worker.languages.phrases import Phrases
    from sync_worker.model import Post
    from sync_worker.signals.contributions import Contribution

__all__ = ["Markdown", "escape", "link", "quote", "visible"]


JOINER = "\u2060"  # invisible and unbreakable: for what no mark of Markdown can keep apart; it spoils what is copied
FILLERS = "\u115f\u1160\u3164\uffa0"  # of Korean: letters by their category, and nothing to see
_SPECIAL = re.compile(r"([\\`*_{}|~$^])")
_ADDRESS = re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+", re.IGNORECASE)
_NAME = r"(?:[a-z0-9_+-]*[a-z][a-z0-9_+-]*|100|[+-]1)"
_EMOJI_CODE = re.compile(rf"(?<![\w:]):({_NAME}(?::t\d)?):", re.IGNORECASE)
_INNER_CODE = re.compile(rf"(?<=[\w:]):(?={_NAME}:)", re.IGNORECASE)  # "std::map::end": the forum would draw a map
_EMOTICON = re.compile(r"(?<!\w)(?:[:;][-^']{0,2}[)(DPpOo/|\\*$]|8-\)|\^_{0,2}\^)(?!\w)|<3(?!\d)")
_LINKED = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})|/(?=/)|(?<=/)/")  # from this, "forum.org" becomes a link
_LINE_START = re.compile(r"^(?=[-+=#:>])|^(\d+)(?=[.)])")


def escape(text: str) -> Markdown:
    """Return `text` as one harmless line of Markdown."""
    line = squeeze(visible(text)).replace("[", "(").replace("]", ")")
    line = re.sub(r"(?<=\w)@+(?=\w)", " at ", _ADDRESS.sub("", line)).replace("@", "")
    line = re.sub(r"(?<![^\W_])#+(?=\S)", "", line)
    line = _INNER_CODE.sub(f":{JOINER}", _EMOTICON.sub(" ", _EMOJI_CODE.sub(r"\1", line)))
    line = _LINKED.sub(r"\\\g<0>", _SPECIAL.sub(r"\\\1", line))
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = re.sub(r" +([.,])(?= |$)", r"\1", squeeze(line))
    return Markdown(_LINE_START.sub(lambda match: f"{match[1]}\\" if match[1] else "\\", line))


def link(label: str, address: str) -> Markdown:
    """Return a Markdown link with a harmless label; `address` is ours, never a person's."""
    return Markdown(f"[{escape(label).replace(JOINER, '')}]({address})")


def quote(text: str, username: str, post_number: int, topic_id: int) -> Markdown:
    """Return Discourse's own quote block, which shows the author and leads back to the post."""
    body = escape(text)
    if not re.fullmatch(r"[\w.-]{1,60}", username):
        return Markdown(f"> {body}")
    return Markdown(f'[quote="{username}, post:{post_number}, topic:{topic_id}"]\n{body}\n[/quote]')


def visible(text: str) -> str:
    """Return the text without control, format and private characters and without pictographs."""
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if char in "\t\n\r\v\f\u2028\u2029\x85":
            kept.append(" ")
        elif (category not in {"Cc", "Cf", "Co", "Cs", "Cn", "So", "Sk"} or char in "°©®™´`^") and char not in FILLERS:
            kept.append(char)
    return "".join(kept)


# How people are called in a text, and why their words are shown.


NAME_LONGEST = 60


def why(phrases: Phrases, contribution: Contribution, fewest: int = 2) -> Markdown:
    """Return why a contribution is shown: one or two facts, "" where there is none.

    Likes and replies are counted from so many people on: that one liked it, or replied, is no reason to read it.
    """
    evidence = contribution.evidence
    author = display_name(contribution.post)
    facts = []
    if evidence.accepted and evidence.own_question:
        facts.append(phrases.solved_own(author, evidence.open_days))
    elif evidence.accepted:
        facts.append(phrases.solved(evidence.open_days))
    likes, replies = (number if number >= fewest else 0 for number in (evidence.likes, len(evidence.repliers)))
    if len(facts) < 2 and (likes or replies):
        facts.append(phrases.received(likes, replies))
    return Markdown(" ".join(f"{fact if fact.startswith(author) else capital(fact)}." for fact in facts))


def display_name(post: Post) -> Markdown:
    """Return how a post's author is called in a text."""
    return escape(plain_name(post))


def plain_name(post: Post) -> str:
    """Return how a post's author is called, as plain text."""
    return person_name(post.name, post.username)


def person_name(name: str, username: str) -> str:
    """Return a name as it can stand in a title: at most 60 characters; the username where no letter is left of it."""
    shown = squeeze(visible(name))
    return shortened(shown, NAME_LONGEST) if re.search(r"[^\W_]", shown) else username
