"""Post the next prompt of a deck; none comes twice before all have come once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, cast

from sync_worker.content.decks import read_deck
from sync_worker.content.markdown import Markdown
from sync_worker.content.reasons import reasons_for
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.context import Drafted
from sync_worker.plays.frame import cohort_words, host_names
from sync_worker.plays.options import Name, TopicOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.content.decks import Prompt
    from sync_worker.plays.context import PlayContext


class Options(TopicOptions):
    """`with:` of a `prompt` step."""

    deck: Name
    template: Name = "prompt"
    pick: Literal["next", "random"] = "next"


def draft(context: PlayContext) -> Drafted:
    """Return the prompt as a topic."""
    options = cast("Options", context.options)
    deck = read_deck(context.texts.deck_path(options.deck))
    prompt, left = _pick(deck.prompts, context, options)
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        title=Markdown(prompt.title),
        text=Markdown(prompt.text.strip()),
        why=Markdown(prompt.why.strip()),
    )
    reason = reasons_for(context.texts.locale).prompt(left)
    topic = Draft(
        kind=DraftKind.TOPIC,
        title=text.title,
        raw=text.body,
        reason=reason,
        tags=options.tags,
        pin_days=options.pin,
        approval=context.approval,
        refs=("prompt", _ref(options.deck, prompt)),
    )
    return Drafted((topic,), reason)


def _pick(prompts: Sequence[Prompt], context: PlayContext, options: Options) -> tuple[Prompt, int]:
    """Return a prompt that came least often so far, and how many as rare as it remain."""
    used = Counter(ref for past in context.history.drafts() for ref in past.draft.refs)
    rarest = min(used[_ref(options.deck, prompt)] for prompt in prompts)
    fresh = [prompt for prompt in prompts if used[_ref(options.deck, prompt)] == rarest]
    chosen = context.rng.choice(fresh) if options.pick == "random" else fresh[0]
    return chosen, len(fresh) - 1


def _ref(deck: str, prompt: Prompt) -> str:
    return f"prompt:{deck}/{prompt.id}"
