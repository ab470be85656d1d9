"""The links of posts, and how often they were opened."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import func, select

from sync_worker.practice_forum.tables import LinkClick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.tables import Post

ONE_PERSON_AGAIN = timedelta(days=1)
_QUOTE = re.compile(r"<aside class=\"quote.*?</aside>", re.DOTALL)
_LINK = re.compile(r"<a ([^>]*)>", re.IGNORECASE)
_HREF = re.compile(r'href="(?P<url>(?:https?:)?//[^"]+|/t/[^"]+)"', re.IGNORECASE)
_OTHER = re.compile(r'class="(?:mention|anchor|hashtag)')


def links_in(cooked: str) -> list[str]:
    """Return the addresses that a post links to, each once, in order; without those that stand in quotes."""
    if "<a " not in cooked:
        return []
    found = (_HREF.search(link[1]) for link in _LINK.finditer(_QUOTE.sub("", cooked)) if not _OTHER.search(link[1]))
    return list(dict.fromkeys(html.unescape(one["url"]) for one in found if one))


def link_counts(session: Session, posts: Sequence[Post], host: str) -> dict[int, list[dict[str, Any]]]:
    """Return by post its links with how often each was opened, as Discourse shows them; posts without links are out."""
    linking = {post.id: links for post in posts if (links := links_in(post.cooked))}
    if not linking:
        return {}
    opened = select(LinkClick.post_id, LinkClick.url, func.count()).where(LinkClick.post_id.in_(linking))
    rows = session.execute(opened.group_by(LinkClick.post_id, LinkClick.url))
    clicks = {(post_id, url): count for post_id, url, count in rows}
    return {
        post_id: [
            {
                "url": url,
                "internal": (urlsplit(url).hostname or host) == host,
                "reflection": False,
                "clicks": clicks.get((post_id, url), 0),
            }
            for url in links
        ]
        for post_id, links in linking.items()
    }


def open_link(session: Session, post: Post, url: str, user_id: int | None, now: datetime) -> None:
    """Count that somebody opened a link: not its author, and nobody twice within a day."""
    if url not in links_in(post.cooked) or (user_id is not None and user_id == post.user_id):
        return
    recent = select(LinkClick.id).where(
        LinkClick.post_id == post.id,
        LinkClick.url == url,
        LinkClick.user_id.is_(None) if user_id is None else LinkClick.user_id == user_id,
        LinkClick.created_at > now - ONE_PERSON_AGAIN,
    )
    if session.scalar(recent.limit(1)) is None:
        session.add(LinkClick(post_id=post.id, url=url, user_id=user_id, created_at=now))
