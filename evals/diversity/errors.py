"""What can be wrong with what diversity is measured with and on."""


class TokenizerError(ValueError):
    """A tokenizer that cannot be used: names the SPEC, what is wrong, and the remedy."""


class DiversityError(ValueError):
    """Runs that cannot be compared: names the run, what was expected and the remedy."""
