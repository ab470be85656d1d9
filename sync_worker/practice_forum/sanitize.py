"""Raw HTML in posts, cut down to what Discourse lets through."""

from __future__ import annotations

import re

import nh3


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
    "div": re.compile(r"title|quote-controls|excerpt|md-table"),
    "img": re.compile(r"avatar|emoji( only-emoji)?"),
    "span": re.compile(r"mention|hashtag|hashtag-raw|hashtag-icon-placeholder|excerpt|bbcode-[bius]"),
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
