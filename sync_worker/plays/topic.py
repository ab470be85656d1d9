"""Post a topic from a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sync_worker.content.reasons import reasons_for
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.context import Drafted
from sync_worker.plays.frame import cohort_words, host_links, host_names
from sync_worker.plays.options import Name, TopicOptions
from sync_worker.plays.written import in_languages

if TYPE_CHECKING:
    from sync_worker.content.templates import Rendered
    from sync_worker.plays.context import PlayContext


class Options(TopicOptions):
    """`with:` of a `topic` step."""

    template: Name


def draft(context: PlayContext) -> Drafted:
    """Return the topic."""
    options = cast("Options", context.options)
    text = in_languages(context, lambda each: _written(each, options))
    reason = reasons_for(context.texts.locale).template()
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
        refs=(f"topic:{options.template}",),
    )
    return Drafted((topic,), reason)


def _written(context: PlayContext, options: Options) -> Rendered:
    return context.texts.render(
        options.template, cohort=cohort_words(context), hosts=host_names(context), host_links=host_links(context)
    )
