"""MAGneT: synthetic counseling sessions from coordinated agents; the public API and the shell.

The names of the API are loaded when they are first used: `import magnet` alone costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from magnet.api.clients import read_client, read_clients
    from magnet.api.found import ComparedArms, EvaluatedRuns
    from magnet.api.options import PlayOptions, SessionOptions, WorkspaceOptions
    from magnet.api.pictures import GraphPicture
    from magnet.api.playing import Playing, RunOutcome, SessionEvent
    from magnet.api.sync import SyncPlaying, SyncWorkspace, open_workspace_sync
    from magnet.api.workspace import AsyncWorkspace, open_workspace
    from magnet.graph.methods import Method
    from magnet.models.settings import Settings
    from magnet.sessions.estimate import Estimate
    from magnet.sessions.runner import NodeDone, Stopped
    from magnet.sessions.transfer import Imported
    from magnet.state.attitude import Attitude
    from magnet.state.call import Call
    from magnet.state.errors import BadUseError, MagnetError
    from magnet.state.intake import Client, IntakeForm, Opening
    from magnet.state.plan import CbtPlan
    from magnet.state.provenance import Usage
    from magnet.state.session import EndReason, ExchangeRecord, PlanRecord
    from magnet.state.table import Cell, Column, Table
    from magnet.state.technique import Technique
    from magnet.state.utterance import Candidate, Selection, Speaker, Utterance
    from magnet.store.records import Run, Session, SessionStatus, SessionSummary

_MODULES = {
    "api.clients": "read_client read_clients",
    "api.found": "ComparedArms EvaluatedRuns",
    "api.options": "PlayOptions SessionOptions WorkspaceOptions",
    "api.pictures": "GraphPicture",
    "api.playing": "Playing RunOutcome SessionEvent",
    "api.sync": "SyncPlaying SyncWorkspace open_workspace_sync",
    "api.workspace": "AsyncWorkspace open_workspace",
    "graph.methods": "Method",
    "models.settings": "Settings",
    "sessions.estimate": "Estimate",
    "sessions.runner": "NodeDone Stopped",
    "sessions.transfer": "Imported",
    "state.attitude": "Attitude",
    "state.call": "Call",
    "state.errors": "BadUseError MagnetError",
    "state.intake": "Client IntakeForm Opening",
    "state.plan": "CbtPlan",
    "state.provenance": "Usage",
    "state.session": "EndReason ExchangeRecord PlanRecord",
    "state.table": "Cell Column Table",
    "state.technique": "Technique",
    "state.utterance": "Candidate Selection Speaker Utterance",
    "store.records": "Run Session SessionStatus SessionSummary",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = [
    "AsyncWorkspace",
    "Attitude",
    "BadUseError",
    "Call",
    "Candidate",
    "CbtPlan",
    "Cell",
    "Client",
    "Column",
    "ComparedArms",
    "EndReason",
    "Estimate",
    "EvaluatedRuns",
    "ExchangeRecord",
    "GraphPicture",
    "Imported",
    "IntakeForm",
    "MagnetError",
    "Method",
    "NodeDone",
    "Opening",
    "PlanRecord",
    "PlayOptions",
    "Playing",
    "Run",
    "RunOutcome",
    "Selection",
    "Session",
    "SessionEvent",
    "SessionOptions",
    "SessionStatus",
    "SessionSummary",
    "Settings",
    "Speaker",
    "Stopped",
    "SyncPlaying",
    "SyncWorkspace",
    "Table",
    "Technique",
    "Usage",
    "Utterance",
    "WorkspaceOptions",
    "open_workspace",
    "open_workspace_sync",
    "read_client",
    "read_clients",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
