"""A run before the user's eyes: how far it is, how fast, what it costs."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from magnet.cli.console import err
from magnet.sessions.batch import Tally
from magnet.sessions.estimate import cost_of
from magnet.sessions.runner import Event
from magnet.sessions.workspace import Workspace
from magnet.state import Call, Usage
from magnet.store import Session


class RunProgress:
    """Sessions done, failing and left; calls and tokens a second; cost so far."""

    def __init__(self, workspace: Workspace, tally: Tally, bar: Progress, before: dict[str, Usage]):
        """Start at what the run has used before."""
        self._workspace = workspace
        self._tally = tally
        self._bar = bar
        self._task = bar.add_task("", total=None)
        self._started = time.monotonic()
        self._calls = 0
        self._tokens = 0
        self._usage = before

    def watch(self, session: Session, event: Event) -> None:
        """Count a call."""
        if not isinstance(event, Call):
            return
        self._calls += 1
        self._tokens += event.usage.prompt + event.usage.completion
        self._usage[event.model] = self._usage.get(event.model, Usage()) + event.usage
        self.refresh()

    def refresh(self) -> None:
        """Show how it stands."""
        done = sum(self._tally.finished.values())
        seconds = max(1e-6, time.monotonic() - self._started)
        cost = cost_of(self._usage, self._workspace)
        parts = [
            f"{len(self._tally.failed)} failing",
            f"{self._calls / seconds:.1f} calls/s",
            f"{self._tokens / seconds:,.0f} tokens/s",
        ]
        if cost is not None:
            parts.append(f"cost {cost:.2f}")
        self._bar.update(
            self._task,
            completed=done,
            total=done + self._tally.left,
            description=" · ".join(parts),
        )


@contextmanager
def showing(
    workspace: Workspace, tally: Tally, before: dict[str, Usage], *, quiet: bool
) -> Generator[RunProgress]:
    """Show a run's progress on standard error while the block runs."""
    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("sessions · {task.description} · left"),
        TimeRemainingColumn(),
        console=err,
        refresh_per_second=4,
        disable=quiet,
    )
    with bar:
        yield RunProgress(workspace, tally, bar, before)
