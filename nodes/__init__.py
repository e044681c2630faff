"""The agents as graph nodes, and the cleaning and checking of what their models say."""

from magnet.nodes.agent import Agent, Stage
from magnet.nodes.agents import agent_of, agents, stages_of
from magnet.nodes.context import (
    CHECKS_OFF,
    Checks,
    Journal,
    Models,
    Node,
    NoJournal,
    SessionContext,
)

__all__ = [
    "CHECKS_OFF",
    "Agent",
    "Checks",
    "Journal",
    "Models",
    "NoJournal",
    "Node",
    "SessionContext",
    "Stage",
    "agent_of",
    "agents",
    "stages_of",
]
