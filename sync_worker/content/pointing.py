"""Where nothing is quoted: the sentences that point at a post, an exchange or a question, and whom they name. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, display_name
from sync_worker.languages.language import capital
from sync_worker.languages.phrases import Exchange, Place, Pointer
from sync_worker.signals.conversations import words_in
from sync_worker.signals.plain import contents
from sync_worker.signals.showable import stands_alone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.languages.phrases import Phrases
    from sync_worker.model import Post, Topic
    from sync_worker.signals.conversations import Conversation
    from sync_worker.signals.offers import Chosen


FEWEST_COUNTED, WORDS_ROUNDED = 75, 50  # of the words of a post that is pointed at
FEWEST_LIKES = 2  # of what opened an exchange, or was liked best in it, to be counted
MOST_NAMED = 2  # who wrote in an exchange; a third one if nobody else did, so that nobody is left out alone
FEWEST_TO_NAME = 20  # words of a post for which its author is named, unless it shows something


def address(forum_url: str, topic: Topic, post_number: int = 1) -> str:
    """Return the address of a post; its slug is made of the topic's title, and left out with it."""
    slug = topic.slug if topic.may_be_named and re.fullmatch(r"[a-z0-9-]+", topic.slug) else "-"
    tail = f"/{post_number}" if post_number > 1 else ""
    return f"{forum_url}/t/{slug}/{topic.id}{tail}"


def linked_name(topic: Topic, post: Post, forum_url: str) -> str:
    """Return somebody's name, as a link to what they wrote."""
    return f"[**{display_name(post)}**]({address(forum_url, topic, post.number)})"


def who_wrote(chosen: Chosen) -> tuple[list[Post], int]:
    """Return a post of each of those who wrote most of an exchange, the best liked one, and how many others there are.

    Who opened the topic is not among them: the sentence names that person already. Another account of the same name is
    counted only, as nobody could tell the two apart.
    """
    by_author: dict[int, list[Post]] = {}
    for post in _since_opening(chosen.conversation):
        if post.user_id != chosen.conversation.opening.user_id:
            by_author.setdefault(post.user_id, []).append(post)
    in_order = sorted(by_author, key=lambda one: -len(by_author[one]))
    said = display_name(chosen.conversation.opening)
    quotable = {
        one: posts for one in in_order if (posts := [post for post in by_author[one] if _may_be_named(post, said)])
    }
    wanted = [one for one, posts in quotable.items() if any(_says_something(post) for post in posts)]
    if len(in_order) > MOST_NAMED + 1:
        wanted = wanted[:MOST_NAMED]
    left = [one for one in in_order if one not in wanted]
    if len(left) == 1 and left[0] in quotable:  # nobody says "one other person" of somebody who could be named
        wanted.append(left[0])
    named = [_best_liked([post for post in quotable[one] if _says_something(post)] or quotable[one]) for one in wanted]
    return named, len(in_order) - len(named)


def _may_be_named(post: Post, beside: str) -> bool:
    return post.quotable and display_name(post).casefold() != beside.casefold()


def _best_liked(posts: Sequence[Post]) -> Post:
    return max(posts, key=lambda post: post.likes)


def _says_something(post: Post) -> bool:
    return contents(post.cooked).shows or words_in(post) >= FEWEST_TO_NAME


def _since_opening(conversation: Conversation) -> list[Post]:
    return [one for one in conversation.written if one is not conversation.opening]


def who_replied(chosen: Chosen, phrases: Phrases, forum_url: str) -> Markdown:
    """Return who wrote how much after the post that opened a topic."""
    topic, written = chosen.conversation.topic, _since_opening(chosen.conversation)
    return phrases.replies(_told(chosen, forum_url), address(forum_url, topic, written[0].number))


def _told(chosen: Chosen, forum_url: str) -> Exchange:
    """Return who wrote how much in a conversation, beside the post that opened it."""
    conversation = chosen.conversation
    written, (writers, others) = _since_opening(conversation), who_wrote(chosen)
    joined = any(one.user_id == conversation.opening.user_id for one in written)
    names = tuple(linked_name(conversation.topic, one, forum_url) for one in writers)
    return Exchange(display_name(conversation.opening), names, others, joined, len(written))


def who_answered(chosen: Chosen) -> tuple[list[Post], int]:
    """Return a post of each of those who replied to a question and are named, and how many others there are.

    Nobody is named beside the address of the answer, nor where others than members replied too.
    """
    writers, others = who_wrote(chosen)
    if chosen.answer is not None or len(writers) + others != chosen.answerers:
        return [], chosen.answerers
    return writers, others


def asked_and_replied(chosen: Chosen, forum_url: str) -> Exchange:
    """Return who asked, and who replied."""
    topic, (writers, others) = chosen.conversation.topic, who_answered(chosen)
    names = tuple(linked_name(topic, one, forum_url) for one in writers)
    return Exchange(display_name(chosen.contribution.post), names, others, joined=False, posts=chosen.answerers)


def exchange_sentences(chosen: Chosen, phrases: Phrases, forum_url: str, until: datetime, turn: int) -> Markdown:
    """Return the sentences that point at an exchange: whose topic it is, how much was written, what was liked best.

    Of a topic that was opened in the period, they begin with the post that opened it.
    """
    conversation, post = chosen.conversation, chosen.contribution.post
    topic, opening = conversation.topic, conversation.opening
    if conversation.is_new:
        here = address(forum_url, topic, opening.number)
        sentences = [post_pointer(phrases, topic, opening, here)]
        if opening.likes >= FEWEST_LIKES:
            sentences.append(Markdown(f"{capital(phrases.received(opening.likes, 0))}."))
        sentences.append(who_replied(chosen, phrases, forum_url))
    else:
        begins = address(forum_url, topic, _since_opening(conversation)[0].number)
        told = replace(_told(chosen, forum_url), turn=turn)
        sentences = [phrases.went_on(told, day_opened(phrases, topic, until), begins)]
    if _was_liked_best(chosen):
        sentences.append(phrases.liked(display_name(post), post.likes, address(forum_url, topic, post.number)))
    return Markdown(" ".join(sentences))


def _was_liked_best(chosen: Chosen) -> bool:
    """Whether a reply of an exchange may be named as what was liked: more than the others, and worth opening alone."""
    post = chosen.contribution.post
    if post is chosen.conversation.opening or post.likes < FEWEST_LIKES or not stands_alone(chosen.contribution):
        return False
    return all(one.likes < post.likes for one in _since_opening(chosen.conversation) if one is not post)


def day_opened(phrases: Phrases, topic: Topic, until: datetime) -> str:
    """Return on which day a topic was opened, with the year where it is another one."""
    day = topic.created_at.astimezone(until.tzinfo).date()
    words = phrases.language.day_and_month(day)
    return words if day.year == until.year else f"{words} {day.year}"


def post_pointer(phrases: Phrases, topic: Topic, post: Post, here: str, *, to: str = "", opened: str = "") -> Markdown:
    """Return the sentence that points at a post, the number of its words rounded to fifty."""
    author, there = display_name(post), contents(post.cooked)
    kinds = {"picture": there.pictures, "video": there.videos, "code": there.code}
    if not there.words and not there.shows:
        kinds = {"link": there.links}
    shown = {kind: number for kind, number in kinds.items() if number}
    if not there.words and shown:
        return phrases.showing(author, here, shown)
    words = WORDS_ROUNDED * round(there.words / WORDS_ROUNDED) if there.words >= FEWEST_COUNTED else 0
    return phrases.pointer(Pointer(author, here, words, shown, _place(topic, post), to, opened))


def _place(topic: Topic, post: Post) -> Place:
    if post.number == 1:
        return Place.OPENS
    own = topic.opening is not None and topic.opening.user_id == post.user_id
    return Place.GOES_ON if own else Place.REPLIES
