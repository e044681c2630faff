"""Sessions as training conversations. The counselor is the assistant: it is what gets trained.

The system message holds what the counselor may know: client information and reason (MAGneT, arXiv
2509.04183, section 3). The utterances stand as they were said, so the assistant opens and the user
has the last word.
"""

from collections.abc import Mapping

from pydantic_core import to_json

from magnet.state.intake import Client
from magnet.state.utterance import Speaker
from magnet.store.formats.format import Format, OneFile, one_line_each
from magnet.store.records import Session, SessionStatus

_SHAREGPT: Mapping[Speaker, str] = {Speaker.COUNSELOR: "gpt", Speaker.CLIENT: "human"}
_OPENAI: Mapping[Speaker, str] = {Speaker.COUNSELOR: "assistant", Speaker.CLIENT: "user"}


def system_message(client: Client) -> str:
    """Return what the counselor may know of a client."""
    form = client.form
    return (
        f"Client information:\n{form.client_information}\n\n"
        f"Reason for seeking counseling:\n{form.reason}"
    )


def to_sharegpt(session: Session) -> bytes:
    """Write a session as a line of ShareGPT's form: `conversations` of `{from, value}`."""
    turns = [{"from": "system", "value": system_message(session.client)}]
    turns += [{"from": _SHAREGPT[u.speaker], "value": u.text} for u in session.utterances]
    return _line(
        {
            "id": session.id,
            "method": session.method,
            "attitude": session.attitude,
            "finished": session.status is SessionStatus.FINISHED,
            "conversations": turns,
        }
    )


def to_openai(session: Session) -> bytes:
    """Write a session as a line of OpenAI's fine-tuning form: `messages` alone, as it demands."""
    messages = [{"role": "system", "content": system_message(session.client)}]
    messages += [{"role": _OPENAI[u.speaker], "content": u.text} for u in session.utterances]
    return _line({"messages": messages})


def _line(data: object) -> bytes:
    return to_json(data) + b"\n"


SHAREGPT = Format(
    help="conversations to train the counselor on, in ShareGPT's form",
    write=OneFile("sharegpt.jsonl", one_line_each(to_sharegpt)),
)
OPENAI = Format(
    help="conversations to train the counselor on, in the form of OpenAI's fine-tuning",
    write=OneFile("openai.jsonl", one_line_each(to_openai)),
)
