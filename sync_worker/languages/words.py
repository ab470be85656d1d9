"""The word lists of one language: answers, turns of phrase, of titles, of sentences, and of rules."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.languages.language import OPTIONAL, TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """Everything that counts as a plain answer in one language.

    A line may offer a choice in brackets, "you (may|can) show (it|this)"; an empty choice leaves the place out. Lines
    are written in lower case with plain apostrophes; accents are ignored when they are compared.

    Args:
        yes: phrases that say yes and nothing else.
        assent: words that agree, but may also mean "I have read this": they are no yes beside a mere thank-you.
        praise: phrases that find something good, but do not say what, or that answer thanks as well ("No problem"):
            they add nothing to a yes and are none alone.
        courtesy: phrases that say nothing about the matter: thanks, good wishes.
        greetings: phrases that begin or answer a greeting, or answer thanks: after a yes, they show that the yes may
            answer the greeting ("Yes, hello") or the thanks ("Yes, you're welcome").
        no: phrases that say no where they are a whole clause, with courtesies at most.
        refusals: beginnings of a clause that say no, whatever follows them.
        hedges: words, separated by blanks, that make a no doubtful: conditions, contrasts, delays, consent.
        never_names: words, separated by blanks, that qualify an answer: they are never read as a person's name.

    """

    yes: tuple[str, ...]
    assent: tuple[str, ...]
    praise: tuple[str, ...]
    courtesy: tuple[str, ...]
    greetings: tuple[str, ...]
    no: tuple[str, ...]
    refusals: tuple[str, ...]
    hedges: str
    never_names: str


def phrases(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return every phrase that the lines stand for.

    >>> phrases(("you (may|can) show (it|)",))
    ('you may show it', 'you may show', 'you can show it', 'you can show')
    """
    found: dict[str, None] = {}
    for line in lines:
        parts = [part.split("|") for part in re.split(r"[()]", line)]
        for choice in itertools.product(*parts):
            found[" ".join("".join(choice).split())] = None
    return tuple(found)


# Turns of phrase of one language that tell what a sentence does: advise, report a result, ask, thank.


@dataclass(frozen=True, slots=True)
class CueWords:
    """Regular expressions, in lower case; a sentence shows it if one of them is found there.

    Args:
        tried: what somebody did, in the first person.
        outcome: what came of it.
        lesson: what somebody takes away from it.
        settles: what settles a question.
        thanks: thanks: a person who asked and then thanks has stopped asking; the word does not say what for.
        unsure: wishes, plans, not knowing: not something found out.
        empty_question: a question that says nothing of what it is about.
        rhetorical: a question that is no question but a claim.
        quarrels: anger at somebody, scorn, and rebukes: one who writes so is not called on, and tells no story.
        success: it worked, and its author says so.
        half_a_success: a sentence of success that has this says that it was none, or of somebody else.
        announces: something new of the author's can be had: news, and not what came of something.
        added_later: a sentence that begins so was added to a post that had been written.
        still_in_trouble: it did not work, or not yet, or it came at a price.
        takes_back: somebody withdraws what they wrote, or says that it did not help after all.
        seeks_views: it asks readers for their views, without a question mark.
        contradicts: an answer says that it is not so.
        limits: a sentence that begins so limits or takes back the one before it.
        draws_lesson: a sentence that begins so says what its author takes from it.
        unanswerable: a title that says that nothing is asked any more.
        number: a number of something.
        says_stuck: somebody does not get on.
        shares_trouble: an answer that begins so shares the trouble and is no help.
        trouble_over: the trouble is over.
        announced: a lesson says so at its beginning, up to the colon.
        aside: a sentence that begins so is about the writing, not about the matter.
        asks: a question begins so.
        leans: it needs what was said before.
        seeks_help: a sentence that asks without a question mark.
        trouble_title: a title that names a trouble and no finding.
        blocker_tags: tags of a forum that mark what hinders somebody; no expressions.

    """

    tried: tuple[str, ...]
    outcome: tuple[str, ...]
    lesson: tuple[str, ...]
    settles: tuple[str, ...]
    thanks: tuple[str, ...]
    unsure: tuple[str, ...]
    empty_question: tuple[str, ...]
    rhetorical: tuple[str, ...]
    quarrels: tuple[str, ...]
    success: tuple[str, ...]
    half_a_success: tuple[str, ...]
    announces: tuple[str, ...]
    added_later: tuple[str, ...]
    still_in_trouble: tuple[str, ...]
    takes_back: tuple[str, ...]
    seeks_views: tuple[str, ...]
    contradicts: tuple[str, ...]
    limits: tuple[str, ...]
    draws_lesson: tuple[str, ...]
    unanswerable: tuple[str, ...]
    number: tuple[str, ...]
    says_stuck: tuple[str, ...]
    shares_trouble: tuple[str, ...]
    trouble_over: tuple[str, ...]
    announced: tuple[str, ...]
    aside: tuple[str, ...]
    asks: tuple[str, ...]
    leans: tuple[str, ...]
    seeks_help: tuple[str, ...]
    trouble_title: tuple[str, ...]
    blocker_tags: tuple[str, ...]


# Words of one language from which titles are made, and by which they are judged.


def listed(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class HeadingWords:
    """Word lists, and regular expressions where the name says so.

    Args:
        did: expression for a sentence in the first person: `verb` is what its author did, `rest` what follows.
        past: verbs as people tell with them what they did.
        past_endings: endings of such verbs that are not listed.
        deed: how the same is said in the third person, after a name: `{verb}`, `{rest}`.
        theirs: "my" to "their": what is the author's own, in the third person.
        second_deed: expression for what else they did, in the same sentence.
        no_deed: expression for the beginning of a text that tells no deed.
        vague: words that do not say what they speak of.
        ends: words before which a title may end.
        soft_ends: words before which it may end where it is too long.
        joins: words that join the last of a list.
        dangling: words with which no title ends.
        weekdays: expression for a day of the week, with what may stand around it.
        openers: words that lose their capital after a colon; others may be names.
        own: words of the first and the third person.
        empty: words that say nothing about what a text is about.
        lead_in: words with which people begin before they come to the matter, with a mark after them.
        lead_in_to: whom such a beginning may address.
        lead_word: words that join a sentence to the one before, without a mark after them.
        clause_joins: words before which a sentence may be cut.
        hanging: words at the beginning that stand for something said before.

    """

    did: str
    past: frozenset[str]
    deed: str
    theirs: Mapping[str, str] = field(metadata=TABLE)
    vague: str
    ends: str
    soft_ends: str
    joins: str
    dangling: str
    weekdays: str
    openers: frozenset[str]
    own: str
    empty: frozenset[str]
    lead_in: str
    lead_in_to: str
    lead_word: str
    clause_joins: str
    hanging: str
    past_endings: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    second_deed: str = field(default="", metadata=OPTIONAL)
    no_deed: str = field(default="", metadata=OPTIONAL)


# What a language's words tell about a sentence before it is quoted; each language is data in a module of its own.


WEAK, STRONG, SEVERE, NEVER = 0.5, 1.0, 2.0, 9.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """A kind of words that makes one doubt whether a passage can be read, or should be shown, on its own.

    `weight` is WEAK where the words may well point at something in the same sentence. The first sentence of a passage
    is held against it, all of them where it counts `anywhere`; what opens a conversation is not where only `replies`
    are. Matched in small letters, with plain apostrophes.
    """

    pattern: str
    weight: float = STRONG
    anywhere: bool = False
    replies: bool = False


@dataclass(frozen=True, slots=True)
class ReadingWords:
    """Word lists of one language; all in small letters, with plain apostrophes.

    Args:
        opens_a_lean: as one of the first two words they point at something said before ("it", "but").
        points_back: anywhere they stand for somebody or something that must have been named before ("she", "them").
        names_a_thing: before a noun they bring in what a later word may point back to ("the", "my").
        shows: expression for a word that shows what was named before, and in its group `what` the word after it: "this
            page". It leans on the sentence before unless that word was named in the sentence already.
        points_out: phrases that speak of the post, or of what was said before, from within the conversation.
        empty: words that say nothing about what a text is about.
        chat: as the first word they greet, thank or agree.
        withdrawn: expression for how the post itself begins whose author withdrew it by an edit.
        presents: expression for what a sentence has that says what its author made, found out or proposes.
        advises: expression for what a sentence has that tells the reader what to do.
        says_what_it_is: expression for what follows the name of a thing in a sentence that says what it is or does.
        points_back_to_somebody: those of `points_back` that stand for a person.
        brings_somebody_in: before a noun they bring in a person: "my manager", "a colleague".
        points_back_to_many: those of `points_back` that stand for several: a noun in the plural may be what they mean.
        no_pointers: expression for words that look like pointers and are none: "2.1 and below", "it is possible to".
        itself: expression for words with which what opens a conversation speaks of itself.
        doubts: kinds of words that read worse outside of the conversation.

    """

    opens_a_lean: frozenset[str]
    points_back: frozenset[str]
    names_a_thing: frozenset[str]
    shows: str
    points_out: tuple[str, ...]
    empty: frozenset[str]
    chat: frozenset[str]
    withdrawn: str
    presents: str
    advises: str
    says_what_it_is: str
    points_back_to_somebody: frozenset[str]
    brings_somebody_in: frozenset[str]
    points_back_to_many: frozenset[str]
    no_pointers: str
    itself: str
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class DayWords:
    """How one language names a day to come; all in small letters, with plain apostrophes.

    Args:
        today: phrases for the present day.
        tomorrow: phrases for the day after.
        past_before: words right before a weekday or date that put it into the past ("last", "since").
        past_after: words right after a weekday that do.
        vague_before: words right before a weekday with which it may be several days, or any ("every", "next").
        vague_after: words right after a weekday with which it may be.
        verbs: months that are other words as well: before a number they are no month.
        ordinals: what may stand right after the number of a day, as a part of a regular expression.

    """

    today: tuple[str, ...]
    tomorrow: tuple[str, ...]
    past_before: tuple[str, ...]
    vague_before: tuple[str, ...]
    ordinals: str
    verbs: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    past_after: tuple[str, ...] = field(default=(), metadata=OPTIONAL)
    vague_after: tuple[str, ...] = field(default=(), metadata=OPTIONAL)


# The words in which a rule's verdict is told; each language has its own in `phrases.py`.


@dataclass(frozen=True, slots=True)
class RuleWords:
    """What a rule's words mean, and how a clause and its value are told.

    Args:
        words: by the word of a rule what it counts or says; of a word about a step with `{step}`.
        fact: what a fact is called, by its `{name}`.
        comparisons: by the operator, what is wanted, with `{wanted}`.
        is_known: what is wanted where a value must be known, or (False) must not.
        yes_no: how true and false are told.
        decimal: the mark before decimals.
        either: the word before the last of several.
        asked: a clause that the rule asks for: `{word}`, `{value}`, `{wanted}`.
        left_out: a clause within a `not`, which the rule leaves out: the same.
        unknown: one whose value nobody knows: `{word}`, `{wanted}`.
        not_comparable: one whose value is of another kind than the rule expects: `{word}`, `{value}`, `{wanted}`.
        joined: between two clauses.
        everybody: why somebody is chosen by a step without a rule.
        limit: that a step has happened as often as it may: `{times}` times.
        limit_in_days: the same, in `{days}` days.
        all_spent: that everybody whom a step is for got as many texts of it as its limit allows.
        nobody: that a step is for nobody in the cohort now.
        not_any_more: that somebody is no longer as a step's rule asks when its text is to be sent.
        not_any_more_together: that one of those whom a message brings together is not.
        excluded: that `lcm.yaml` leaves somebody out of a step.
        other_role: that somebody is not meant, as only learners are.
        spent: that somebody got as many texts of the step as its limit allows.

    """

    words: Mapping[str, str]
    fact: str
    comparisons: Mapping[str, str]
    is_known: Mapping[bool, str]
    yes_no: Mapping[bool, str]
    decimal: str
    either: str
    asked: str
    left_out: str
    unknown: str
    not_comparable: str
    joined: str
    everybody: str
    limit: str
    limit_in_days: str
    all_spent: str
    nobody: str
    not_any_more: str
    not_any_more_together: str
    excluded: str
    other_role: str
    spent: str


# The words in which people decide, and choose, in a reply; each language has its own in `messages.py`.


@dataclass(frozen=True, slots=True)
class DecisionWords:
    """The words of an LCM's decision: "yes 1 3, no 2: too early"; small letters without accents.

    Args:
        yes: approve these drafts.
        no: reject them.
        later: bring these tasks up again in a week.
        done: close these tasks.
        solved: what a message of blockers names is solved, in a reply to it.
        everything: all that a message shows, in the place of numbers.
        and_words: what may stand between two numbers.
        polite: what may stand at the end of a line, so that a reply is as long as Discourse wants it.
        signatures: how a line begins after which nothing counts: what programs put under a mail.
        wrote: how the line before a quoted mail ends, before its colon.

    """

    yes: tuple[str, ...]
    no: tuple[str, ...]
    later: tuple[str, ...]
    done: tuple[str, ...]
    solved: tuple[str, ...]
    everything: tuple[str, ...]
    and_words: tuple[str, ...]
    polite: tuple[str, ...]
    signatures: tuple[str, ...]
    wrote: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChoiceWords:
    """What a learner may write to the worker's account: a whole message of these words and no others.

    Args:
        no_nudges: not to be written to when silent.
        no_quotes: neither to be quoted nor named.
        quotes: to be quoted and named, after all.
        no_pairs: not to be brought together with others.
        stop: all of these.
        start_again: to be written to, and brought together with others, again; nothing about quotes.
        not_now: leave me in peace for a while; who wrote at all is left in peace.

    """

    no_nudges: tuple[str, ...]
    no_quotes: tuple[str, ...]
    quotes: tuple[str, ...]
    no_pairs: tuple[str, ...]
    stop: tuple[str, ...]
    start_again: tuple[str, ...]
    not_now: tuple[str, ...]


# By which the words that a language model proposes are judged; each language has its own in `phrases.py`.


@dataclass(frozen=True, slots=True)
class ProposalWords:
    """What no phrase of a roundup has, and what it may only have from its sources; small letters, plain apostrophes.

    Args:
        name: the language's name in English, by which a model is asked to write in it.
        banned: regular expressions for what we never say: praise without a reason, commands, reminders.
        numbers: words for numbers above ten and for parts, beside those of the grammar.
        moments: words and phrases that say when, beside months and weekdays.

    """

    name: str
    banned: tuple[str, ...]
    numbers: frozenset[str]
    moments: tuple[str, ...]
