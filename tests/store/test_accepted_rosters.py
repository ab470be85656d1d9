"""A store of an older version keeps the sizes that its rosters had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from sqlalchemy import create_engine, select, text

from sync_worker.store.database import open_store
from sync_worker.store.tables import AcceptedRosterRow, CursorRow
from sync_worker.store.upgrade import migration_config

if TYPE_CHECKING:
    pass

BEFORE = "0005_groups"


def test_the_sizes_of_an_older_store_are_what_the_next_roster_is_compared_with(url: str) -> None:
    engine, config = create_engine(url), migration_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
        statement = text("INSERT INTO cursors (forum, name, value) VALUES ('f', :name, :value)")
        connection.execute(statement, [{"name": "roster-size:spring", "value": "40"}, {"name": "other", "value": "x"}])
    engine.dispose()
    store = open_store(url)
    with store.begin() as session:
        row = session.get_one(AcceptedRosterRow, ("f", "spring"))
        assert list(row.content["sizes"].values()) == [40]
        assert session.scalars(select(CursorRow.name)).all() == ["other"]
    store.close()
