"""Ask two questions at the end, one tap each; days later tell the LCMs what came back, where enough people answered.

The polls show their results to nobody but the forum's staff, and who voted for what to nobody at all. What fewer than
five people answered is not told: in a small group a number is a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field

from sync_worker.content.decks import read_deck
from sync_worker.content.markdown import Markdown, link
from sync_worker.content.reasons import reasons_for
from sync_worker.model import DraftKind
from sync_worker.plays.context import Days, Drafted, Name, TopicOptions
from sync_worker.plays.frame import cohort_words, host_links, host_names, note_to_lcms, of_this_date, topic_draft
from sync_worker.timeline import FollowUp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.content.decks import Prompt
    from sync_worker.content.templates import PlaybookTexts
    from sync_worker.forum.records import ForumPoll
    from sync_worker.languages.language import Language
    from sync_worker.plays.context import PlayContext

REF = "survey"
RESULTS = "results"
FEWEST = 5  # voters, without whom nothing is told
MOST = 3  # questions; of a longer deck the first ones are asked


class Options(TopicOptions):
    """`with:` of a `survey` step: the deck with its questions, and after how many days the LCMs hear."""

    questions_deck: Name
    template: Name = "survey"
    results: Annotated[Days, Field(le=30)] = 4
    results_template: Name = "survey-results"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the topic shows it."""

    title: Markdown
    text: Markdown
    poll: Markdown


@dataclass(frozen=True, slots=True)
class Result:
    """What came back to a question: how many people answered, in words, and its options with their votes.

    There are no `options` where too few people answered, or where the forum does not show us the votes.
    """

    title: str
    people: str
    options: tuple[str, ...]


def follow_ups(options: Options) -> tuple[FollowUp, ...]:
    """Return the message to the LCMs."""
    return (FollowUp(RESULTS, options.results),)


def may_poll(*_: object) -> bool:
    """Whether a step of it may post a poll: it always does."""
    return True


def draft(context: PlayContext) -> Drafted:
    """Return the topic with the questions; of the follow-up, the message with what came back."""
    return tell(context) if context.follow_up else ask(context)


def ask(context: PlayContext) -> Drafted:
    """Return the topic; nothing where the forum has no polls, as written answers would have names."""
    options, reasons = cast("Options", context.options), reasons_for(context.texts.locale)
    if not context.site.polls:
        return Drafted((), reasons.no_polls())
    asked = tuple(
        Asked(Markdown(one.title), Markdown(one.text.strip()), _poll(one))
        for one in questions_of(context.texts, options.questions_deck)
    )
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        questions=asked,
    )
    topic = topic_draft(context, text, reasons.survey(), (REF, f"topic:{options.template}"))
    return Drafted((topic,), topic.reason)


def questions_of(texts: PlaybookTexts, deck: str) -> list[Prompt]:
    """Return the questions of a deck: its first prompts that have a poll."""
    return [one for one in read_deck(texts.deck_path(deck)).prompts if one.poll is not None][:MOST]


def _poll(prompt: Prompt) -> Markdown:
    assert prompt.poll is not None  # noqa: S101  (only such prompts are asked)
    options = "\n".join(f"* {option.strip()}" for option in prompt.poll.options)
    return Markdown(f"[poll name={prompt.id} type=regular results=staff_only public=false]\n{options}\n[/poll]")


def tell(context: PlayContext) -> Drafted:
    """Return the message to the LCMs; nothing where the topic or its polls are gone."""
    options, reasons = cast("Options", context.options), reasons_for(context.texts.locale)
    opened = next((one for one in of_this_date(context) if one.draft.kind is DraftKind.TOPIC), None)
    polls = context.votes.get(opened.topic_id or 0, ()) if opened is not None else ()
    if opened is None or not polls:
        return Drafted((), reasons.no_votes())
    text = context.texts.render(
        options.results_template,
        cohort=cohort_words(context),
        survey=link(opened.draft.title or "", f"{context.forum_url}/t/{opened.topic_id}"),
        results=results_of(polls, questions_of(context.texts, options.questions_deck), context.texts.language),
    )
    reason = reasons.survey_results(max(poll.voters for poll in polls))
    note = note_to_lcms(context, text, reason, refs=(f"{REF}-{RESULTS}",))
    return Drafted((note,), reason)


def results_of(polls: Sequence[ForumPoll], questions: Sequence[Prompt], language: Language) -> tuple[Result, ...]:
    """Return what came back to each question, in the order in which they were asked."""
    titles = {one.id: one.title for one in questions}
    return tuple(
        Result(titles.get(poll.name, poll.name), language.count(poll.voters, "person"), _told(poll, language))
        for poll in polls
    )


def _told(poll: ForumPoll, language: Language) -> tuple[str, ...]:
    if poll.voters < FEWEST or any(option.votes is None for option in poll.options):
        return ()
    return tuple(f"{unescape(option.html)}{language.colon} {option.votes}" for option in poll.options)
