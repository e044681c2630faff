"""The tables of the first release: runs, sessions, model calls, scores and preferences.

Revision: 0005, the first. The four before it were folded into this one before the release; a
database that had all five is the same as one that is made here, so the number stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_WORD = sa.String(32)
_NUMBER = sa.Integer()


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "runs",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("run", sa.Text(), sa.ForeignKey("runs.name"), index=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("attitude", _WORD, nullable=False),
        sa.Column("client_name", sa.Text(), nullable=False),
        sa.Column("client_number", _NUMBER),
        sa.Column("client", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("models", sa.JSON(), nullable=False),
        sa.Column("prompt_hash", sa.Text(), nullable=False),
        sa.Column("prompt_layout", sa.Text(), nullable=False),
        sa.Column("status", _WORD, nullable=False),
        sa.Column("end_reason", _WORD),
        sa.Column("error", sa.Text()),
        sa.Column("plan", sa.JSON()),
        sa.Column("utterances", sa.JSON(), nullable=False),
        sa.Column("exchanges", sa.JSON(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("parent_checkpoint", sa.Text()),
        sa.Column("source", sa.JSON()),
        sa.Column("created", _TIME, nullable=False, index=True),
        sa.Column("updated", _TIME, nullable=False),
    )
    op.create_table(
        "calls",
        _session("session"),
        sa.Column("exchange", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("node", sa.Text(), primary_key=True),
        sa.Column("attempt", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("started", _TIME, nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("prompt_tokens", _NUMBER, nullable=False),
        sa.Column("cached_tokens", _NUMBER, nullable=False),
        sa.Column("completion_tokens", _NUMBER, nullable=False),
        sa.Column("retries", _NUMBER, nullable=False),
        sa.Column("finish_reason", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("messages", sa.JSON()),
        sa.Column("outcome", sa.Text()),
    )
    op.create_table(
        "scores",
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("sheet", sa.Text(), primary_key=True),
        sa.Column("item", sa.Text(), primary_key=True),
        sa.Column("judge", sa.Text(), primary_key=True),
        sa.Column("sample", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("prompt_hash", sa.Text(), primary_key=True),
        sa.Column("value", sa.Float(53)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created", _TIME, nullable=False),
    )
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
        sa.Column("created", _TIME, nullable=False),
    )


def _session(name: str, *, index: bool = False) -> sa.Column[str]:
    sessions = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    return sa.Column(name, sa.Text(), sessions, primary_key=True, index=index)
