"""Alembic's entry: runs the revisions on the connection, and in the transaction, that `store.migrate` opened."""

from alembic import context
from sqlmodel import SQLModel

from stockbook.store import tables

assert tables, "declares the models"

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
context.run_migrations()
