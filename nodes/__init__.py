"""The agents as graph nodes, and the cleaning and checking of what their models say."""

from nodes.client import client
from nodes.context import (
    CHECKS_OFF,
    Checks,
    Journal,
    Models,
    Node,
    NoJournal,
    SessionContext,
)
from nodes.counselor import counselor
from nodes.director import deliberate_planner, director, feelings
from nodes.planner import planner
from nodes.selector import selector
from nodes.specialists import specialist

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
