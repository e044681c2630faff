"""What can go wrong when a model or an adapter is written as GGUF."""


class GgufError(ValueError):
    """A model or an adapter that this software cannot write as GGUF: says why, and the remedy."""
