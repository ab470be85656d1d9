"""Runs the migrations on the connection that `open_store` hands over."""

from __future__ import annotations

from alembic import context

from sync_worker.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
