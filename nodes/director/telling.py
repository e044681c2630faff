"""From what the director decided, as data in the state, to the messages of an agent.

Where a part is switched off, or has nothing to say, its words are empty.
"""

from langchain_core.messages import BaseMessage

from magnet.nodes.director.parts import parts
from magnet.prompts import PromptBook
from magnet.state import Direction, SessionState, current_exchange, direction_of


def messages_for(
    book: PromptBook,
    prompt: str,
    state: SessionState,
    *,
    hint: str | None = None,
    shorten: float = 0.0,
) -> list[BaseMessage]:
    """Return the messages of an agent's prompt, with what the director tells that agent.

    Args:
        book: the prompts.
        prompt: name of the prompt.
        state: the session so far.
        hint: what to do better, when the agent is asked again.
        shorten: share of the exchanges to leave out.

    Raises:
        PromptError: if there is no such prompt.
        ValueError: if the session lacks what the prompt shows.
    """
    told = _told(book, prompt, state)
    return book.messages(prompt, state, hint=hint, shorten=shorten, told=told)


def _told(book: PromptBook, prompt: str, state: SessionState) -> dict[str, str]:
    seen = set(book.sees(prompt))
    exchange = current_exchange(state)
    direction = direction_of(state, exchange) or Direction(exchange=exchange)
    return {
        name: words(state, direction, book.director.read(part.texts)).strip()
        for part in parts().values()
        for name, words in part.words.items()
        if name in seen
    }
