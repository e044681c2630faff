"""What can go wrong between a model's name and a model that answers."""

from magnet.state.errors import INTERRUPTED, BadUseError, MagnetError


class UnknownModelError(BadUseError):
    """A name that is not in the catalogue, and no path of a GGUF file either."""


class ModelDownloadError(MagnetError):
    """A model could not be fetched, or what came is not the model; the text names the remedy."""


class FetchInterruptedError(MagnetError):
    """Ctrl-C broke off the fetch of a model."""

    exit_code = INTERRUPTED


class ModelStartError(MagnetError):
    """llama.cpp could not load a model file."""


class EndpointStoppedError(MagnetError):
    """An endpoint that takes no more calls for now: its quota is used up, or it refuses the key."""


class EndpointSilentError(MagnetError):
    """An endpoint that has not answered a call in all the time that there is for one."""
