"""The items of a roundup, ready for the template: whose words are quoted, or what is pointed at. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, display_name, escape, link, plain_name, quote, why
from sync_worker.content.proposal_checks import AUTHOR
from sync_worker.content.proposals import Source, source_of
from sync_worker.languages.language import capital
from sync_worker.languages.phrases import Exchange, Place, Pointer
from sync_worker.model import Citation, Use
from sync_worker.signals.conversations import words_in
from sync_worker.signals.plain import clean_title, contents
from sync_worker.signals.showable import Frame, Quotes, quarrels, stands_alone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.languages.phrases import Phrases
    from sync_worker.model import Post, Topic
    from sync_worker.signals.conversations import Conversation
    from sync_worker.signals.offers import Chosen


FIRST_ANSWERS = 3  # posts: later ones may well answer something else that was said meanwhile
FEWEST_COUNTED, WORDS_ROUNDED = 75, 50  # of the words of a post that is pointed at
FEWEST_MORE = 25  # words that a post has beside its passage, to be called longer
FEWEST_LIKES = 2  # of what opened an exchange, or was liked best in it, to be counted
SECOND = 2  # post of a topic
MOST_NAMED = 2  # who wrote in an exchange; a third one if nobody else did, so that nobody is left out alone
FEWEST_TO_NAME = 20  # words of a post for which its author is named, unless it shows something


@dataclass(frozen=True, slots=True)
class Period:
    """What a roundup looks at, and what it leaves alone.

    Times are aware; `until` is excluded, and its zone is the one whose days are counted.

    `staff` are accounts never shown; `shown_posts` stood in earlier roundups or may not be shown; `tired` are authors
    shown lately or often; `called_topics` are open questions that were called out often enough; `said` are passages of
    earlier roundups; `new_authors` wrote for the first time ever; `quotes` says how readily passages are quoted.
    """

    since: datetime
    until: datetime
    staff: frozenset[str] = frozenset()
    shown_posts: frozenset[int] = frozenset()
    tired: frozenset[int] = frozenset()
    called_topics: frozenset[int] = frozenset()
    said: tuple[str, ...] = ()
    new_authors: frozenset[int] = frozenset()
    quotes: Quotes = Quotes.SURE

    def frame(self, locale: str) -> Frame:
        """Return what the choice of posts looks at, in the cohort's language."""
        return Frame(self.since, self.until, locale, self.staff, self.shown_posts, self.tired, self.said, self.quotes)


@dataclass(frozen=True, slots=True)
class Practice:
    """One item of a roundup, ready for the template; `post` and `why` say what and why to those who check.

    `source` is what a language model may make its heading and a sentence before it of; `named_credit` is the credit
    where the heading does not name the topic. Where it `solved` a question, its heading says so. `also` are citations
    of what else it names; `known` is all that is known of how it was received, for those who check.
    """

    heading: Markdown
    credit: Markdown
    quote: Markdown
    why: Markdown
    post: Post = field(repr=False)
    citation: Citation = field(repr=False)
    source: Source = field(repr=False)
    named_credit: Markdown = field(repr=False)
    solved: bool = False
    also: tuple[Citation, ...] = ()
    known: str = ""

    def in_words_of(self, heading: str, sentence: str, phrases: Phrases) -> Practice:
        """Return it with what a model proposed, "" where our own words stay.

        All that was sent counts as shown: where the author takes any of it out of the post, the item goes with it.
        """
        if not heading and not sentence:
            return self
        told = self._told(capital(heading))
        proposed = phrases.about(told, asks=False, solved=True) if self.solved else told
        shown = proposed if heading else self.heading
        credit = self.named_credit if heading else self.credit
        credit = Markdown(f"{self._told(capital(sentence))} {credit}") if sentence else credit
        pieces = tuple(piece for piece in (shown, credit, self.quote, self.why) if piece)
        citation = replace(self.citation, passages=self.source.sentences, pieces=pieces)
        also = tuple(replace(one, pieces=pieces) for one in self.also)
        return replace(self, heading=shown, credit=credit, citation=citation, also=also)

    def _told(self, text: str) -> Markdown:
        return escape(text.replace(AUTHOR, plain_name(self.post)))


def address(forum_url: str, topic: Topic, post_number: int = 1) -> str:
    """Return the address of a post; its slug is made of the topic's title, and left out with it."""
    slug = topic.slug if topic.may_be_named and re.fullmatch(r"[a-z0-9-]+", topic.slug) else "-"
    tail = f"/{post_number}" if post_number > 1 else ""
    return f"{forum_url}/t/{slug}/{topic.id}{tail}"


def shown_title(topic: Topic, staff: frozenset[str]) -> str:
    """Return a topic's title for a running text; of our own topics the part after the colon, which says what it is."""
    ours = topic.opened_by(staff)
    title = re.split(r"[\u00a0 ]?: ", topic.title, maxsplit=1)[-1] if ours else topic.title
    return clean_title(title) or topic.title


def goes_on(chosen: Chosen) -> bool:
    """Whether it points at an exchange in a topic that was opened before the period."""
    return chosen.exchange and not chosen.conversation.is_new


def practice_of(chosen: Chosen, phrases: Phrases, forum_url: str, period: Period, turn: int = 0) -> Practice:
    """Return the item that shows what was chosen, in the words of a language; `turn` is that of an `Exchange`."""
    topic, post, said = chosen.conversation.topic, chosen.contribution.post, chosen.passage
    here = address(forum_url, topic, post.number)
    shown_as = shown_title(topic, period.staff) if topic.may_be_named else ""
    solved = not chosen.conversation.hosted and (post.accepted or chosen.answer is not None)
    heading = _heading(chosen, phrases, escape(shown_as), solved=solved)
    to = _replied_to(chosen, forum_url, period)
    credit = _credit(chosen, phrases, forum_url, period, to=to, turn=turn)
    in_topic = link(shown_as, here) if shown_as else None
    named = phrases.credit(display_name(post), in_topic, here) if said and not chosen.asks else credit
    shown = quoted(said.text, topic, post) if said else Markdown("")
    reason = _reason(chosen, phrases, forum_url)
    passages = said.sentences if said else ()
    pieces = tuple(piece for piece in (heading, credit, shown, reason) if piece)
    citation = replace(cited(Use.QUOTE, topic, post, passages), pieces=pieces)
    named_in = pieces if chosen.exchange or chosen.asks else _named_in(chosen, phrases, forum_url, period)
    beside = [one for one in _named_beside(chosen, credit, to, period) if one is not post]
    also = tuple(replace(cited(Use.CALL, topic, one), pieces=named_in) for one in beside)
    source = source_of(post, topic.category_id, shown_as, passages)
    known = why(phrases, chosen.contribution, fewest=1)
    return Practice(heading, credit, shown, reason, post, citation, source, named, solved, also, known)


def _heading(chosen: Chosen, phrases: Phrases, title: Markdown, *, solved: bool) -> Markdown:
    """Return the heading of an item; it names its topic where that may be named."""
    post = chosen.contribution.post
    if not chosen.conversation.topic.may_be_named:
        return phrases.in_a_conversation(display_name(post))
    if chosen.conversation.hosted:
        return phrases.about_prompt(display_name(post), title)
    answers = title.endswith("?") and _answers_the_title(post) and not chosen.exchange
    return phrases.about(title, asks=answers, solved=solved)


def _credit(chosen: Chosen, phrases: Phrases, forum_url: str, period: Period, *, to: str, turn: int = 0) -> Markdown:
    """Return whose words an item quotes or points at, with the address; `to` is to whom the post replies."""
    topic, post = chosen.conversation.topic, chosen.contribution.post
    author, here = display_name(post), address(forum_url, topic, post.number)
    if chosen.asks:
        answer = address(forum_url, topic, chosen.answer.number) if chosen.answer else ""
        return phrases.asked_and_answered(_question(chosen, forum_url), here, answer)
    if chosen.passage:
        is_named = chosen.conversation.hosted or not topic.may_be_named  # by the heading
        cut = _is_cut(chosen.passage.text, post)
        leads = chosen.conversation.hosted and topic.may_be_named and not cut  # the quote leads to its post
        return phrases.credit(
            "" if is_named else author, None, "" if leads else here, cut=cut, to=to, addressed=_is_addressed(post)
        )
    if chosen.exchange:
        return _exchange(chosen, phrases, forum_url, period, turn)
    if _came_back(chosen):
        return phrases.came_back(author, chosen.contribution.evidence.open_days, here)
    opened = "" if chosen.conversation.is_new else _day(phrases, topic, period)
    return _pointer(phrases, topic, post, here, to=to if _is_addressed(post) else "", opened=opened)


def _came_back(chosen: Chosen) -> bool:
    """Whether a post that is pointed at is the answer that who asked brought back."""
    known = chosen.contribution.evidence
    return chosen.passage is None and known.accepted and known.own_question


def _named_in(chosen: Chosen, phrases: Phrases, forum_url: str, period: Period) -> tuple[str, ...]:
    """Return the words of an item that name others than its author: where one takes that back, the item stays."""
    if _has_new_replies(chosen):
        return (_replies(chosen, phrases, forum_url),)
    to = _replied_to(chosen, forum_url, period)
    told = (_credit(chosen, phrases, forum_url, period, to=one) for one in (to, ""))
    return (_beside(*told),)


def _beside(text: str, shorter: str) -> str:
    """Return what stands in one place of a text that is else the same as a shorter one, "" where it is the same."""
    begins = next((at for at in range(len(text)) if shorter[at : at + 1] != text[at]), len(text))
    return text[begins : len(text) - (len(shorter) - begins)]


def _named_beside(chosen: Chosen, credit: str, to: str, period: Period) -> list[Post]:
    """Return the posts whose authors a credit names beside that of its own."""
    if chosen.exchange:
        return list(dict.fromkeys((chosen.conversation.opening, *_writers(chosen)[0])))
    if chosen.asks:
        return _answerers(chosen)[0]
    if _has_new_replies(chosen):
        return _writers(chosen)[0]
    answered = _answered(chosen, period)
    return [answered] if answered is not None and to in credit else []


def _answered(chosen: Chosen, period: Period) -> Post | None:
    """Return the post of somebody else to which a reply replies; None where its author may not be named."""
    topic, post = chosen.conversation.topic, chosen.contribution.post
    if post.number == 1 or chosen.conversation.hosted or chosen.exchange or not topic.may_be_named:
        return None
    wanted = post.reply_to or 1  # without an address it may be to anybody: then it is said whose topic it is
    answered = next((one for one in topic.posts if one.number == wanted), None)
    if answered is None or answered.user_id == post.user_id or answered.username in period.staff:
        return None
    return answered if answered.by_a_person and answered.quotable else None


def _replied_to(chosen: Chosen, forum_url: str, period: Period) -> str:
    answered = _answered(chosen, period)
    return _named(chosen.conversation.topic, answered, forum_url) if answered is not None else ""


def _is_addressed(post: Post) -> bool:
    """Whether a reply says to which post it is one, or can be to nothing but the first."""
    return post.reply_to is not None or post.number == SECOND


def _named(topic: Topic, post: Post, forum_url: str) -> str:
    """Return somebody's name, as a link to what they wrote."""
    return f"[**{display_name(post)}**]({address(forum_url, topic, post.number)})"


def _writers(chosen: Chosen) -> tuple[list[Post], int]:
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


def _answers_the_title(post: Post) -> bool:
    """Whether a post answers what the topic's title asks: it was accepted, or is one of the first and to no reply."""
    return post.accepted or (1 < post.number <= FIRST_ANSWERS and post.reply_to in (None, 1))


def _reason(chosen: Chosen, phrases: Phrases, forum_url: str) -> Markdown:
    """Return why an item is shown; of what opened a conversation in the period, who replied as well."""
    if chosen.asks or chosen.exchange or _came_back(chosen):
        return Markdown("")
    if not _has_new_replies(chosen):
        return why(phrases, chosen.contribution)
    alone = replace(chosen.contribution, evidence=replace(chosen.contribution.evidence, repliers=()))
    sentences = [why(phrases, alone), _replies(chosen, phrases, forum_url)]
    return Markdown(" ".join(one for one in sentences if one))


def _has_new_replies(chosen: Chosen) -> bool:
    """Whether a post is shown that opened a conversation of its own in the period, in which others wrote in peace."""
    conversation, post = chosen.conversation, chosen.contribution.post
    may_be_named = conversation.topic.may_be_named and not conversation.hosted
    opens = post is conversation.opening and conversation.is_new and may_be_named and not chosen.asks
    others = [one for one in conversation.written if one.user_id != post.user_id]
    return opens and bool(others) and not any(quarrels(one) for one in conversation.written)


def _replies(chosen: Chosen, phrases: Phrases, forum_url: str) -> Markdown:
    """Return who wrote how much after the post that opened a topic."""
    topic, written = chosen.conversation.topic, _since_opening(chosen.conversation)
    return phrases.replies(_told(chosen, forum_url), address(forum_url, topic, written[0].number))


def _told(chosen: Chosen, forum_url: str) -> Exchange:
    """Return who wrote how much in a conversation, beside the post that opened it."""
    conversation = chosen.conversation
    written, (writers, others) = _since_opening(conversation), _writers(chosen)
    joined = any(one.user_id == conversation.opening.user_id for one in written)
    names = tuple(_named(conversation.topic, one, forum_url) for one in writers)
    return Exchange(display_name(conversation.opening), names, others, joined, len(written))


def _answerers(chosen: Chosen) -> tuple[list[Post], int]:
    """Return a post of each of those who replied to a question and are named, and how many others there are.

    Nobody is named beside the address of the answer, nor where others than members replied too.
    """
    writers, others = _writers(chosen)
    if chosen.answer is not None or len(writers) + others != chosen.answerers:
        return [], chosen.answerers
    return writers, others


def _question(chosen: Chosen, forum_url: str) -> Exchange:
    """Return who asked, and who replied."""
    topic, (writers, others) = chosen.conversation.topic, _answerers(chosen)
    names = tuple(_named(topic, one, forum_url) for one in writers)
    return Exchange(display_name(chosen.contribution.post), names, others, joined=False, posts=chosen.answerers)


def _exchange(chosen: Chosen, phrases: Phrases, forum_url: str, period: Period, turn: int) -> Markdown:
    """Return the sentences that point at an exchange: whose topic it is, how much was written, what was liked best.

    Of a topic that was opened in the period, they begin with the post that opened it.
    """
    conversation, post = chosen.conversation, chosen.contribution.post
    topic, opening = conversation.topic, conversation.opening
    if conversation.is_new:
        here = address(forum_url, topic, opening.number)
        sentences = [_pointer(phrases, topic, opening, here)]
        if opening.likes >= FEWEST_LIKES:
            sentences.append(Markdown(f"{capital(phrases.received(opening.likes, 0))}."))
        sentences.append(_replies(chosen, phrases, forum_url))
    else:
        begins = address(forum_url, topic, _since_opening(conversation)[0].number)
        told = replace(_told(chosen, forum_url), turn=turn)
        sentences = [phrases.went_on(told, _day(phrases, topic, period), begins)]
    if _was_liked_best(chosen):
        sentences.append(phrases.liked(display_name(post), post.likes, address(forum_url, topic, post.number)))
    return Markdown(" ".join(sentences))


def _was_liked_best(chosen: Chosen) -> bool:
    """Whether a reply of an exchange may be named as what was liked: more than the others, and worth opening alone."""
    post = chosen.contribution.post
    if post is chosen.conversation.opening or post.likes < FEWEST_LIKES or not stands_alone(chosen.contribution):
        return False
    return all(one.likes < post.likes for one in _since_opening(chosen.conversation) if one is not post)


def _day(phrases: Phrases, topic: Topic, period: Period) -> str:
    """Return on which day a topic was opened, with the year where it is another one."""
    day = topic.created_at.astimezone(period.until.tzinfo).date()
    words = phrases.language.day_and_month(day)
    return words if day.year == period.until.year else f"{words} {day.year}"


def _pointer(phrases: Phrases, topic: Topic, post: Post, here: str, *, to: str = "", opened: str = "") -> Markdown:
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


def _is_cut(text: str, post: Post) -> bool:
    """Whether a post has enough beside a passage to open it: a picture, code, or more than a sentence or two."""
    there = contents(post.cooked)
    return there.shows or there.words - len(text.split()) >= FEWEST_MORE


def quoted(text: str, topic: Topic, post: Post) -> Markdown:
    """Return words of a post as a quote; one that leads to the post stands on the forum below the topic's title."""
    if topic.may_be_named:
        return quote(text, post.username, post.number, topic.id)
    return Markdown(f"> {escape(text)}")


def cited(use: Use, topic: Topic, post: Post, passages: tuple[str, ...] = ()) -> Citation:
    """Return what is cited of a post: its topic, its author, and the passages that are shown of it."""
    title = topic.title if topic.may_be_named else ""
    return Citation(use, topic.id, title, post.id, post.number, post.user_id, post.username, post.name, passages)
