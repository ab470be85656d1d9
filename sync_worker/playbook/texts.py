"""Whether a playbook's texts can be posted: every template filled in with every value, every deck in every language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.content.decks import read_deck, read_resources
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError
from sync_worker.playbook.load import shipped_texts
from sync_worker.plays.aftercare_values import AFTERCARE_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sync_worker.config.strict import Strict
    from sync_worker.content.template_words import Word
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play
    from sync_worker.rules.vocabulary import Vocabulary


def text_problems(playbook: Playbook, plays: Mapping[str, Play]) -> list[str]:
    """Return what is wrong with the texts of a playbook, each problem once, with file, line and column."""
    found: dict[str, None] = {}
    for language in playbook.file.languages:
        own = PlaybookTexts(playbook.folder, language)
        aftercare = ((name, words, None) for name, words in AFTERCARE_WORDS.items())
        for name, words, vocabulary in (*_templates_used(playbook, plays), *aftercare):
            texts = own if name in own.names() else shipped_texts(language)
            found.update(dict.fromkeys(texts.problems(name, words, vocabulary)))
    found.update(dict.fromkeys(_deck_problems(playbook)))
    if not found:
        try:
            PlaybookTexts(playbook.folder, playbook.file.languages[0]).check()  # those that no step uses as well
        except ConfigError as error:
            found[str(error)] = None
    return list(found)


def _templates_used(
    playbook: Playbook, plays: Mapping[str, Play]
) -> Iterator[tuple[str, Sequence[Word], Vocabulary | None]]:
    """Yield each template that a step uses, what it may say, and what its conditions may be about."""
    for step in playbook.file.steps:
        play = plays[step.play]
        for name, option in templates_of(play, playbook.options[step.id]):
            vocabulary = playbook.file.vocabulary(of_person=option in play.personal_texts)
            yield name, play.texts[option], vocabulary


def templates_of(play: Play, options: Strict) -> Iterator[tuple[str, str]]:
    """Yield each template that a step with these options uses, and the option that names it."""
    for option in play.texts:
        value = getattr(options, option, None)
        yield from ((name, option) for name in ((value,) if isinstance(value, str) else value or ()))


def decks_used(playbook: Playbook) -> list[str]:
    """Return the names of the decks that steps draw from."""
    return _named(playbook, "deck")


def _named(playbook: Playbook, option: str) -> list[str]:
    names = (getattr(options, option, None) for options in playbook.options.values())
    return sorted({name for name in names if isinstance(name, str)})


def _deck_problems(playbook: Playbook) -> Iterator[str]:
    """Yield decks and lists that cannot be read, and entries that their sisters in another language lack."""
    for name in sorted({*decks_used(playbook), *_named(playbook, "question_deck")}):
        yield from _unlike(playbook, name, PlaybookTexts.deck_path, _prompt_ids)
    for name in _named(playbook, "resources"):
        yield from _unlike(playbook, name, PlaybookTexts.resources_path, _resource_ids)


def _prompt_ids(path: Path) -> list[str]:
    return [prompt.id for prompt in read_deck(path).prompts]


def _resource_ids(path: Path) -> list[str]:
    return [resource.id for resource in read_resources(path).resources]


def _unlike(
    playbook: Playbook, name: str, place: Callable[[PlaybookTexts, str], Path], read: Callable[[Path], list[str]]
) -> Iterator[str]:
    ids: dict[Path, list[str]] = {}
    for language in playbook.file.languages:
        path = place(PlaybookTexts(playbook.folder, language), name)
        try:
            ids[path] = read(path)
        except ConfigError as error:
            yield str(error)
    for path, here in ids.items():
        missing = sorted({one for others in ids.values() for one in others} - set(here))
        if missing:
            yield f"{path}: this language lacks {', '.join(missing)}. Write it, with the same id as in the others."
