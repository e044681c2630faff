"""Sessions as a Parquet table: a row a session, flat columns, the utterances nested."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from magnet.state.session import OPENING_UTTERANCES
from magnet.store.formats.format import Format, OneFile
from magnet.store.records import Session


def write_parquet(sessions: Sequence[Session], path: Path) -> None:
    """Write the table.

    Raises:
        ModuleNotFoundError: pyarrow is not installed.
    """
    arrow: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    table = arrow.Table.from_pylist([_row(session) for session in sessions], _schema(arrow))
    parquet.write_table(table, path, compression="zstd")


def _schema(arrow: Any) -> Any:
    # Given, not inferred: columns that happen to hold nothing must not change their type.
    text, count, moment = arrow.string(), arrow.int64(), arrow.timestamp("us", "UTC")
    utterance = arrow.struct(
        {"index": count, "speaker": text, "text": text, "flags": arrow.list_(text)}
    )
    return arrow.schema(
        {
            **dict.fromkeys(("id", "run", "method", "attitude"), text),
            **dict.fromkeys(("client_number", "age"), count),
            **dict.fromkeys(("client_name", "gender", "client_information", "reason"), text),
            **dict.fromkeys(("status", "end_reason", "error"), text),
            **dict.fromkeys(("seed", "turn_limit", "turns"), count),
            **dict.fromkeys(("models", "prompt_hash", "prompt_layout"), text),
            **dict.fromkeys(("cbt_technique", "cbt_plan"), text),
            **dict.fromkeys(
                ("calls", "prompt_tokens", "cached_tokens", "completion_tokens"), count
            ),
            **dict.fromkeys(("created", "updated"), moment),
            "utterances": arrow.list_(utterance),
        }
    )


def _row(session: Session) -> dict[str, Any]:
    form, settings = session.client.form, session.settings
    plan = session.plan.plan if session.plan else None
    said = session.source.data if session.source else {}
    usage = session.usage
    return {
        "id": session.id,
        "run": session.run,
        "method": session.method,
        "attitude": session.attitude.value,
        "client_number": session.client_number,
        "age": form.age,
        "client_name": form.name,
        "gender": form.gender,
        "client_information": form.client_information,
        "reason": form.reason,
        "status": session.status.value,
        "end_reason": session.end_reason.value if session.end_reason else None,
        "error": session.error,
        # How an imported session was made is not known; the settings that it carries say nothing.
        "seed": None if session.source else settings.seed,
        "turn_limit": None if session.source else settings.turn_limit,
        "turns": max(len(session.utterances) - OPENING_UTTERANCES, 0),
        "models": to_json(session.models).decode(),
        "prompt_hash": session.prompt_hash,
        "prompt_layout": session.prompt_layout,
        "cbt_technique": plan.technique.value if plan else _text(said.get("cbt_technique")),
        "cbt_plan": plan.text if plan else _text(said.get("cbt_plan")),
        "calls": session.calls,
        "prompt_tokens": usage.prompt,
        "cached_tokens": usage.cached,
        "completion_tokens": usage.completion,
        "created": session.created,
        "updated": session.updated,
        "utterances": [
            {
                "index": u.index,
                "speaker": u.speaker.value,
                "text": u.text,
                "flags": list(u.provenance.flags) if u.provenance else [],
            }
            for u in session.utterances
        ],
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


PARQUET = Format(
    help="a table, a row a session",
    write=OneFile("sessions.parquet", write_parquet, extra="data"),
)
