"""What the director asks of the two utterances of an exchange."""

from random import Random

from magnet.nodes.director.part import Wanted
from magnet.nodes.director.parts import parts
from magnet.nodes.requirement import Requirement
from magnet.state import (
    SessionState,
    Speaker,
    Techniques,
    current_exchange,
    derive_seed,
    direction_of,
)


def requirements_of(
    state: SessionState, speaker: Speaker, techniques: Techniques
) -> tuple[Requirement, ...]:
    """Return what the director asks of the next utterance; nothing where there is none.

    Args:
        state: the session so far.
        speaker: who speaks next.
        techniques: of the method.
    """
    exchange = current_exchange(state)
    direction = direction_of(state, exchange)
    if direction is None:
        return ()
    rng = Random(derive_seed(state["settings"].seed, exchange, "director", speaker))
    wanted = Wanted(state, direction, rng, techniques)
    asked = (part.requirements.get(speaker) for part in parts().values())
    return tuple(requirement for ask in asked if ask for requirement in ask(wanted))
