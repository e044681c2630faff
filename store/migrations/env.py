"""What Alembic executes: the migrations run on the connection that `magnet.store.schema` opened."""

from alembic import context

from magnet.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters most things by rebuilding the table
)
with context.begin_transaction():
    context.run_migrations()
