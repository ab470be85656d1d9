"""What every template of a play may say; topics in several languages; a story as its author is shown it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from sync_worker.content.markdown import Markdown, escape, link, person_name
from sync_worker.content.reasons import COHORT_NAME_LONGEST
from sync_worker.content.story import write_story
from sync_worker.content.templates import MAX_TITLE
from sync_worker.languages.language import shortened
from sync_worker.languages.parts import GRAMMAR, PROMPT
from sync_worker.model import WHILE_IN, Approval, Draft, DraftKind, Translation, Use
from sync_worker.signals.plain import plain_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sync_worker.content.decks import Poll, Prompt
    from sync_worker.content.story import StoryCandidate
    from sync_worker.content.templates import Rendered
    from sync_worker.languages.language import Language
    from sync_worker.model import Citation, Fact, Post
    from sync_worker.plays.context import PastDraft, PlayContext, TopicOptions


FACT_LONGEST = 40


@dataclass(frozen=True, slots=True)
class CohortWords:
    """A cohort as a text speaks of it; `week` counts from 1 at its start."""

    name: str
    first_day: str
    last_day: str
    weeks: str
    week: int


@dataclass(frozen=True, slots=True)
class LatePerson:
    """Somebody on the LCMs' list: their name as a link to their page, and what they were told, or until when."""

    who: Markdown
    told: str


def cohort_words(context: PlayContext) -> CohortWords:
    """Return the cohort in the words of the playbook's language."""
    cohort, language = context.occurrence.cohort, context.texts.language
    weeks = max(round(((cohort.end - cohort.start).days + 1) / 7), 1)
    return CohortWords(
        name=shortened(cohort.name, COHORT_NAME_LONGEST),
        first_day=language.day(cohort.start),
        last_day=language.day(cohort.end),
        weeks=language.count(weeks, "week"),
        week=max((context.occurrence.local.date() - cohort.start).days // 7 + 1, 1),
    )


def host_names(context: PlayContext) -> str:
    """Return the LCMs' names as a list in words, "" where none is known."""
    return context.texts.language.listing([person_name(host.name, host.username) for host in context.hosts])


def host_links(context: PlayContext) -> Markdown:
    """Return the LCMs' names as a list in words, each a link to the person's page, "" where none is known."""
    links = [
        link(person_name(host.name, host.username), f"{context.forum_url}/u/{quote(host.username)}")
        for host in context.hosts
    ]
    return Markdown(context.texts.language.listing(links))


def staff(context: PlayContext) -> frozenset[str]:
    """Return the accounts whose posts are never quoted, counted or shown: our own, and the LCMs'."""
    return context.own_usernames | {host.username for host in context.hosts}


def moment_in_words(context: PlayContext, moment: datetime) -> str:
    """Return "Thursday 4 March, 18:00", on the cohort's clock."""
    return clock_in_words(context.texts.language, moment.astimezone(context.occurrence.cohort.zone))


def clock_in_words(language: Language, local: datetime) -> str:
    """Return a moment, as its own clock shows it: "Thursday 4 March, 18:00"."""
    return f"{language.day(local.date())}, {language.clock(local)}"


def forms_of_moment(local: datetime) -> tuple[str, ...]:
    """Return a moment, as its own clock shows it, as a topic of ours may say it: in words, and with digits.

    That is in every language, as the cohort's may have been another one when the topic was written.
    """
    return tuple(
        f"{language.day(local.date())}, {clock}"
        for language in GRAMMAR.all().values()
        for clock in (language.clock(local), f"{local:%H:%M}")
    )


FIRST_NAME = "first_name"
"""The fact by which texts greet people; a first name is never guessed from a full one."""


def called(context: PlayContext, user_id: int, name: str, username: str) -> str:
    """Return how a text greets somebody: by their first name where a roster or a file says it, else by their name."""
    return greeted(context.facts.get(user_id, {}), name, username)


def greeted(facts: Mapping[str, Fact], name: str, username: str) -> str:
    """Return how a text greets somebody about whom these facts are known."""
    full, fact = person_name(name, username), facts.get(FIRST_NAME)
    return person_name(fact.value, full) if fact is not None and isinstance(fact.value, str) else full


def days_in_words(context: PlayContext, days: Sequence[date]) -> str:
    """Return "Thursday 4 March and Friday 12 March", "" where there is none."""
    return context.texts.language.listing([context.texts.language.day(day) for day in days])


def posts_shown(past: Iterable[PastDraft], *refs: str) -> frozenset[int]:
    """Return the posts that drafts with one of these refs are about."""
    found = (one.draft for one in past if not frozenset(refs).isdisjoint(one.draft.refs))
    return frozenset(post for draft in found for post in draft.about_posts)


def passages_shown(past: Iterable[PastDraft], *refs: str) -> list[tuple[int | None, str]]:
    """Return what drafts with one of these refs quote: the post, and its words."""
    found = (one.draft for one in past if not frozenset(refs).isdisjoint(one.draft.refs))
    quotes = (cited for draft in found for cited in draft.citations if cited.use is Use.QUOTE)
    return [(cited.post_id, " ".join(cited.passages)) for cited in quotes]


def of_this_date(context: PlayContext) -> tuple[PastDraft, ...]:
    """Return what was drafted for the same date of the same step before: the step's own and its follow-ups'.

    Of a step that happens once that is all of it: its date may have been moved since. The time of day, and the
    cohort's zone, may have been changed since.
    """
    occurrence = context.occurrence
    own, day = occurrence.follows or occurrence.slot, occurrence.own_day
    mine = [one for one in context.history.drafts() if one.step == occurrence.step]
    return tuple(one for one in mine if context.once or one.is_of(own, day))


def fact_name(kind: str, step: str, day: date | None = None) -> str:
    """Return the name of a fact about a person that a step gives, of one that comes again on a day of it."""
    tail = f"_{day:%Y%m%d}" if day is not None else ""
    room = FACT_LONGEST - len(kind) - len(tail) - 1
    name = step.replace("-", "_")
    if len(name) > room:  # two long ids may begin alike
        name = f"{name[: room - 9]}_{hashlib.sha256(step.encode()).hexdigest()[:8]}"
    return f"{kind}_{name}{tail}"


def in_cohort(context: PlayContext) -> str:
    """Return the reference by which a text goes out only while those whom it is about are in the cohort."""
    return f"{WHILE_IN}{context.occurrence.cohort.group}"


# What a topic of ours says: in one language or in several below each other, with a poll or with questions to answer.
# A form, as Discourse means it, helps people who open a topic; a reply has none. Numbered questions work in every
# reply.


BETWEEN = "\n\n---\n\n"
BETWEEN_OPTIONS = " / "
LONGEST_OPTION = 250


@dataclass(frozen=True, slots=True)
class Written:
    """A topic's title and text; `translations` are for forums that show each reader one language, `locale` its own."""

    title: str
    body: str
    locale: str = ""
    translations: tuple[Translation, ...] = ()

    def followed_by(self, block: str) -> Written:
        """Return it with something below the text that is the same in every language."""
        below = tuple(replace(one, raw=one.raw + block) for one in self.translations)
        return replace(self, body=self.body + block, translations=below)


def usual_text(context: PlayContext, template: str) -> Rendered:
    """Return a template filled with what every topic may name: the cohort and its LCMs.

    Raises:
        ConfigError: the template is missing, or uses what it is not given.

    """
    return context.texts.render(
        template, cohort=cohort_words(context), hosts=host_names(context), host_links=host_links(context)
    )


def note_to_lcms(
    context: PlayContext,
    text: Rendered,
    reason: str,
    *,
    refs: tuple[str, ...],
    about_users: tuple[int, ...] = (),
    about_posts: tuple[int, ...] = (),
    citations: tuple[Citation, ...] = (),
) -> Draft:
    """Return a message to the cohort's LCMs, which goes out without anybody's approval."""
    return Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=reason,
        part="desk",
        recipients=(context.occurrence.cohort.lcm_group,),
        about_users=about_users,
        about_posts=about_posts,
        refs=refs,
        citations=citations,
    )


def topic_draft(context: PlayContext, text: Written | Rendered, reason: str, refs: Sequence[str], **more: Any) -> Draft:
    """Return a text as the topic of a step, with the tags, the pin and the approval that the step asks for."""
    options = cast("TopicOptions", context.options)
    written = text if isinstance(text, Written) else Written(text.title, text.body)
    return Draft(
        kind=DraftKind.TOPIC,
        title=written.title,
        raw=written.body,
        reason=reason,
        pin_days=options.pin,
        approval=context.approval,
        locale=written.locale,
        translations=written.translations,
        refs=tuple(refs),
        **{"tags": options.tags, **more},
    )


def in_languages(context: PlayContext, write: Callable[[PlayContext], Rendered | None]) -> Written:
    """Return a text in the cohort's language, and below it whole in each further one in which its people read.

    `write` returns the text in the language of the context that it is given, None where there is none in that language.
    The title has each language's own, or the cohort's alone where they do not fit together. Where the forum shows each
    reader one language, the others are translations of the topic instead; but where an LCM approves it first, and may
    change the words, all languages are in one text.
    """
    written = [(each.texts.locale, found) for each in contexts(context) if (found := write(each)) is not None]
    (locale, first), *others = written
    if not others:
        return Written(first.title, first.body)
    if context.site.translations and context.approval is Approval.NONE:
        translations = (Translation(_of_forum(code), text.title, text.body) for code, text in others)
        return Written(first.title, first.body, _of_forum(locale), tuple(translations))
    title = BETWEEN_OPTIONS.join(text.title for _, text in written)
    parts = [first.body.strip(), *(f"## {text.title}\n\n{text.body.strip()}" for _, text in others)]
    return Written(title if len(title) <= MAX_TITLE else first.title, f"{BETWEEN.join(parts)}\n")


def _of_forum(locale: str) -> str:
    """Return a language as Discourse calls it: `pt_BR`."""
    return locale.replace("-", "_")


def contexts(context: PlayContext) -> list[PlayContext]:
    """Return the context once for each language in which the cohort's people read, its own first."""
    texts = context.texts
    further = context.occurrence.cohort.further_languages
    others = (texts.in_language(code) for code in further)
    return [context, *(replace(context, texts=other) for other in others)]


def asking(prompt: Prompt, context: PlayContext) -> Markdown:
    """Return a prompt's text, with the questions of its form numbered below it."""
    text = prompt.text.strip()
    if not prompt.form:
        return Markdown(text)
    questions = "\n".join(f"{number}. {question.strip()}" for number, question in enumerate(prompt.form, 1))
    return Markdown(f"{text}\n\n{questions}\n\n{PROMPT.of(context.texts.locale).form}")


def poll(prompts: Sequence[Prompt], context: PlayContext) -> str:
    """Return the poll of a prompt, given in each language of the cohort; "" where it has none.

    There is one poll for all languages, its options in each of them, so that all votes are counted together. Where the
    forum has no polls the options are a numbered list.
    """
    polls = [prompt.poll for prompt in prompts if prompt.poll is not None]
    if not polls:
        return ""
    options = _options(polls)
    if not context.site.polls:
        listed = "\n".join(f"{number}. {option}" for number, option in enumerate(options, 1))
        return f"\n{listed}\n\n{PROMPT.of(context.texts.locale).no_poll}\n"
    kind = "multiple" if polls[0].several else "regular"
    most = f" min=1 max={len(options)}" if polls[0].several else ""
    listed = "\n".join(f"* {option}" for option in options)
    return f"\n[poll type={kind}{most} results={polls[0].results} public=false chartType=bar]\n{listed}\n[/poll]\n"


def _options(polls: Sequence[Poll]) -> list[str]:
    """Return the options, each in every language whose poll has as many of them."""
    alike = [one for one in polls if len(one.options) == len(polls[0].options)]
    joined = []
    for same in zip(*(one.options for one in alike), strict=True):
        together = BETWEEN_OPTIONS.join(dict.fromkeys(option.strip() for option in same))
        joined.append(together if len(together) <= LONGEST_OPTION else same[0].strip())
    return joined


# A story's text as its author is shown it, word for word as it would appear.


WORDS = "words:"
STORY_CLOSED = "story-closed"  # the author heard that the story will not be told any more


def story_text(context: PlayContext, candidate: StoryCandidate, template: str) -> Rendered:
    """Return the story of a post as the template tells it."""
    post = candidate.contribution.post
    story = write_story(candidate, context.texts.locale, context.forum_url)
    return context.texts.render(
        template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        headline=story.headline,
        name=story.name,
        topic=story.topic,
        day=context.texts.language.day(post.created_at.astimezone(context.occurrence.cohort.zone).date()),
        quote=story.quote,
        taken=story.taken,
        why=story.why,
        repeatable=story.repeatable,
    )


def as_shown(text: Rendered) -> Markdown:
    """Return a story between two lines, its title as a heading: the form in which `shown_in` finds it again."""
    return Markdown(f"---\n\n### {escape(text.title)}\n\n{text.body.strip()}\n\n---")


def words_ref(post: Post) -> str:
    """Return what tells the words of a post from other words: after an edit a consent to the old ones says nothing."""
    return f"{WORDS}{hashlib.sha256(plain_text(post.cooked).encode()).hexdigest()[:16]}"
