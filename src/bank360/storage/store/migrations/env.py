"""What Alembic runs: the migrations of this folder on the connection that `storage.store.upgrade` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # SQLite too: the connection stands in a BEGIN IMMEDIATE of ours
)
context.run_migrations()
