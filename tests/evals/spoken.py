"""Sessions made of what is said in them."""

from typing import Any

from magnet.state import Attitude, Client, IntakeForm, Opening, Utterance
from magnet.state.utterance import Speaker
from magnet.store.records import Session
from tests.store.made import a_session

OPENING = Opening(counselor="Welcome.", client="I burn the bread.")


def a_person(name: str = "Ida Brandt", attitude: Attitude = Attitude.NEUTRAL) -> Client:
    form = IntakeForm(
        name=name,
        age=30,
        gender="female",
        presenting_problem="The bread burns.",
        reason="I want to bake in peace.",
    )
    return Client(form=form, attitude=attitude, opening=OPENING)


def spoken(*texts: str, client: Client | None = None, **changes: Any) -> Session:
    """Return a session with these generated utterances, the counselor's first, after the
    opening.
    """
    said = (OPENING.counselor, OPENING.client, *texts)
    speakers = (Speaker.COUNSELOR, Speaker.CLIENT)
    utterances = tuple(
        Utterance(index=index, speaker=speakers[index % 2], text=text)
        for index, text in enumerate(said)
    )
    return a_session(client=client or a_person(), utterances=utterances, **changes)
