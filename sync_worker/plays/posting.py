"""Plays that post a topic: from a template, the next prompt of a deck, the next resource, what a week brought."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field

from sync_worker.content.decks import read_deck, read_resources
from sync_worker.content.figure import can_draw, mark, weeks_of
from sync_worker.content.markdown import Markdown
from sync_worker.content.reasons import reasons_for
from sync_worker.content.roundup import build_roundup, with_proposals
from sync_worker.content.roundup_items import Period
from sync_worker.model import behind_mark
from sync_worker.plays.context import Days, Drafted, Name, TopicOptions
from sync_worker.plays.frame import (
    asking,
    cohort_words,
    contexts,
    host_links,
    host_names,
    in_languages,
    passages_shown,
    poll,
    posts_shown,
    staff,
    topic_draft,
    usual_text,
)
from sync_worker.plays.relay import shared_refs
from sync_worker.signals.choosing import tired_of
from sync_worker.signals.showable import Quotes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.content.decks import Deck, Prompt, Resource, ResourceList
    from sync_worker.content.templates import PlaybookTexts, Rendered
    from sync_worker.model import Topic
    from sync_worker.plays.context import PastDraft, PlayContext


class TemplateOptions(TopicOptions):
    """`with:` of a `topic` step."""

    template: Name


def draft_topic(context: PlayContext) -> Drafted:
    """Return the topic."""
    options = cast("TemplateOptions", context.options)
    text = in_languages(context, lambda each: usual_text(each, options.template))
    reason = reasons_for(context.texts.locale).template()
    topic = topic_draft(context, text, reason, (f"topic:{options.template}",))
    return Drafted((topic,), reason)


# Post the next prompt of a deck; none comes twice.


class PromptOptions(TopicOptions):
    """`with:` of a `prompt` step."""

    deck: Name
    template: Name = "prompt"
    pick: Literal["next", "random"] = "next"


def draft_prompt(context: PlayContext) -> Drafted:
    """Return the prompt as a topic."""
    options = cast("PromptOptions", context.options)
    deck = read_deck(context.texts.deck_path(options.deck))
    fresh = deck.fresh(asked(deck, options.deck, context.history.drafts()), at_the_end=context.at_the_end)
    if not fresh:
        return Drafted((), f"every prompt of deck '{options.deck}' was asked; none is asked twice, so add some")
    prompt = context.rng.choice(fresh) if options.pick == "random" else fresh[0]
    same = [found for each in contexts(context) if (found := _same(each, options, prompt)) is not None]
    text = in_languages(context, lambda each: _prompt_text(each, options, prompt)).followed_by(poll(same, context))
    reason = reasons_for(context.texts.locale).prompt(len(fresh) - 1)
    topic = topic_draft(context, text, reason, ("prompt", _prompt_ref(options.deck, prompt), *shared_refs(context)))
    return Drafted((topic,), reason)


def _same(context: PlayContext, options: PromptOptions, prompt: Prompt) -> Prompt | None:
    """Return the prompt in the language of a context, None where the deck lacks it there."""
    prompts = read_deck(context.texts.deck_path(options.deck)).prompts
    return next((one for one in prompts if one.id == prompt.id), None)


def _prompt_text(context: PlayContext, options: PromptOptions, prompt: Prompt) -> Rendered | None:
    here = _same(context, options, prompt)
    if here is None:
        return None
    return context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        title=Markdown(here.title),
        text=asking(here, context),
        why=Markdown(here.why.strip()),
    )


def may_poll(options: PromptOptions, texts: PlaybookTexts) -> bool:
    """Whether a step's prompts have polls, so that it matters whether the forum has them."""
    return any(prompt.poll is not None for prompt in read_deck(texts.deck_path(options.deck)).prompts)


def asked(deck: Deck, name: str, past: Sequence[PastDraft]) -> frozenset[str]:
    """Return the ids of a deck's prompts that a cohort got before, by any playbook: by name, or by the same title."""
    refs = {ref for one in past for ref in one.draft.refs}
    titles = [one.draft.title or "" for one in past]
    return frozenset(
        prompt.id
        for prompt in deck.prompts
        if _prompt_ref(name, prompt) in refs or any(title.endswith(prompt.title) for title in titles)
    )


def _prompt_ref(deck: str, prompt: Prompt) -> str:
    return f"prompt:{deck}/{prompt.id}"


# Post the next thing to read, watch or use from a list, at its moment; none comes twice.


RESOURCE = "resource"
OF_LIST = "resource:"  # before a list and an id, among the refs of a resource
LINKS_TO = "links-to:"  # before an address, among them: clicks on it are counted


class ResourceOptions(TopicOptions):
    """`with:` of a `resource` step: the list, and only those of its entries that have one of the tags in `tagged`."""

    resources: Name
    template: Name = "resource"
    tagged: tuple[str, ...] = ()


def draft_resource(context: PlayContext) -> Drafted:
    """Return the resource as a topic, or nothing where the list has none for this day."""
    options = cast("ResourceOptions", context.options)
    listed = read_resources(context.texts.resources_path(options.resources))
    given = posted(listed, options.resources, context.history.drafts())
    occurrence = context.occurrence
    resource = listed.next(given, options.tagged, occurrence.local_at.date(), occurrence.cohort)
    reasons = reasons_for(context.texts.locale)
    if resource is None:
        return Drafted((), reasons.no_resource(options.resources))
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        title=Markdown(resource.title),
        address=Markdown(resource.link),
        minutes=context.texts.language.count(resource.minutes, "minute"),
        why=Markdown(resource.why.strip()),
        ask=Markdown((resource.ask or "").strip()),
    )
    reason = reasons.resource(dated=resource.from_ is not None)
    topic = topic_draft(
        context,
        text,
        reason,
        (RESOURCE, _resource_ref(options.resources, resource), f"{LINKS_TO}{resource.link}"),
        tags=tuple(dict.fromkeys((*options.tags, *resource.tags))),
    )
    return Drafted((topic,), reason)


def posted(listed: ResourceList, name: str, past: Sequence[PastDraft]) -> frozenset[str]:
    """Return the ids of a list's entries that a cohort got before, by any playbook: by name, or with the same link.

    Of a resource that was read back from the forum no more than its text is known.
    """
    given = [one.draft for one in past if RESOURCE in one.draft.refs]
    refs = {ref for draft in given for ref in draft.refs}
    return frozenset(
        one.id
        for one in listed.resources
        if _resource_ref(name, one) in refs or any(f"]({one.link})" in draft.raw for draft in given)
    )


def _resource_ref(name: str, resource: Resource) -> str:
    return f"{OF_LIST}{name}/{resource.id}"


# Round up what a cohort found out in a week.


LOOK_BACK_FOR_QUESTIONS = timedelta(days=60)
CALLS_FOR_A_QUESTION = 1
OPEN = "open:"  # before a topic's id, among the refs of a roundup: an open question that it calls
SHOWN = "shown:"  # before a heading, among the refs of a roundup: the desk lists them


class RoundupOptions(TopicOptions):
    """`with:` of a `roundup` step."""

    template: Name = "roundup"
    days: Days = 7
    practices: Annotated[int, Field(ge=1, le=5)] = 5
    quotes: Quotes = Quotes.SURE


def draft_roundup(context: PlayContext) -> Drafted:
    """Return the roundup as a topic, or nothing after a week in which nobody said what others could use."""
    options = cast("RoundupOptions", context.options)
    period = review_period(context, options)
    days = context.texts.language.period(period.since.date(), period.until.date() - timedelta(days=1))
    topics = context.activity.topics(since=period.since - LOOK_BACK_FOR_QUESTIONS, until=period.until)
    built = build_roundup(topics, period, context.texts.locale, context.forum_url, options.practices)
    if isinstance(built, str):
        return Drafted((), f"{built} ({days})")
    material = built.material(context.texts.locale, _people(context, topics))
    built, wording = with_proposals(built, context.proposals, material)
    cohort = context.occurrence.cohort
    figure = weeks_of(topics, period, cohort.start, context.texts.locale) if can_draw() else None
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        period=days,
        opening=built.opening,
        practices=built.practices,
        questions=built.questions,
        voices=built.voices,
        numbers=built.numbers,
        chart=mark(figure, context.texts.locale),
    )
    proposed = sum(one.by_model for one in wording)
    reason = reasons_for(context.texts.locale).roundup(len(built.practices), len(built.questions), proposed)
    topic = topic_draft(
        context,
        text,
        reason,
        (
            "roundup",
            *(f"{OPEN}{question.topic_id}" for question in built.questions),
            *(f"{SHOWN}{item.heading}" for item in built.practices),
        ),
        about_posts=tuple(item.post.id for item in built.practices),
        about_users=tuple(item.post.user_id for item in built.practices),
        citations=built.citations,
        figure=figure,
    )
    return Drafted((topic,), reason, material=material, wording=wording)


def _people(context: PlayContext, topics: Sequence[Topic]) -> frozenset[str]:
    """Return the names and usernames of everybody who wrote in these topics, and of the LCMs."""
    writers = {name for topic in topics for post in topic.posts for name in (post.name, post.username)}
    return frozenset(writers | {name for host in context.hosts for name in (host.name, host.username)} - {""})


def review_period(context: PlayContext, options: RoundupOptions) -> Period:
    """Return the whole days before the occurrence's own day, and what earlier roundups and answers leave out of them.

    Days are those of the cohort's zone, from midnight to midnight: the title names them, weekly roundups leave no gap
    and count nothing twice, and a change of the clocks takes no hour away.
    """
    today = context.occurrence.local.date()
    zone = context.occurrence.cohort.zone
    past = context.history.drafts()
    earlier = [one.draft for one in past if "roundup" in one.draft.refs]
    calls = Counter(int(topic) for one in earlier for topic in behind_mark(one.refs, OPEN))
    refused = {
        consent.post_id
        for consent in context.activity.consents(context.occurrence.cohort.key)
        if consent.answer == "no"
    }
    since, until = (
        datetime.combine(today - timedelta(days=options.days), time(), zone),
        datetime.combine(today, time(), zone),
    )
    return Period(
        since=since,
        until=until,
        new_authors=context.activity.new_authors(since, until),
        staff=staff(context),
        shown_posts=posts_shown(past, "roundup", "story") | refused,
        tired=tired_of([one.about_users for one in earlier]),
        said=tuple(text for _, text in passages_shown(past, "roundup", "story")),
        called_topics=frozenset(topic for topic, count in calls.items() if count >= CALLS_FOR_A_QUESTION),
        quotes=options.quotes,
    )
