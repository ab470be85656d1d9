"""Read `lcm.yaml`; turn declared cohorts into complete ones; find the API key."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sync_worker.config.cohort_names import MAX_CATEGORY_NAME, cut_at_word, first_clash, group_name
from sync_worker.config.located_yaml import KeyPath, LocatedYaml, read_yaml, validate
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings, SourcedCohortSettings
from sync_worker.config.step_changes import changes_of
from sync_worker.errors import ConfigError
from sync_worker.model import Cohort
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    base = path.resolve().parent
    update: dict[str, object] = {"playbooks": tuple(base / folder for folder in settings.playbooks)}
    if settings.roster:
        update["roster"] = settings.roster.at(base)
    if settings.rosters:
        update["rosters"] = tuple(source.at(base) for source in settings.rosters)
    if settings.forum.key_file:
        update["forum"] = settings.forum.model_copy(update={"key_file": base / settings.forum.key_file})
    if settings.store.startswith("sqlite:///") and not settings.store.startswith("sqlite:////"):
        update["store"] = f"sqlite:///{base / settings.store.removeprefix('sqlite:///')}"
    return settings.model_copy(update=update)


def _refuse_absent(path: Path) -> None:
    """Say how to get settings where there are none; another spelling of the name is the usual cause."""
    if path.exists():
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
    if clash.owner == clash.key:
        what = f"the group '{clash.name}' cannot be for learners and LCMs both."
        raise ConfigError(what, where=where, do="Give the LCMs an 'lcm_group' of their own.")
    raise ConfigError(
        f"the {clash.kind} '{clash.name}' would serve both {clash.owner} and {clash.key}.",
        where=where,
        do=f"Give one of them a '{clash.kind}' of its own.",
    )


def _refuse_unknown_cohorts(settings: Settings, document: LocatedYaml) -> None:
    """A source must not lead to a cohort that nobody declared, unless cohorts may come from the source."""
    if settings.cohorts_from:
        return
    declared = [cohort.key for cohort in settings.cohorts]
    for index, source in enumerate(settings.sources):
        place: tuple[str | int, ...] = ("roster",) if settings.roster else ("rosters", index)
        named: list[tuple[KeyPath, str]] = [(("cohorts", written), key) for written, key in source.cohorts.items()]
        named += [(("feeds", number), key) for number, key in enumerate(source.feeds)]
        if source.default_cohort is not None:
            named.append((("default_cohort",), source.default_cohort))
        for path, key in named:
            if key not in declared:
                raise ConfigError(
                    f"the cohort '{key}' is not declared.{nearest(key, declared)}",
                    where=document.where((*place, *path)),
                    do="Declare it under cohorts.",
                )


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
