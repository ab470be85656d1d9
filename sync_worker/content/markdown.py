"""Text from people as Discourse Markdown that can do nothing: no mention, link, HTML, BBCode, code, poll or emoji."""

from __future__ import annotations

import re
import unicodedata

from sync_worker.signals.plain import squeeze

JOINER = "\u2060"  # invisible and unbreakable: keeps "forum.org" from becoming a link
_SPECIAL = re.compile(r"([\\`*_{}|~$^])")
_ADDRESS = re.compile(r"\b(?:https?|ftp)://\S+|\bwww\.\S+", re.IGNORECASE)
_EMOJI_CODE = re.compile(r":([a-z0-9_+-]+(?::t\d)?):", re.IGNORECASE)
_EMOTICON = re.compile(r"(?<!\w)[:;=8][-^']?[)(DPpOo/|\\*3](?!\w)|<3(?!\d)|(?<!\w)\^\^(?!\w)")
_SMILE_LEFT = re.compile(r"(?<!\d)[:;=](?=[^\s.,])")
_DOTTED = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
_LINE_START = re.compile(r"^(?=[-+=#:>])|^(\d+)(?=[.)])")


class Markdown(str):
    """Text that is Markdown already and goes into a page as it stands."""

    __slots__ = ()


def escape(text: str) -> Markdown:
    """Return `text` as one harmless line of Markdown."""
    line = squeeze(visible(text)).replace("[", "(").replace("]", ")")
    line = re.sub(r"(?<=\w)@+(?=\w)", " at ", _ADDRESS.sub("", line)).replace("@", "")
    line = re.sub(r"(?<![^\W_])#+(?=\S)", "", line)
    line = _SMILE_LEFT.sub(lambda match: f"{match[0]}{JOINER}", _EMOTICON.sub(" ", _EMOJI_CODE.sub(r"\1", line)))
    line = _SPECIAL.sub(r"\\\1", line)
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _DOTTED.sub(f".{JOINER}", line.replace("//", f"/{JOINER}/"))
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
        elif category not in {"Cc", "Cf", "Co", "Cs", "Cn", "So", "Sk"} or char in "°©®™´`^":
            kept.append(char)
    return "".join(kept)
