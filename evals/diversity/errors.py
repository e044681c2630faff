"""What can be wrong with what diversity is measured with and on."""

from magnet.state.errors import BadUseError


class TokenizerError(BadUseError):
    """A tokenizer that cannot be used: names the SPEC, what is wrong, and the remedy."""


class DiversityError(BadUseError):
    """Runs that cannot be compared: names the run, what was expected and the remedy."""
