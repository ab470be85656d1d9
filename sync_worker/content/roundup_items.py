"""The items of a roundup, ready for the template: whose words are quoted, or what is pointed at. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, display_name, escape, link, plain_name, quote, why
from sync_worker.content.pointing import (
    address,
    asked_and_replied,
    day_opened,
    exchange_sentences,
    linked_name,
    post_pointer,
    who_answered,
    who_replied,
    who_wrote,
)
from sync_worker.content.proposal_checks import AUTHOR
from sync_worker.content.proposals import Source, source_of
from sync_worker.languages.language import capital
from sync_worker.model import Citation, Use
from sync_worker.signals.plain import clean_title, contents
from sync_worker.signals.showable import Frame, Quotes, quarrels

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.languages.phrases import Phrases
    from sync_worker.model import Post, Topic
    from sync_worker.signals.offers import Chosen


FIRST_ANSWERS = 3  # posts: later ones may well answer something else that was said meanwhile
FEWEST_MORE = 25  # words that a post has beside its passage, to be called longer
SECOND = 2  # post of a topic


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
        return phrases.asked_and_answered(asked_and_replied(chosen, forum_url), here, answer)
    if chosen.passage:
        is_named = chosen.conversation.hosted or not topic.may_be_named  # by the heading
        cut = _is_cut(chosen.passage.text, post)
        leads = chosen.conversation.hosted and topic.may_be_named and not cut  # the quote leads to its post
        return phrases.credit(
            "" if is_named else author, None, "" if leads else here, cut=cut, to=to, addressed=_is_addressed(post)
        )
    if chosen.exchange:
        return exchange_sentences(chosen, phrases, forum_url, period.until, turn)
    if _came_back(chosen):
        return phrases.came_back(author, chosen.contribution.evidence.open_days, here)
    opened = "" if chosen.conversation.is_new else day_opened(phrases, topic, period.until)
    return post_pointer(phrases, topic, post, here, to=to if _is_addressed(post) else "", opened=opened)


def _came_back(chosen: Chosen) -> bool:
    """Whether a post that is pointed at is the answer that who asked brought back."""
    known = chosen.contribution.evidence
    return chosen.passage is None and known.accepted and known.own_question


def _named_in(chosen: Chosen, phrases: Phrases, forum_url: str, period: Period) -> tuple[str, ...]:
    """Return the words of an item that name others than its author: where one takes that back, the item stays."""
    if _has_new_replies(chosen):
        return (who_replied(chosen, phrases, forum_url),)
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
        return list(dict.fromkeys((chosen.conversation.opening, *who_wrote(chosen)[0])))
    if chosen.asks:
        return who_answered(chosen)[0]
    if _has_new_replies(chosen):
        return who_wrote(chosen)[0]
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
    return linked_name(chosen.conversation.topic, answered, forum_url) if answered is not None else ""


def _is_addressed(post: Post) -> bool:
    """Whether a reply says to which post it is one, or can be to nothing but the first."""
    return post.reply_to is not None or post.number == SECOND


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
    sentences = [why(phrases, alone), who_replied(chosen, phrases, forum_url)]
    return Markdown(" ".join(one for one in sentences if one))


def _has_new_replies(chosen: Chosen) -> bool:
    """Whether a post is shown that opened a conversation of its own in the period, in which others wrote in peace."""
    conversation, post = chosen.conversation, chosen.contribution.post
    may_be_named = conversation.topic.may_be_named and not conversation.hosted
    opens = post is conversation.opening and conversation.is_new and may_be_named and not chosen.asks
    others = [one for one in conversation.written if one.user_id != post.user_id]
    return opens and bool(others) and not any(quarrels(one) for one in conversation.written)


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
