"""What can stop an experiment."""

from magnet.state.errors import MagnetError
from magnet.state.intake_error import ProblemsError


class ExperimentError(ProblemsError):
    """An experiment file that cannot be used: each problem with its place and what is expected."""


class ExperimentStoppedError(MagnetError):
    """A step is not finished; the same command goes on with it."""
