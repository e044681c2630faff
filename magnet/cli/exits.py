"""Exit codes: 0 done, 1 failed, 2 bad use."""

from collections.abc import Mapping

import openai
from langchain_core.exceptions import ContextOverflowError

from checkpoints import CheckpointError, SessionBusyError
from graph import MethodError
from magnet.batch import RunBusyError
from magnet.models.errors import ModelDownloadError, ModelStartError, UnknownModelError
from magnet.models.probe import EndpointError
from magnet.runner import SessionChangedError
from magnet.settings import SettingsError
from prompts import PromptError
from state.intake_error import IntakeError
from store import AmbiguousIdError, RunSettingsError, StoreError, UnknownIdError
from store.formats.errors import ExportError, UnreadablePathError

FAILED, BAD_USE = 1, 2

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
    RunSettingsError: BAD_USE,
    UnreadablePathError: BAD_USE,
    ExportError: FAILED,
    RunBusyError: FAILED,
    SessionBusyError: FAILED,
    StoreError: FAILED,
    CheckpointError: FAILED,
    ModelDownloadError: FAILED,
    ModelStartError: FAILED,
    EndpointError: FAILED,
    ContextOverflowError: FAILED,
    openai.OpenAIError: FAILED,
}
