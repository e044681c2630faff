"""How long a PostgreSQL that does not answer is waited for: by the store, locks and checkpoints."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

ASK_AGAIN = 0.25
"""Seconds between two tries to reach it."""
SET_STATEMENT_TIMEOUT = "SET statement_timeout = '60s'"
# Seconds to connect, and until a connection that says nothing counts as gone.
_CONNECTING: Mapping[str, int] = {
    "connect_timeout": 10,
    "tcp_user_timeout": 20_000,  # milliseconds
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
_ANEW = 4
# Connections that break, and a server that shuts down or has not come up yet.
_GONE = ("08", "57P")


@dataclass(slots=True)
class Patience:
    """One time for all that wait: a restart takes seconds; one that is gone for good ends it."""

    seconds: float = 20.0
    _gone_since: float | None = field(default=None, init=False)

    def reached(self) -> None:
        """Note that the database answers."""
        self._gone_since = None

    def lasts(self) -> bool:
        """Note that the database does not answer; tell whether to try again."""
        now = time.monotonic()
        # Who asks much later, in a process that lives on, waits anew.
        if self._gone_since is None or now - self._gone_since > _ANEW * self.seconds:
            self._gone_since = now
        return now - self._gone_since < self.seconds

    @property
    def is_over(self) -> bool:
        """Whether it was waited for in vain just now, so that nobody else needs to."""
        gone = 0.0 if self._gone_since is None else time.monotonic() - self._gone_since
        return self.seconds <= gone <= _ANEW * self.seconds


def connecting(url_says: Mapping[str, object]) -> dict[str, int]:
    """Return how long to wait for a connection, where the database's URL does not say it."""
    return {name: value for name, value in _CONNECTING.items() if name not in url_says}


def is_gone(error: BaseException) -> bool:
    """Return whether an operational error of the driver's says that the server is not there."""
    state: str | None = getattr(error, "sqlstate", None)
    return state is None or state.startswith(_GONE)
