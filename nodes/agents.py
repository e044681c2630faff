"""The table of agents: a method can have any of them, and those that other distributions add.

An entry point of the group `magnet.agents` names an `Agent`.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from magnet.nodes.agent import Agent, Stage
from magnet.nodes.client import client
from magnet.nodes.counselor import counselor
from magnet.nodes.director.directing import director
from magnet.nodes.director.feelings import feelings
from magnet.nodes.director.parts import names_told
from magnet.nodes.director.planning import deliberate_planner
from magnet.nodes.selector import selector
from magnet.nodes.specialists import specialist
from magnet.prompts import PromptField
from magnet.state.plugins import PluginError, plugged_in

GROUP = "magnet.agents"

# In the order in which they are listed. The director supervises as the selector does; feelings are
# the client's.
_PACKAGED = (
    Agent(
        name="planner",
        factory=deliberate_planner,
        role="planner",
        stage=Stage.PLAN,
        writes="plan",
        shows=frozenset({PromptField.PLAN}),
        slot="supervision",
    ),
    Agent(
        name="director",
        factory=director,
        role="selector",
        stage=Stage.DIRECT,
        writes="direction",
        shows=names_told(),
        needs=frozenset({"feelings"}),
        slot="speech",
    ),
    Agent(
        name="feelings",
        factory=feelings,
        role="client",
        stage=Stage.APPRAISE,
        writes="affect",
        needs=frozenset({"director"}),
        slot="speech",
    ),
    Agent(
        name="selector",
        factory=selector,
        role="selector",
        stage=Stage.DRAFT,
        writes="selection",
        shows=frozenset(
            {PromptField.TECHNIQUES, PromptField.CHOSEN_DRAFTS, PromptField.OTHER_DRAFTS}
        ),
        needs=frozenset({"specialists"}),
        slot="supervision",
    ),
    Agent(
        name="fusion",
        factory=counselor,
        role="fusion",
        stage=Stage.SPEAK,
        writes="counselor",
        needs=frozenset({"specialists"}),
        slot="speech",
    ),
    Agent(
        name="counselor",
        factory=counselor,
        role="counselor",
        stage=Stage.SPEAK,
        writes="counselor",
        slot="speech",
    ),
    Agent(
        name="client",
        factory=client,
        role="client",
        stage=Stage.ANSWER,
        writes="client",
        slot="client",
    ),
    Agent(
        name="specialists",
        factory=specialist,
        role="specialist",
        stage=Stage.DRAFT,
        writes="candidates",
        shows=frozenset({PromptField.CANDIDATES}),
        needs=frozenset({"fusion"}),
        shares_prefix=True,
        many=True,
    ),
)
_SPECIALISTS = _PACKAGED[-1]


@cache
def agents() -> Mapping[str, Agent]:
    """Return all agents by name: the packaged ones, then those of other distributions.

    Raises:
        PluginError: if an entry point gives no agent, or one of a name that is taken.
    """
    table = {agent.name: agent for agent in _PACKAGED}
    added = plugged_in(GROUP, Agent, shipped=table)
    if wrong := [name for name, agent in added.items() if agent.name != name]:
        raise PluginError(
            f"entry point {wrong[0]!r} of {GROUP}: expected an agent of this name, found one "
            f"named {added[wrong[0]].name!r}"
        )
    return table | added


def agent_of(node: str) -> Agent:
    """Return the agent that a node is of: its own, or for the name of a technique the specialists.

    Raises:
        PluginError: as `agents` does.
    """
    return agents().get(node, _SPECIALISTS)


def stages_of(nodes: Iterable[str]) -> tuple[list[list[str]], list[list[str]]]:
    """Return nodes stage by stage, in order: those that run once, and those of each exchange.

    Raises:
        PluginError: as `agents` does.
    """
    by_stage: dict[Stage, list[str]] = {stage: [] for stage in Stage}
    for node in nodes:
        by_stage[agent_of(node).stage].append(node)
    once = by_stage.pop(Stage.PLAN)
    return [once] if once else [], [found for found in by_stage.values() if found]
