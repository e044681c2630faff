"""Verdicts on two sessions, of judge models and of people.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_WORD = sa.String(32)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "preferences",
        _session("first"),
        _session("second", index=True),
        sa.Column("aspect", sa.Text(), primary_key=True),
        sa.Column("kind", _WORD, primary_key=True),
        sa.Column("rater", sa.Text(), primary_key=True),
        sa.Column("instrument", sa.Text(), primary_key=True),
        sa.Column("verdict", _WORD),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    )


def _session(name: str, *, index: bool = False) -> sa.Column[str]:
    sessions = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    return sa.Column(name, sa.Text(), sessions, primary_key=True, index=index)
