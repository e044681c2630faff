"""Alembic's scripts, one for each version of the tables; `magnet.store.schema` runs them."""
