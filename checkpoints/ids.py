"""Checkpoint ids that come after all stored ones, whatever the clock says.

A session's newest checkpoint is the one with the largest id, and LangGraph makes ids from the time.
Where the clock has been set back since a session was stored, its new checkpoints would come before
the old ones, and the session would stand for ever where it stood.
"""

from uuid import UUID

from langgraph.checkpoint.base import id as ids

# LangGraph keeps the time of its last id here, and makes each id later than that.
_LAST = "_last_v6_timestamp"


def keep_ids_after(checkpoint_id: str) -> None:
    """Make the ids of all checkpoints that this process makes later than a stored one."""
    try:
        number = UUID(checkpoint_id).int
    except ValueError:
        return  # not of LangGraph's making, and so not from a clock
    # RFC 9562, section 5.6: 48 bits of time, the version, the last 12 bits of time.
    time = (number >> 80) << 12 | (number >> 64) & 0x0FFF
    setattr(ids, _LAST, max(time, getattr(ids, _LAST) or 0))
