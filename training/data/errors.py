"""What can go wrong when training data is made or read."""


class TrainingDataError(ValueError):
    """Sessions or settings that make no training data: names which, and the remedy."""
