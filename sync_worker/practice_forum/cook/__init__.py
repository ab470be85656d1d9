"""Discourse's Markdown, from what a person typed (`raw`) to what a reader sees (`cooked`), without unsafe HTML."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sync_worker.practice_forum.cook.blocks import (
    CLASSES,
    SPANS,
    CookContext,
    Hashtag,
    Mentioned,
    QuotedTopic,
    polls_plugin,
    quotes_plugin,
)
from sync_worker.practice_forum.cook.date_blocks import DATE_CLASS, EVENT_CLASS, dates_plugin
from sync_worker.practice_forum.cook.inline import MENTION, clean_title, excerpt, fancy_title, inline_plugin, slugify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.utils import OptionsDict

__all__ = [
    "CookContext",
    "Hashtag",
    "Mentioned",
    "QuotedTopic",
    "clean_title",
    "cook",
    "excerpt",
    "fancy_title",
    "slugify",
]


# Discourse's Markdown, from what a person typed (`raw`) to what a reader sees (`cooked`), without unsafe HTML.


_TLDS = ["com", "net", "org", "io", "onion", "co", "tv", "ru", "cn", "us", "uk", "me", "de", "fr", "fi", "gov", "ddd"]
_LANGUAGE = re.compile(r"[\w+-]*")
_IMAGE_SIZE = re.compile(r"^(?P<alt>.*?)\|(?P<width>\d{1,4})x(?P<height>\d{1,4})(?:,\s*\d+%)?(?:\|.*)?$", re.DOTALL)


def cook(raw: str, *, context: CookContext) -> str:
    """Return the HTML of `raw`: newlines as breaks, links, quotes, mentions, emoji; sanitised."""
    names = {hit["name"].lower() for hit in MENTION.finditer(raw)} if "@" in raw else set()
    known = context.mentions(names) if names else {}
    markup = sanitize(_MD.render(raw, {"context": context, "mentions": known})).strip()
    if context.trusted or "<a " not in markup:
        return markup
    return mark_external_links(markup, urlsplit(context.base_url).hostname or "")


def _anchor_rule(state: StateCore) -> None:
    depth = count = 0
    for index, token in enumerate(state.tokens):
        if token.type in ("blockquote_open", "quote_open"):
            depth += 1
        elif token.type in ("blockquote_close", "quote_close"):
            depth -= 1
        elif token.type == "heading_open" and depth == 0:
            count += 1
            inline = state.tokens[index + 1]
            name = _anchor(inline.content, count)
            link = Token("link_open", "a", 1, attrs={"name": name, "class": "anchor", "href": f"#{name}"})
            inline.children = [link, Token("link_close", "a", -1), *(inline.children or [])]


def _anchor(text: str, number: int) -> str:
    slug = re.sub(r"\s+", "-", text.lower())
    slug = re.sub(r"[^\w-]+", "", slug, flags=re.ASCII)
    slug = re.sub(r"--+", "-", slug).strip("-")
    if slug and not "a" <= slug[0] <= "z":
        slug = f"h-{slug}"
    return f"{slug or 'h'}-{number}"


def _render_fence(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: dict[str, Any]
) -> str:
    token = tokens[index]
    language = token.info.strip().split(maxsplit=1)[0] if token.info.strip() else "auto"
    content = html.escape(token.content)
    if not _LANGUAGE.fullmatch(language) or language == "auto":
        return f'<pre><code class="lang-auto">{content}</code></pre>\n'
    if language in ("text", "pre", "plain"):
        return f'<pre><code class="lang-plaintext">{content}</code></pre>\n'
    return f'<pre data-code-wrap="{language}"><code class="lang-{language}">{content}</code></pre>\n'


def _render_image(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    token = tokens[index]
    alt = self.renderInlineAsText(token.children or [], options, env)
    size = _IMAGE_SIZE.match(alt)
    token.attrs["alt"] = size["alt"] if size else alt
    if size:
        token.attrs |= {"width": size["width"], "height": size["height"]}
    return self.renderToken(tokens, index, options, env)


def _render_emoji(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: dict[str, Any]
) -> str:
    return self.renderToken(tokens, index, options, env)


def _render_mention(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: dict[str, Any]
) -> str:
    token = tokens[index]
    name = token.meta["name"].lower()
    kind = env["mentions"].get(name)
    text = html.escape(token.content)
    if kind is None:
        return f'<span class="mention">{text}</span>'
    if kind == Mentioned.USER:
        return f'<a class="mention" href="/u/{quote(name)}">{text}</a>'
    css = "mention-group notify" if kind == Mentioned.MENTIONABLE_GROUP else "mention-group"
    return f'<a class="{css}" href="/groups/{quote(name)}">{text}</a>'


def _render_hashtag(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: dict[str, Any]
) -> str:
    token = tokens[index]
    context: CookContext = env["context"]
    found = context.hashtag(token.meta["slug"])
    if found is None:
        return f'<span class="hashtag-raw">{html.escape(token.content)}</span>'
    return (
        f'<a class="hashtag-cooked" href="{html.escape(found.url)}" data-type="category" '
        f'data-slug="{html.escape(found.slug)}" data-id="{found.id}"><span class="hashtag-icon-placeholder">'
        '<svg class="fa d-icon d-icon-square-full svg-icon svg-node"><use href="#square-full"></use></svg></span>'
        f"<span>{html.escape(found.name)}</span></a>"
    )


def _table_open(*_args: Any) -> str:
    return '<div class="md-table">\n<table>\n'


def _table_close(*_args: Any) -> str:
    return "</table>\n</div>\n"


def _engine() -> MarkdownIt:
    md = MarkdownIt("js-default", {"html": True, "breaks": True, "linkify": True, "typographer": True})
    if md.linkify is not None:
        md.linkify.tlds(_TLDS)
    quotes_plugin(md)
    polls_plugin(md)
    dates_plugin(md)
    inline_plugin(md, {"emoji": _render_emoji, "mention": _render_mention, "hashtag": _render_hashtag})
    md.core.ruler.push("discourse_anchors", _anchor_rule)
    for name, render in (
        ("fence", _render_fence),
        ("image", _render_image),
        ("table_open", _table_open),
        ("table_close", _table_close),
    ):
        md.add_render_rule(name, render)
    return md


_MD = _engine()


def _words(text: str) -> set[str]:
    return set(text.split())


_TAGS = _words(
    "a abbr aside audio b big blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p "
    "picture pre rb rp rt ruby s small source span strike strong sub sup svg table tbody td th thead tr track ul use "
    "video"
)
_ATTRIBUTES = {
    "a": _words(
        "href name title rel target class data-bbcode data-word data-type data-slug data-ref data-id data-style-type "
        "data-icon data-emoji"
    ),
    "abbr": {"title"},
    "aside": {"class"},
    "audio": {"controls", "preload"},
    "code": {"class"},
    "div": {"class", "align", "lang", "dir"},
    "img": _words("src alt role height title width class loading data-thumbnail data-orig-src"),
    "ol": {"reversed", "start", "type"},
    "p": {"lang"},
    "pre": {"data-code-wrap"},
    "ruby": {"lang"},
    "source": {"type", "src"},
    "span": {"class", "lang"},
    "svg": {"class"},
    "td": {"colspan", "rowspan", "style"},
    "th": {"colspan", "rowspan", "style"},
    "track": {"default", "label", "kind", "srclang"},
    "use": {"href"},
    "video": _words("controls height loop muted playsinline poster preload width"),
}
_CLASSES = {
    "a": re.compile(r"mention|mention-group( notify)?|anchor|attachment|hashtag-cooked|hashtag|onebox"),
    "aside": re.compile(r"quote (no-group|group-.+)"),
    "code": re.compile(r"lang-.+"),
    "div": re.compile(rf"title|quote-controls|excerpt|md-table|{EVENT_CLASS}|{CLASSES}"),
    "img": re.compile(r"avatar|emoji( only-emoji)?"),
    "span": re.compile(
        rf"mention|hashtag|hashtag-raw|hashtag-icon-placeholder|excerpt|bbcode-[bius]|{DATE_CLASS}|{SPANS}"
    ),
    "svg": re.compile(r"fa d-icon d-icon-square-full svg-icon svg-node"),
}
_EXTERNAL = re.compile(r'<a ([^>]*?)href="((?:https?:)?//([^/"?#:]+)[^"]*)"([^>]*)>', re.IGNORECASE)


def _keep(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        return value if tag in _CLASSES and _CLASSES[tag].fullmatch(value) else None
    if name == "style":
        return value if value in ("text-align:right", "text-align:left", "text-align:center") else None
    if tag == "use":
        return value if value == "#square-full" else None
    return value


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style"},
    attributes=_ATTRIBUTES,
    attribute_filter=_keep,
    strip_comments=True,
    link_rel=None,
    generic_attribute_prefixes={"data-"},
    url_schemes={"http", "https", "mailto", "tel", "steam", "upload"},
)


def sanitize(markup: str) -> str:
    """Return `markup` without scripts, comments, and whatever Discourse does not allow in posts."""
    return _CLEANER.clean(markup)


def mark_external_links(markup: str, host: str) -> str:
    """Return `markup` with `rel` on links that leave `host`, as Discourse has it for members it does not trust yet."""

    def add(link: re.Match[str]) -> str:
        if not host or link[3].lower() == host or link[3].lower().endswith(f".{host}"):
            return link[0]
        return f'<a {link[1]}href="{link[2]}"{link[4]} rel="noopener nofollow ugc">'

    return _EXTERNAL.sub(add, markup)
