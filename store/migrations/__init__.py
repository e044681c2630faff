"""Alembic's scripts, one for each version of the tables; `store.schema` runs them."""
