"""Brings the tables of a store up to date with alembic; imported only when they are behind."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from sync_worker.errors import ConfigError
from sync_worker.store.database import revision_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine


def migration_config() -> Config:
    """Return alembic's configuration for the migrations inside the package."""
    config = Config()
    config.set_main_option("script_location", str(files("sync_worker.store").joinpath("migrations")).replace("%", "%%"))
    return config


def upgrade(engine: Engine, where: str) -> None:
    """Carry out the migrations that a database has not had yet, all in one transaction.

    Args:
        engine: of the database; the caller sees to it that no other process does the same.
        where: what messages call the database.

    Raises:
        ConfigError: a newer version wrote this database.

    """
    config = migration_config()
    script = ScriptDirectory.from_config(config)
    current = revision_of(engine)
    known = {revision.revision for revision in script.walk_revisions()}
    if current is not None and current not in known:
        raise ConfigError(
            f"a newer version of lcm wrote this store (tables {current}).",
            where=where,
            do="Use that version, or another store.",
        )
    if current != script.get_current_head():
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                # Python's sqlite3 begins no transaction for CREATE TABLE, and half of the tables would be no store.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
