"""What can go wrong when a model or an adapter is written as GGUF."""

from magnet.state.errors import BadUseError


class GgufError(BadUseError):
    """A model or an adapter that this software cannot write as GGUF: says why, and the remedy."""
