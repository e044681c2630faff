"""What the file of an imported session says that has no column of its own.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; sessions that were generated have nothing in it."""
    op.add_column("sessions", sa.Column("source", sa.JSON()))
