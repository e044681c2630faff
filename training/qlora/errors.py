"""What can go wrong with fine-tuning, each with its remedy."""

from magnet.state.errors import BadUseError, MagnetError


class QloraError(BadUseError):
    """Fine-tuning cannot begin as it was asked for."""


class QloraSettingsError(QloraError):
    """Settings that cannot be used: names the file, the field and what was expected."""


class TemplateError(QloraError):
    """The chat template does not show what a counselor says as it was said."""


class InfeasibleError(QloraError):
    """What the settings ask for does not work here: says why, and what to change."""


class OtherRunError(QloraError):
    """The folder holds a run with other data, base or settings."""


class TrainingFailedError(MagnetError):
    """A rank ended before the training did."""
