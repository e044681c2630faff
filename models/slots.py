"""Which slot of an embedded server keeps which agent's prompt.

A slot keeps the prompt of its last call, and a call computes only what is new. The table of agents
says which agents have one of their own and which share one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count

from magnet.nodes import agent_of, agents
from magnet.state.technique import packaged_techniques


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of one session; those of sessions that are played at once follow each other."""

    of: Mapping[str, int]
    """Agent to slot, from 0."""
    sharing: int
    """How many, the first ones, are of agents whose prompts begin alike."""

    @property
    def count(self) -> int:
        """Slots that a session takes."""
        return len(set(self.of.values()))

    def slot_of(self, agent: str, lane: int = 0) -> int | None:
        """Return the slot that keeps an agent's prompt; a judge, who reads many sessions, has none.

        Args:
            agent: the agent.
            lane: place of its session among those that are played at once, from 0.
        """
        slot = self.of.get(agent)
        return None if slot is None else lane * self.count + slot

    def sharing_slots(self, lanes: int) -> list[range]:
        """Return, for each lane, the slots whose prompts begin alike."""
        firsts = range(0, lanes * self.count, self.count)
        return [range(first, first + self.sharing) for first in firsts]


def slots_for(nodes: Iterable[str] = ()) -> Slots:
    """Return the slots for sessions that have these agents; room for the packaged ones at least.

    Raises:
        BadUseError: if an entry point gives no agent.
    """
    own = [node for node in dict.fromkeys(nodes) if agent_of(node).shares_prefix]
    return _slots(tuple(own) or tuple(packaged_techniques()))


@cache
def _slots(own: tuple[str, ...]) -> Slots:
    of = {node: slot for slot, node in enumerate(own)}
    free = count(len(own))
    named: dict[str, int] = {}
    for agent in agents().values():
        if agent.slot is not None:
            if agent.slot not in named:
                named[agent.slot] = next(free)
            of[agent.name] = named[agent.slot]
    return Slots(of, len(own))
