"""What can go wrong when training data is made or read."""

from magnet.state.errors import BadUseError


class TrainingDataError(BadUseError):
    """Sessions or settings that make no training data: names which, and the remedy."""
