"""A session in the JSON format of the MAGneT authors, so that their scripts read it.

The format: `AI_client` and `AI_counselor` as in the CACTUS seed, `cbt_technique`, `cbt_plan`, and
`dialogue`, a list of `{role, message}` with the opening pair first.
"""

from typing import Any

from state import Client, Speaker
from store.records import Session


def to_authors_format(session: Session) -> dict[str, Any]:
    """Give a session as the authors publish theirs."""
    client, counselor = _seed(session.client)
    plan = session.plan.plan if session.plan else None
    return {
        "AI_client": client,
        "AI_counselor": counselor,
        "cbt_technique": plan.technique.value if plan else None,
        "cbt_plan": plan.text if plan else None,
        "dialogue": [
            {"role": utterance.speaker.value, "message": utterance.text}
            for utterance in session.utterances
        ],
    }


def _seed(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the two sides of a seed: as its file had them, or made from a form of the user's own.

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
            "intake_form": client.form.full_text,
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
