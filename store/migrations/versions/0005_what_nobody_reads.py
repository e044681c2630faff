"""Without what was written and never read: a run's status, a call's error.

Revision: 0005, after 0004.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Drop the columns; a run's sessions tell how it stands, and a call is stored answered."""
    for name in ("status", "settings_hash", "updated"):
        op.drop_column("runs", name)
    op.drop_column("calls", "error")
