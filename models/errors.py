"""What can go wrong between a model's name and a model that answers."""


class UnknownModelError(ValueError):
    """A name that is not in the catalogue, and no path of a GGUF file either."""


class ModelDownloadError(RuntimeError):
    """A model could not be fetched, or what came is not the model; the text names the remedy."""


class FetchInterruptedError(RuntimeError):
    """Ctrl-C broke off the fetch of a model."""


class ModelStartError(RuntimeError):
    """llama.cpp could not load a model file."""
