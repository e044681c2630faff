"""Errors at the command line: their exit codes (0 done, 1 failed, 2 bad use) and their words."""

from collections.abc import Mapping

import openai
from langchain_core.exceptions import ContextOverflowError

from magnet.checkpoints import CheckpointError, SessionBusyError
from magnet.evals.comparison.arms import SideError
from magnet.evals.diversity.errors import DiversityError, TokenizerError
from magnet.evals.judging.stored_scores import JudgingError
from magnet.evals.metrics.metric import EvaluationError
from magnet.evals.preference.aspects import AspectError
from magnet.evals.rating_kit.answers import AnswersError
from magnet.evals.rating_kit.key import KitError
from magnet.evals.report.errors import ReportError
from magnet.evals.scales.files import ScaleError
from magnet.experiments.errors import ExperimentError, ExperimentStoppedError
from magnet.graph import MethodError
from magnet.models.errors import (
    FetchInterruptedError,
    ModelDownloadError,
    ModelStartError,
    UnknownModelError,
)
from magnet.models.probe import EndpointError
from magnet.models.redaction import redact
from magnet.models.settings import SettingsError
from magnet.prompts import PromptError
from magnet.sessions.breakpoints import BreakpointError
from magnet.sessions.debugging.replaying import ReplayGapError
from magnet.sessions.debugging.timeline import PointError
from magnet.sessions.imported import ImportedError
from magnet.sessions.run_lock import RunBusyError
from magnet.sessions.runner import SessionChangedError, SessionExistsError
from magnet.state.errors import BadUseError
from magnet.state.intake_error import IntakeError
from magnet.state.values import ValueNameError
from magnet.store import AmbiguousIdError, RunSettingsError, StoreError, UnknownIdError
from magnet.store.formats.errors import ExportError, UnreadablePathError
from magnet.training.adapters import AdapterError
from magnet.training.bases import BaseModelError
from magnet.training.data.errors import TrainingDataError
from magnet.training.gguf.errors import GgufError
from magnet.training.merging import MergeError
from magnet.training.qlora.errors import QloraError, TrainingFailedError
from magnet.training.serving.serve import ServeError

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
    BadUseError: BAD_USE,
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
