"""Post the next prompt of a deck; none comes twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from sync_worker.content.decks import read_deck
from sync_worker.content.markdown import Markdown
from sync_worker.content.reasons import reasons_for
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.context import Drafted
from sync_worker.plays.frame import cohort_words, host_links, host_names
from sync_worker.plays.options import Name, TopicOptions
from sync_worker.plays.relay import shared_refs
from sync_worker.plays.written import asking, contexts, in_languages, poll

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.content.decks import Deck, Prompt
    from sync_worker.content.templates import PlaybookTexts, Rendered
    from sync_worker.plays.context import PastDraft, PlayContext


class Options(TopicOptions):
    """`with:` of a `prompt` step."""

    deck: Name
    template: Name = "prompt"
    pick: Literal["next", "random"] = "next"


def draft(context: PlayContext) -> Drafted:
    """Return the prompt as a topic."""
    options = cast("Options", context.options)
    deck = read_deck(context.texts.deck_path(options.deck))
    fresh = deck.fresh(asked(deck, options.deck, context.history.drafts()), at_the_end=context.at_the_end)
    if not fresh:
        return Drafted((), f"every prompt of deck '{options.deck}' was asked; none is asked twice, so add some")
    prompt = context.rng.choice(fresh) if options.pick == "random" else fresh[0]
    same = [found for each in contexts(context) if (found := _same(each, options, prompt)) is not None]
    text = in_languages(context, lambda each: _written(each, options, prompt)).followed_by(poll(same, context))
    reason = reasons_for(context.texts.locale).prompt(len(fresh) - 1)
    topic = Draft(
        kind=DraftKind.TOPIC,
        title=text.title,
        raw=text.body,
        reason=reason,
        tags=options.tags,
        pin_days=options.pin,
        approval=context.approval,
        locale=text.locale,
        translations=text.translations,
        refs=("prompt", _ref(options.deck, prompt), *shared_refs(context)),
    )
    return Drafted((topic,), reason)


def _same(context: PlayContext, options: Options, prompt: Prompt) -> Prompt | None:
    """Return the prompt in the language of a context, None where the deck lacks it there."""
    prompts = read_deck(context.texts.deck_path(options.deck)).prompts
    return next((one for one in prompts if one.id == prompt.id), None)


def _written(context: PlayContext, options: Options, prompt: Prompt) -> Rendered | None:
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


def may_poll(options: Options, texts: PlaybookTexts) -> bool:
    """Whether a step's prompts have polls, so that it matters whether the forum has them."""
    return any(prompt.poll is not None for prompt in read_deck(texts.deck_path(options.deck)).prompts)


def asked(deck: Deck, name: str, past: Sequence[PastDraft]) -> frozenset[str]:
    """Return the ids of a deck's prompts that a cohort got before, by any playbook: by name, or by the same title."""
    refs = {ref for one in past for ref in one.draft.refs}
    titles = [one.draft.title or "" for one in past]
    return frozenset(
        prompt.id
        for prompt in deck.prompts
        if _ref(name, prompt) in refs or any(title.endswith(prompt.title) for title in titles)
    )


def _ref(deck: str, prompt: Prompt) -> str:
    return f"prompt:{deck}/{prompt.id}"
