"""The agents as graph nodes, and the cleaning and checking of what their models say."""

from magnet.nodes.client import client
from magnet.nodes.context import (
    CHECKS_OFF,
    Checks,
    Journal,
    Models,
    Node,
    NoJournal,
    SessionContext,
)
from magnet.nodes.counselor import counselor
from magnet.nodes.director import deliberate_planner, director, feelings
from magnet.nodes.planner import planner
from magnet.nodes.selector import selector
from magnet.nodes.specialists import specialist

__all__ = [
    "CHECKS_OFF",
    "Checks",
    "Journal",
    "Models",
    "NoJournal",
    "Node",
    "SessionContext",
    "client",
    "counselor",
    "deliberate_planner",
    "director",
    "feelings",
    "planner",
    "selector",
    "specialist",
]
