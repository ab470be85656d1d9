"""Post the next thing to read, watch or use from a list, at its moment; none comes twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sync_worker.content.decks import read_resources
from sync_worker.content.markdown import Markdown
from sync_worker.content.reasons import reasons_for
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.context import Drafted
from sync_worker.plays.frame import cohort_words, host_links, host_names
from sync_worker.plays.options import Name, TopicOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.content.decks import Resource, ResourceList
    from sync_worker.plays.context import PastDraft, PlayContext

RESOURCE = "resource"
OF_LIST = "resource:"  # before a list and an id, among the refs of a resource
LINKS_TO = "links-to:"  # before an address, among them: clicks on it are counted


class Options(TopicOptions):
    """`with:` of a `resource` step: the list, and only those of its entries that have one of the tags in `tagged`."""

    resources: Name
    template: Name = "resource"
    tagged: tuple[str, ...] = ()


def draft(context: PlayContext) -> Drafted:
    """Return the resource as a topic, or nothing where the list has none for this day."""
    options = cast("Options", context.options)
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
    topic = Draft(
        kind=DraftKind.TOPIC,
        title=text.title,
        raw=text.body,
        reason=reason,
        tags=tuple(dict.fromkeys((*options.tags, *resource.tags))),
        pin_days=options.pin,
        approval=context.approval,
        refs=(RESOURCE, _ref(options.resources, resource), f"{LINKS_TO}{resource.link}"),
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
        if _ref(name, one) in refs or any(f"]({one.link})" in draft.raw for draft in given)
    )


def _ref(name: str, resource: Resource) -> str:
    return f"{OF_LIST}{name}/{resource.id}"
