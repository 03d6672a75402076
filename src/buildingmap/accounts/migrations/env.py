"""Alembic's entry: the migrations run on the connection, and in the transaction, of whoever opens the accounts."""

from alembic import context

from buildingmap.accounts.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
