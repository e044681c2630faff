"""What can stop an experiment."""

from collections.abc import Sequence

from magnet.state.intake_error import Problem


class ExperimentError(ValueError):
    """An experiment file that cannot be used: each problem with its place and what is expected."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = list(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class ExperimentStoppedError(RuntimeError):
    """A step is not finished; the same command goes on with it."""
