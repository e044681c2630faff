"""Errors at the command line: their exit codes (0 done, 1 failed, 2 bad use) and their words."""

from collections.abc import Mapping

import openai
from langchain_core.exceptions import ContextOverflowError

from checkpoints import CheckpointError, SessionBusyError
from evals.diversity.errors import DiversityError, TokenizerError
from evals.preference.aspects import AspectError
from evals.rating_kit.answers import AnswersError
from evals.rating_kit.key import KitError
from evals.scales.files import ScaleError
from graph import MethodError
from magnet.breakpoints import BreakpointError
from magnet.debugging.replaying import ReplayGapError
from magnet.debugging.timeline import PointError
from magnet.experiments.errors import ExperimentError, ExperimentStoppedError
from magnet.holding import RunBusyError
from magnet.imported import ImportedError
from magnet.judged import JudgingError
from magnet.metrics.metric import EvaluationError
from magnet.models.errors import (
    FetchInterruptedError,
    ModelDownloadError,
    ModelStartError,
    UnknownModelError,
)
from magnet.models.probe import EndpointError
from magnet.redaction import redact
from magnet.reporting.errors import ReportError
from magnet.runner import SessionChangedError, SessionExistsError
from magnet.serving import ServeError
from magnet.settings import SettingsError
from magnet.sides import SideError
from prompts import PromptError
from state.intake_error import IntakeError
from state.values import ValueNameError
from store import AmbiguousIdError, RunSettingsError, StoreError, UnknownIdError
from store.formats.errors import ExportError, UnreadablePathError
from training.adapters import AdapterError
from training.bases import BaseModelError
from training.data.errors import TrainingDataError
from training.gguf.errors import GgufError
from training.merging import MergeError
from training.qlora.errors import QloraError, TrainingFailedError

FAILED, BAD_USE = 1, 2
INTERRUPTED = 130
"""As of a command that Ctrl-C ends anywhere else."""

# The first that fits: what the user can mend in the command or its files is bad use.
EXIT_CODES: Mapping[type[Exception], int] = {
    IntakeError: BAD_USE,
    SettingsError: BAD_USE,
    MethodError: BAD_USE,
    PromptError: BAD_USE,
    UnknownModelError: BAD_USE,
    UnknownIdError: BAD_USE,
    AmbiguousIdError: BAD_USE,
    SessionChangedError: BAD_USE,
    SessionExistsError: BAD_USE,
    ImportedError: BAD_USE,
    RunSettingsError: BAD_USE,
    BreakpointError: BAD_USE,
    PointError: BAD_USE,
    ValueNameError: BAD_USE,
    ReplayGapError: FAILED,
    UnreadablePathError: BAD_USE,
    EvaluationError: BAD_USE,
    ExperimentError: BAD_USE,
    DiversityError: BAD_USE,
    TokenizerError: BAD_USE,
    AspectError: BAD_USE,
    ScaleError: BAD_USE,
    SideError: BAD_USE,
    ReportError: BAD_USE,
    KitError: BAD_USE,
    AnswersError: BAD_USE,
    TrainingDataError: BAD_USE,
    AdapterError: BAD_USE,
    BaseModelError: BAD_USE,
    GgufError: BAD_USE,
    MergeError: BAD_USE,
    QloraError: BAD_USE,
    TrainingFailedError: FAILED,
    JudgingError: FAILED,
    ServeError: BAD_USE,
    ExportError: FAILED,
    ExperimentStoppedError: FAILED,
    RunBusyError: FAILED,
    SessionBusyError: FAILED,
    StoreError: FAILED,
    CheckpointError: FAILED,
    FetchInterruptedError: INTERRUPTED,
    ModelDownloadError: FAILED,
    ModelStartError: FAILED,
    EndpointError: FAILED,
    ContextOverflowError: FAILED,
    openai.OpenAIError: FAILED,
}


def explain(error: Exception) -> str:
    """Say what went wrong in the words of the user's problem, with the remedy."""
    if isinstance(error, openai.APIConnectionError):
        return (
            f"the model's endpoint {error.request.url} does not answer "
            f"({error.__cause__ or error}). Start it or correct its base_url; 'magnet doctor' "
            "shows which endpoints answer"
        )
    if isinstance(error, openai.APIStatusError):
        return f"the model's endpoint {error.request.url} refused the call: {redact(error.message)}"
    return redact(str(error))
