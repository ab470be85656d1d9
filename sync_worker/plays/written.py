"""What a topic of ours says: in one language or in several below each other, with a poll or with questions to answer.

A form, as Discourse means it, helps people who open a topic; a reply has none. Numbered questions work in every reply.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown
from sync_worker.content.templates import MAX_TITLE, PlaybookTexts
from sync_worker.languages.parts import PROMPT
from sync_worker.model import Approval, Translation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sync_worker.content.decks import Poll, Prompt
    from sync_worker.content.templates import Rendered
    from sync_worker.plays.context import PlayContext

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
    others = (PlaybookTexts(texts.folder, code, texts.shipped) for code in further)
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
