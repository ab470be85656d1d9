"""What Discourse does with text inside lines: emoji, mentions, hashtags, typography; titles, slugs and excerpts."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from markdown_it.common.utils import arrayReplaceAt, isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.token import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore


_EMOJI_CODE = re.compile(r":[\w\-+]+(?::t\d)?:")
_ODD_SPACES = re.compile("[\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_FRACTIONS = re.compile(r"(\s+|^)(1/4|1/2|3/4)([,.;\s]|$)")
_LETTERS = {
    "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "ß": "ss", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d", "Ð": "D",
    "ð": "d", "Þ": "Th", "þ": "th", "Ł": "L", "ł": "l", "Ħ": "H", "ħ": "h", "ı": "i", "ŋ": "ng", "Ŋ": "NG", "×": "x",
}  # fmt: skip
_PUNCTUATION = r"""[!"#$%'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"""
_BEFORE_OPENING = r"(\s|&nbsp;|=|--|&[mn]dash;|&#x201[34];)"
_AFTER_WORD = r"([^\ \t\r\n\\\[{(\-])"


LONGEST_SLUG = 255


def slugify(title: str, *, default: str = "topic") -> str:
    """Return the slug of a title or name, as Discourse's `ascii` method makes it."""
    text = _EMOJI_CODE.sub("", title).replace("'", "")
    text = "".join(_LETTERS.get(letter, letter) for letter in text)
    text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    text = re.sub(r"[^a-z0-9\-_]+", "-", text.lower()).replace("_", "-")
    text = re.sub(r"-+", "-", text[:LONGEST_SLUG]).strip("-")
    return default if not text or text.isdigit() else text


def clean_title(title: str) -> str:
    """Return the title as Discourse stores it: no shouting, no repeated marks, a capital first, single blanks."""
    text = re.sub(r"!+", "!", title)
    text = re.sub(r"\?+", "?", text)
    if text == text.upper():
        text = text.lower()
    first, _, rest = text.strip().partition(" ")
    if first and first == first.lower():
        text = f"{first[:1].upper()}{first[1:]} {rest}" if rest else f"{first[:1].upper()}{first[1:]}"
    text = re.sub(r"([^.])\.+(\s*)\Z", r"\1\2", text)
    text = _ODD_SPACES.sub(" ", re.sub(r" +", " ", text))
    return text.strip().replace("\u200b", "")


@lru_cache(maxsize=1024)
def fancy_title(title: str) -> str:
    """Return the title as HTML, with typographic quotes, dashes, ellipses and fractions as entities."""
    escaped = html.escape(title, quote=False)
    text = escaped.replace("---", "&mdash;").replace("--", "&ndash;")
    text = text.replace("...", "&hellip;").replace(". . .", "&hellip;")
    text = _FRACTIONS.sub(lambda hit: f"{hit[1]}&frac{hit[2].replace('/', '')};{hit[3]}", text)
    text = text.replace("``", "&ldquo;").replace("''", "&rdquo;")
    return _curl(_curl(text, "'", "s"), '"', "d")


def _curl(text: str, mark: str, letter: str) -> str:
    opening, closing = f"&l{letter}quo;", f"&r{letter}quo;"
    text = re.sub(rf"\A{mark}(?={_PUNCTUATION}\B)", closing, text)
    if mark == "'":
        text = re.sub(r"'(?=\d\ds)", closing, text)
    text = re.sub(rf"{_BEFORE_OPENING}{mark}(?=\w)", rf"\1{opening}", text)
    text = re.sub(rf"{_AFTER_WORD}{mark}", rf"\1{closing}", text)
    text = re.sub(rf"{mark}(\s|s\b|$)", rf"{closing}\1", text)
    return text.replace(mark, opening)


class _FullError(Exception):
    """The excerpt has reached its length."""


class _Excerpt(HTMLParser):
    def __init__(self, length: int, *, links: bool, images: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._length = length
        self._used = 0
        self._links = links
        self._images = images
        self._in_link = False
        self._asides = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._image(values)
        elif tag == "a" and self._links:
            inside = " ".join(f'{name}="{_attribute(value)}"' for name, value in values.items())
            self._markup(f"<a {inside}>")
            self._in_link = True
        elif tag == "aside":
            self._asides += 1
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._markup("</a>")
            self._in_link = False
        elif tag == "p":
            self.handle_data(" ")
        elif tag == "aside":
            self._asides = max(0, self._asides - 1)

    def handle_data(self, data: str) -> None:
        if self._asides:
            return
        if self._used + len(data) > self._length:
            room = max(0, self._length - self._used - 1)
            if not (data.startswith(":") and data.endswith(":") and " " not in data):
                self.parts.append(html.escape(data[: room + 1]).replace("&#x27;", "&#39;"))
            self.parts.append("&hellip;")
            if self._in_link:
                self.parts.append("</a>")
            raise _FullError
        self.parts.append(html.escape(data).replace("&#x27;", "&#39;"))
        self._used += len(data)

    def _image(self, values: dict[str, str]) -> None:
        if "emoji" in values.get("class", ""):
            self.handle_data(values.get("alt", ""))
        elif self._images:
            self.handle_data(f"[{values.get('alt') or values.get('title') or 'image'}]")

    def _markup(self, text: str) -> None:
        if not self._asides:
            self.parts.append(text)


def excerpt(cooked: str, length: int = 220, *, links: bool = False, images: bool = False) -> str:
    """Return at most `length` characters of the text of `cooked`, escaped, without quotes of others.

    `links` keeps links as links; `images` names pictures by their alternative text.
    """
    parser = _Excerpt(length, links=links, images=images)
    try:
        parser.feed(cooked)
        parser.close()
    except _FullError:
        pass
    return "".join(parser.parts).strip()


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;")


# What Discourse does with text inside lines: emoji, mentions, hashtags, its own typographic replacements.


VERSION = 14

_TABLE = """
slight_smile 🙂 smiley 😃 smile 😄 grin 😁 grinning_face 😀 laughing 😆 joy 😂 sweat_smile 😅 wink 😉 blush 😊
smiling_face_with_sunglasses 😎 heart_eyes 😍 thinking 🤔 neutral_face 😐 confused 😕 frowning ☹️ cry 😢 sob 😭
open_mouth 😮 scream 😱 rage 😡 angry 😠 sleeping 😴 upside_down_face 🙃 hugs 🤗 relieved 😌 pensive 😔 star_struck 🤩
nerd_face 🤓 partying_face 🥳 stuck_out_tongue 😛 stuck_out_tongue_winking_eye 😜 smirk 😏 exploding_head 🤯
+1 👍 -1 👎 clap 👏 raised_hands 🙌 wave 👋 waving_hand 👋 pray 🙏 muscle 💪 ok_hand 👌 handshake 🤝 point_right 👉
point_down 👇 point_up ☝️ raising_hand 🙋 eyes 👀 brain 🧠 heart ❤️ blue_heart 💙 green_heart 💚 yellow_heart 💛
broken_heart 💔 star ⭐ star2 🌟 sparkles ✨ fire 🔥 boom 💥 tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆
1st_place_medal 🥇 medal_sports 🏅 rocket 🚀 bulb 💡 books 📚 book 📖 open_book 📖 notebook 📓 memo 📝 pencil2 ✏️
pushpin 📌 round_pushpin 📍 calendar 📆 date 📅 clock3 🕒 hourglass ⌛ alarm_clock ⏰ bell 🔔 mega 📣 loudspeaker 📢
speech_balloon 💬 thought_balloon 💭 speaking_head 🗣️ e_mail 📧 email 📧 envelope ✉️ phone ☎️ computer 💻 link 🔗 lock 🔒
key 🔑 hammer 🔨 wrench 🔧 gear ⚙️ mag 🔍 chart_with_upwards_trend 📈 bar_chart 📊 clipboard 📋 paperclip 📎
white_check_mark ✅ heavy_check_mark ✔️ x ❌ warning ⚠️ question ❓ exclamation ❗ information_source ℹ️ arrow_right ➡️
sunny ☀️ cloud ☁️ rainbow 🌈 seedling 🌱 deciduous_tree 🌳 sunflower 🌻 rose 🌹 coffee ☕ tea 🍵 cake 🍰 pizza 🍕 apple 🍎
dart 🎯 jigsaw 🧩 puzzle_piece 🧩 art 🎨 artist_palette 🎨 musical_note 🎵 camera 📷 house 🏠 office 🏢 school 🏫
earth_africa 🌍 globe_with_meridians 🌐 busts_in_silhouette 👥 bust_in_silhouette 👤 turtle 🐢 dog 🐶 cat 🐱
smile_cat 😸 bug 🐛 bee 🐝 butterfly 🦋 snail 🐌 bird 🐦 100 💯 zzz 💤 see_no_evil 🙈 crossed_fingers 🤞 recycle ♻️
"""


def _read(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


BY_NAME = _read(_TABLE)
BY_CHARACTER = {character: name for name, character in reversed(BY_NAME.items())}
SHORTCUTS = {
    ":)": "slight_smile",
    ":-)": "slight_smile",
    ";)": "wink",
    ";-)": "wink",
    ":(": "frowning",
    ":-(": "frowning",
    ":D": "smiley",
    ":-D": "smiley",
    ":P": "stuck_out_tongue",
    ":-P": "stuck_out_tongue",
    ":O": "open_mouth",
    "<3": "heart",
}


def image_attributes(name: str, *, alone: bool) -> dict[str, str | int | float]:
    """The attributes of the picture of an emoji; `alone` when nothing else stands on its line."""
    return {
        "src": f"/images/emoji/twitter/{name}.png?v={VERSION}",
        "title": f":{name}:",
        "class": "emoji only-emoji" if alone else "emoji",
        "alt": f":{name}:",
        "loading": "lazy",
        "width": "20",
        "height": "20",
    }


_MENTION = r"@(?P<name>\w[\w.-]{0,58}[^\W_]|\w)"
_HASHTAG = r"#(?P<slug>[\u00C0-\u1FFF\u2C00-\uD7FF\w:-]{1,101})"
_MARKED = re.compile(f"{_MENTION}|{_HASHTAG}")
MENTION = re.compile(_MENTION)
_CODE = r":(?P<code>[\w+-]+(?::t[2-6])?):"
_CHARACTERS = "|".join(re.escape(character) for character in sorted(BY_CHARACTER, key=len, reverse=True))
_SHORTCUTS = "|".join(re.escape(text) for text in sorted(SHORTCUTS, key=len, reverse=True))
_EMOJI = re.compile(f"{_CODE}|(?P<character>{_CHARACTERS})|(?P<shortcut>{_SHORTCUTS})")
_EMOJI_HINT = re.compile(f":\\w|{_CHARACTERS}|{_SHORTCUTS}|:[+-]1:")
_RARE = re.compile(r"\+-|\.\.\.|\?\?\?\?|!!!!|,,|--|->|<-|\((?:tm|pa)\)", re.IGNORECASE)
_REPLACEMENTS = tuple(
    (re.compile(pattern, re.MULTILINE | re.IGNORECASE), by)
    for pattern, by in (
        (r"\(tm\)", "™"),
        (r"\(pa\)", "¶"),
        (r"\+-", "±"),
        (r"(^|\s)-{1,2}>(\s|$)", " → "),
        (r"(^|\s)<-{1,2}(\s|$)", " ← "),
        (r"(^|\s)<-{1,2}>(\s|$)", " ↔ "),
        (r"\.{3,}", "…"),
        (r"([?!])…", r"\1.."),
        (r"([?!]){4,}", r"\1\1\1"),
        (r",{2,}", ","),
        (r"(^|[^-])---(?=[^-]|$)", r"\1—"),
        (r"(^|\s)--(?=\s|$)", r"\1–"),
        (r"(^|[^-\s])--(?=[^-\s]|$)", r"\1–"),
    )
)


def _boundary(text: str, index: int) -> bool:
    if index < 0 or index >= len(text):
        return True
    code = ord(text[index])
    return isWhiteSpace(code) or isPunctChar(text[index]) or isMdAsciiPunct(code)


def _replace_text(state: StateCore, split: Callable[[str], list[Token] | None], *, in_links: bool) -> None:
    for block in state.tokens:
        if block.type != "inline" or not block.children:
            continue
        depth = 0
        for index in range(len(block.children) - 1, -1, -1):
            token = block.children[index]
            if token.type in ("link_open", "link_close") and (not in_links or token.info == "auto"):
                depth -= token.nesting
            elif token.type == "html_inline" and not in_links:
                depth += _html_link(token.content)
            elif token.type == "text" and depth == 0 and (parts := split(token.content)):
                block.children = arrayReplaceAt(block.children, index, parts)


def _html_link(markup: str) -> int:
    if re.match(r"<a(\s|>)", markup, re.IGNORECASE):
        return -1
    return 1 if markup.lower().startswith("</a>") else 0


def _text(content: str) -> Token:
    token = Token("text", "", 0)
    token.content = content
    return token


def _pieces(content: str, found: Iterable[tuple[int, int, list[Token]]]) -> list[Token] | None:
    parts: list[Token] = []
    at = 0
    for begin, end, tokens in found:
        if begin > at:
            parts.append(_text(content[at:begin]))
        parts.extend(tokens)
        at = end
    if not parts:
        return None
    if at < len(content):
        parts.append(_text(content[at:]))
    return parts


def _emoji_in(content: str) -> list[Token] | None:
    if not _EMOJI_HINT.search(content):
        return None
    found: list[tuple[int, int, list[Token]]] = []
    for hit in _EMOJI.finditer(content):
        if hit["character"]:
            name = BY_CHARACTER[hit["character"]]
        elif hit["shortcut"]:
            if not _boundary(content, hit.start() - 1) or content[hit.end() : hit.end() + 1].strip():
                continue
            name = SHORTCUTS[hit["shortcut"]]
        else:
            name = hit["code"].lower()
        if name.partition(":t")[0] in BY_NAME and (hit["character"] or _boundary(content, hit.start() - 1)):
            token = Token("emoji", "img", 0)
            token.content = name
            found.append((hit.start(), hit.end(), [token]))
    return _pieces(content, found)


def _emoji_rule(state: StateCore) -> None:
    _replace_text(state, _emoji_in, in_links=True)
    for block in state.tokens:
        children = block.children or []
        if any(token.type == "emoji" for token in children):
            _finish_lines(children)


def _finish_lines(children: list[Token]) -> None:
    lines: list[list[Token]] = [[]]
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            lines.append([])
        else:
            lines[-1].append(token)
    for line in lines:
        pictures = [token for token in line if token.type == "emoji"]
        blank = all(token.type == "emoji" or (token.type == "text" and not token.content.strip()) for token in line)
        for token in pictures:
            token.attrs = image_attributes(token.content, alone=blank and len(pictures) <= 3)


def _span(kind: str, text: str, **meta: str) -> list[Token]:
    token = Token(kind, "span", 0)
    token.content, token.meta = text, meta
    return [token]


def _marks_in(content: str) -> list[Token] | None:
    if "@" not in content and "#" not in content:
        return None
    found: list[tuple[int, int, list[Token]]] = []
    for hit in _MARKED.finditer(content):
        if _boundary(content, hit.start() - 1) and _boundary(content, hit.end()):
            tokens = (
                _span("mention", hit[0], name=hit["name"])
                if hit["name"]
                else _span("hashtag", hit[0], slug=hit["slug"])
            )
            found.append((hit.start(), hit.end(), tokens))
    return _pieces(content, found)


def _marks_rule(state: StateCore) -> None:
    _replace_text(state, _marks_in, in_links=False)


def _replacements_rule(state: StateCore) -> None:
    for block in state.tokens:
        if block.type != "inline" or not _RARE.search(block.content):
            continue
        automatic = 0
        for token in reversed(block.children or []):
            if token.info == "auto":
                automatic += {"link_close": 1, "link_open": -1}.get(token.type, 0)
            elif token.type == "text" and not automatic:
                for pattern, by in _REPLACEMENTS:
                    token.content = pattern.sub(by, token.content)


def inline_plugin(md: MarkdownIt, renderers: dict[str, Callable[..., Any]]) -> None:
    """Teach `md` Discourse's rules inside lines; `renderers` draw mentions and hashtags."""
    md.core.ruler.at("replacements", _replacements_rule)
    md.core.ruler.push("discourse_emoji", _emoji_rule)
    md.core.ruler.push("discourse_marks", _marks_rule)
    for name, render in renderers.items():
        md.add_render_rule(name, render)
