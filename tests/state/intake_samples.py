"""Intake files for the tests: a plain form and seeds in the shape of CACTUS."""

import json
from pathlib import Path
from typing import Any

import pytest

from magnet.state.intake_error import IntakeError
from magnet.state.intake_files import read_clients

MINIMAL: dict[str, Any] = {
    "name": "Ana Petrova",
    "age": 30,
    "gender": "female",
    "presenting_problem": "I worry.",
    "reason": "I want to worry less.",
}

INTAKE = """\
Name:
{name}
Age:
41
Gender:
female
Occupation: Baker
Education: Vocational school
Marital Status: Single
Family Details: Two brothers

2. Presenting Problem
I burn the bread.
3. times a week, at least.

3. Reason for Seeking Counseling
My boss asked me to.

4. Past History (including medical history)
Nothing before.

5. Academic/occupational functioning level: I am late.
Interpersonal relationships: Fine.
Daily life: Hurried.

6. Social Support System
My brothers."""


def seed(name: str = "Vera Stone", attitude: str = "neutral", text: str = INTAKE) -> dict[str, Any]:
    return {
        "AI_client": {
            "intake_form": text.format(name=name),
            "attitude": attitude,
            "attitude_instruction": "kept for export",
        },
        "AI_counselor": {
            "CBT": {
                "init_history_counselor": "Hello, what brings you here?",
                "init_history_client": f"I burn the bread, and I feel {attitude} about it.",
            }
        },
        "ground_truth_CBT": ["Reality Testing"],
    }


def three(name: str) -> list[dict[str, Any]]:
    return [seed(name, attitude) for attitude in ("positive", "neutral", "negative")]


def write(path: Path, content: object) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> list[tuple[str, str, str]]:
    with pytest.raises(IntakeError) as repeats:
        read_clients(path)
    assert all(problem.file == path for problem in repeats.value.problems)
    return [(p.place, p.found, p.expected) for p in repeats.value.problems]
