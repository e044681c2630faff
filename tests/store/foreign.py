"""Sessions as other programs write them, and reading what they wrote."""

import json
from pathlib import Path
from typing import Any

from magnet.store.formats import ReadFile, read_sessions
from magnet.store.records import Session
from tests.state.intake_samples import INTAKE, seed

DIALOGUE = [
    {"role": "counselor", "message": "Hello, what brings you here?"},
    {"role": "client", "message": "I burn the bread."},
    {"role": "counselor", "message": "Every day? [sic] 🍞"},
    {"role": "client", "message": ""},
]
AGELESS = INTAKE.format(name="Vera Stone").replace("Age:\n41\n", "")
CACTUS_DIALOGUE = "Counselor: Hello.\nClient: I burn the bread.\nCounselor: Every day?"


def published(attitude: str = "neutral", **changes: Any) -> dict[str, Any]:
    client = seed(attitude=attitude)
    return {
        "AI_client": client["AI_client"],
        "AI_counselor": client["AI_counselor"],
        "cbt_technique": 'I would choose "Reality Testing".',
        "cbt_plan": "\n**Session 1:** and so on, cut o",
        "dialogue": DIALOGUE,
        **changes,
    }


def generated(**changes: Any) -> dict[str, Any]:
    return {
        "example": seed(),
        "cbt_technique": None,
        "cbt_plan": None,
        "cost": 0.00123,
        "history": DIALOGUE,
        **changes,
    }


def cactus(**changes: Any) -> dict[str, Any]:
    return {
        "thought": "I'll never bake well.",
        "patterns": ["all-or-nothing thinking"],
        "intake_form": INTAKE.format(name="Vera Stone"),
        "cbt_technique": "Reality Testing",
        "cbt_plan": "1. Ask.",
        "attitude": "positive",
        "dialogue": CACTUS_DIALOGUE,
        **changes,
    }


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def read(path: Path, **options: Any) -> list[ReadFile]:
    return list(read_sessions(path, "old", **options))


def read_one(path: Path, **options: Any) -> Session:
    (file,) = read(path, **options)
    assert file.problems == ()
    (session,) = file.sessions
    return session


def problems(path: Path) -> list[str]:
    (file,) = read(path)
    assert file.sessions == ()
    assert all(problem.file == file.path for problem in file.problems)
    return [str(problem).removeprefix(f"{file.path}: ") for problem in file.problems]
