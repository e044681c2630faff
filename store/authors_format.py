"""A session in the JSON format of the MAGneT authors, so that their scripts read it.

The format: `AI_client` and `AI_counselor` as in the CACTUS seed, `cbt_technique`, `cbt_plan`, and
`dialogue`, a list of `{role, message}` with the opening pair first. Their generator writes the seed
whole as `example`, the list as `history`, and the price of the session as `cost`.
"""

from collections.abc import Sequence
from typing import Any

from magnet.state import Client, Speaker, Utterance
from magnet.state.intake_cactus import seed_text
from magnet.store.records import Session


def to_authors_format(session: Session) -> dict[str, Any]:
    """Return a session as the authors publish theirs; one imported from them as it was."""
    source = session.source
    if source and source.format == "magnet":
        return source.fill(authors_fields(session.client, session.utterances))
    client, counselor = _seed(session.client)
    plan = session.plan.plan if session.plan else None
    said = source.data if source else {}
    return {
        "AI_client": client,
        "AI_counselor": counselor,
        "cbt_technique": plan.technique.value if plan else said.get("cbt_technique"),
        "cbt_plan": plan.text if plan else said.get("cbt_plan"),
        "dialogue": _dialogue(session.utterances),
    }


def authors_fields(client: Client, utterances: Sequence[Utterance]) -> dict[str, Any]:
    """Return the fields that an imported file's client and utterances make again."""
    dialogue = _dialogue(utterances)
    seed = client.source or {}
    return {**seed, "example": seed, "dialogue": dialogue, "history": dialogue}


def _dialogue(utterances: Sequence[Utterance]) -> list[dict[str, str]]:
    return [{"role": u.speaker.value, "message": u.text} for u in utterances]


def _seed(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the two sides of a seed: as its file had them, or made from a form of the user's own.

    A client that took on another attitude than its seed's keeps the seed's form alone.
    """
    source = client.source or {}
    given = source.get("AI_client", {})
    if given.get("attitude") == client.attitude:
        return given, source["AI_counselor"]
    opening = "\n".join(
        f"{speaker.value.capitalize()}: {text}"
        for speaker, text in (
            (Speaker.COUNSELOR, client.opening.counselor),
            (Speaker.CLIENT, client.opening.client),
        )
    )
    known = {
        "client_information": client.form.client_information,
        "reason_counseling": client.form.reason,
    }
    return (
        {
            "intake_form": seed_text(client.form),
            "attitude": client.attitude.value,
            "attitude_instruction": None,
            "dialogue_history_init": opening,
            "dialogue_history": None,
        },
        {
            "CBT": {
                **known,
                "dialogue_history_init": opening,
                "init_history_counselor": client.opening.counselor,
                "init_history_client": client.opening.client,
            },
            "Response": {**known, "cbt_plan": None, "dialogue_history": None},
        },
    )
