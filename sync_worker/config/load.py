"""Read `lcm.yaml`; turn declared cohorts into complete ones, with names that fit Discourse; find the API key."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.config.base import is_there
from sync_worker.config.located_yaml import KeyPath, LocatedYaml, read_yaml, validate
from sync_worker.config.options import StepChangeSettings, changes_of
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings, SourcedCohortSettings
from sync_worker.errors import ConfigError
from sync_worker.model import Cohort
from sync_worker.model.rights import is_reserved
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def load_settings(path: Path) -> Settings:
    """Read the configuration; relative paths in it are taken from its own folder.

    Raises:
        ConfigError: with file, line and column of every problem.

    """
    _refuse_absent(path)
    document = read_yaml(path)
    settings = validate(Settings, document)
    _refuse_shared_names(settings, document)
    _refuse_unknown_cohorts(settings, document)
    _remember_places(settings, document)
    base = path.resolve().parent
    update: dict[str, object] = {"playbooks": tuple(base / folder for folder in settings.playbooks)}
    if settings.roster:
        update["roster"] = settings.roster.at(base)
    if settings.rosters:
        update["rosters"] = tuple(source.at(base) for source in settings.rosters)
    if settings.forum.key_file:
        update["forum"] = settings.forum.model_copy(update={"key_file": base / settings.forum.key_file})
    if settings.mail:
        paths = {name: base / path for name in ("folder", "password_file") if (path := getattr(settings.mail, name))}
        update["mail"] = settings.mail.model_copy(update=paths)
    model = settings.language_model
    if model and model.key_file:
        update["language_model"] = model.model_copy(update={"key_file": base / model.key_file})
    if settings.store.startswith("sqlite:///") and not settings.store.startswith("sqlite:////"):
        update["store"] = f"sqlite:///{base / settings.store.removeprefix('sqlite:///')}"
    return settings.model_copy(update=update)


def _refuse_absent(path: Path) -> None:
    """Say how to get settings where there are none; another spelling of the name is the usual cause."""
    if is_there(path):
        return
    other = path.with_suffix(".yml" if path.suffix == ".yaml" else ".yaml")
    do = "'lcm init' writes a first one here; --config names one elsewhere."
    if other.is_file():
        do = f"There is {other.name}: rename it to {path.name}, or say '--config {other}'."
    raise ConfigError("cannot be read: No such file or directory.", where=str(path), do=do)


def _refuse_shared_names(settings: Settings, document: LocatedYaml) -> None:
    """Two cohorts must not meet in one group or category."""
    clash = first_clash(complete_cohort(declared) for declared in settings.cohorts)
    if clash is None:
        return
    where = document.where(("cohorts", [cohort.key for cohort in settings.cohorts].index(clash.key)))
    raise ConfigError(clash.words, where=where, do=clash.do)


def _refuse_unknown_cohorts(settings: Settings, document: LocatedYaml) -> None:
    """A source must not lead to a cohort that nobody declared, unless cohorts may come from the source.

    Nor may `private_categories_of` of a language model name one.
    """
    if settings.cohorts_from:
        return
    declared = [cohort.key for cohort in settings.cohorts]
    allowed = settings.language_model.private_categories_of if settings.language_model else ()
    for number, key in enumerate(allowed):
        if key not in declared:
            raise ConfigError(
                f"the cohort '{key}' is not declared.{nearest(key, declared)}",
                where=document.where(("language_model", "private_categories_of", number)),
                do="Declare it under cohorts.",
            )
    for index, source in enumerate(settings.sources):
        roster: tuple[str | int, ...] = ("roster",) if settings.roster else ("rosters", index)
        named: list[tuple[KeyPath, str]] = [(("cohorts", written), key) for written, key in source.cohorts.items()]
        named += [(("feeds", number), key) for number, key in enumerate(source.feeds)]
        if source.default_cohort is not None:
            named.append((("default_cohort",), source.default_cohort))
        for path, key in named:
            if key not in declared:
                raise ConfigError(
                    f"the cohort '{key}' is not declared.{nearest(key, declared)}",
                    where=document.where((*roster, *path)),
                    do="Declare it under cohorts.",
                )


def _remember_places(settings: Settings, document: LocatedYaml) -> None:
    """Let each changed step know where it is written; whether it fits is known once the playbook is read."""
    changed: dict[KeyPath, StepChangeSettings] = {
        ("cohorts", index, "steps", step): change
        for index, cohort in enumerate(settings.cohorts)
        for step, change in cohort.steps.items()
    }
    if settings.cohorts_from:
        changed |= {("cohorts_from", "steps", step): change for step, change in settings.cohorts_from.steps.items()}
    places: dict[KeyPath, dict[KeyPath, tuple[int, int]]] = {path: {} for path in changed}
    for path, place in document.places.items():
        for length in (3, 4):
            if path[:length] in places:
                places[path[:length]][path[length:]] = place
    for path, change in changed.items():
        change.written_in(document.file, places[path])


def api_key(forum: ForumSettings, environ: Mapping[str, str] | None = None) -> str:
    """Return the API key from its file or the environment.

    Raises:
        ConfigError: neither has one, or it cannot be a key; says which were tried.

    """
    environment = os.environ if environ is None else environ
    source = str(forum.key_file) if forum.key_file else f"environment variable {forum.key_env}"
    if forum.key_file:
        try:
            key = forum.key_file.read_text(encoding="utf-8", errors="replace").strip()
        except OSError as error:
            raise ConfigError(
                f"the API key's file cannot be read: {error.strerror}.",
                where=str(forum.key_file),
                do="Write the key into it, readable only by the worker's user.",
            ) from None
    else:
        key = environment.get(forum.key_env or "", "").strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError(
            "the API key has characters that no key has.",
            where=source,
            do="Copy it again from Discourse under Admin > API: one line of letters and digits, nothing else.",
        )
    if not key:
        raise ConfigError(f"no API key in {source}.", do="Make one in Discourse under Admin > API and put it there.")
    return key


def complete_cohort(declared: CohortSettings) -> Cohort:
    """Return the cohort with every name filled in, within Discourse's limits and without collisions."""
    return Cohort(
        key=declared.key,
        name=declared.name,
        start=declared.start,
        end=declared.end,
        timezone=declared.timezone,
        locale=declared.locale,
        languages=declared.languages,
        group=declared.group or group_name(declared.key),
        lcm_group=declared.lcm_group or group_name(declared.key, "-lcm"),
        category=declared.category or cut_at_word(declared.name, MAX_CATEGORY_NAME),
        category_slug=declared.category_slug or declared.key,
        playbook=declared.playbook,
        programme=declared.programme,
        tags=declared.tags,
        also_reads=declared.also_reads,
        archive_after=declared.archive_after,
        alumni_group=declared.alumni_group,
        parent_category=declared.parent_category,
        group_notifications=declared.group_notifications,
        category_notifications=declared.category_notifications,
        from_source=declared.source if isinstance(declared, SourcedCohortSettings) else None,
        days_off=declared.days_off.as_data,
        step_changes=changes_of(declared.steps),
    )


# Names of groups and categories for cohorts, within Discourse's limits and without collisions. Pure.


MAX_GROUP_NAME = 20
MAX_CATEGORY_NAME = 50
DIGEST = 6
LCM = "-lcm"


@dataclass(frozen=True, slots=True)
class Names:
    """What a cohort's group, LCM group, category and category's slug are called."""

    group: str
    lcm_group: str
    category: str
    category_slug: str


ALUMNI = "alumni_group"


@dataclass(frozen=True, slots=True)
class Clash:
    """A cohort whose group or category (`kind`) has the name that another's, or another of its own, has already."""

    key: str
    kind: str
    name: str
    owner: str

    @property
    def words(self) -> str:
        """What is wrong."""
        if self.kind == ALUMNI:
            return f"the group '{self.name}' of {self.owner} cannot be the alumni group of {self.key} as well."
        if self.owner == self.key:
            return f"the {self.kind} '{self.name}' cannot be for learners and LCMs both."
        return f"the {self.kind} '{self.name}' would serve both {self.owner} and {self.key}."

    @property
    def do(self) -> str:
        """What to do about it, in lcm.yaml."""
        if self.kind == ALUMNI:
            return "Give it another 'alumni_group', that is no cohort's own."
        if self.owner == self.key:
            return "Give the LCMs an 'lcm_group' of their own."
        return f"Give one of them a '{self.kind}' of its own."


def group_name(key: str, suffix: str = "") -> str:
    """Return a group name of 3 to 20 characters for a cohort key; long keys keep a digest, so none collide."""
    room = MAX_GROUP_NAME - len(suffix)
    stem = key
    if len(stem) > room:
        digest = hashlib.sha256(key.encode()).hexdigest()[:5]
        stem = f"{key[: room - 6].rstrip('-')}-{digest}"
    return f"{stem}{suffix}" if len(stem) + len(suffix) >= 3 else f"{stem}-c{suffix}"


def source_names(key: str, name: str, *, plain: bool) -> Names:
    """Return names for a cohort that comes from a source: by its full name, told apart by a digest of its key.

    They depend on key and name alone, not on what other cohorts there are. Without digest where the name is the key, or
    where `plain`; always with it where the name is that of one of Discourse's own groups.
    """
    stem = slug(name)
    if stem and (plain or stem == key) and not is_reserved(stem):
        return Names(group_name(stem), group_name(stem, LCM), cut_at_word(name, MAX_CATEGORY_NAME), key)
    digest = base64.b32encode(hashlib.sha256(key.encode()).digest()).decode().casefold()[:DIGEST]
    group, lcm_group = (
        f"{stem[: MAX_GROUP_NAME - len(suffix) - DIGEST - 1].rstrip('-') or 'c'}-{digest}{suffix}"
        for suffix in ("", LCM)
    )
    category = f"{cut_at_word(name, MAX_CATEGORY_NAME - DIGEST - 3)} ({digest})"
    return Names(group, lcm_group, category, key)


def slug(text: str) -> str:
    """Return text in lower-case ASCII letters, digits and hyphens; empty where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def first_clash(cohorts: Iterable[Cohort]) -> Clash | None:
    """Return the first two cohorts that would meet in one group or category, or whose LCMs share their learners' group.

    An alumni group is no cohort's own: its people would join the learners or LCMs of another, or be taken out of
    their own. On the forum, names differ by more than their case.
    """
    owners: dict[tuple[str, str], str] = {}
    listed = list(cohorts)
    for cohort in listed:
        names = (
            ("group", cohort.group),
            ("group", cohort.lcm_group),
            ("category", cohort.category),
            ("category_slug", cohort.category_slug),
        )
        for kind, name in names:
            owner = owners.setdefault((kind, name.casefold()), cohort.key)
            if owner != cohort.key:
                return Clash(cohort.key, kind, name, owner)
        if cohort.group.casefold() == cohort.lcm_group.casefold():
            return Clash(cohort.key, "group", cohort.group, cohort.key)
    for cohort in listed:
        alumni = cohort.alumni_group
        if alumni and (whose := owners.get(("group", alumni.casefold()))):
            return Clash(cohort.key, ALUMNI, alumni, whose)
    return None


def cut_at_word(name: str, length: int) -> str:
    """Return a name that is no longer than that, ending with a whole word where the last one is not most of it."""
    if len(name) <= length:
        return name
    head = name[:length]
    words = head if name[length].isspace() else head.rsplit(maxsplit=1)[0]
    whole = words.rstrip(" ,;:.-–—(/&+")
    return whole if len(whole) > length // 2 else head.rstrip()
