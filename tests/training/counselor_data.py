"""Training data of a few short sessions, as `magnet train data` writes it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SENTENCES = (
    "I keep thinking that I will lose my job.",
    "What would you say to a friend who told you this?",
    "My sister says that I worry too much.",
    "Which part of it stays with you most?",
    "The same thought went round and round.",
    "What speaks for that thought, and what against it?",
    "It feels true at night.",
    "You noticed that by yourself.",
)


def session(number: int, turns: int = 3) -> dict[str, Any]:
    """Make a session's line: what the counselor says is learned, but the given greeting."""
    said = [SENTENCES[(number + i) % len(SENTENCES)] for i in range(2 * turns)]
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": f"You are the counselor of client {number}."},
        {"role": "user", "content": "(The session begins.)"},
        {"role": "assistant", "content": "Hello, what brings you here?", "train": False},
    ]
    messages += [
        {"role": "assistant" if i % 2 else "user", "content": text} for i, text in enumerate(said)
    ]
    return {"session": f"s{number}", "client": f"c{number}", "messages": messages}


def write_data(folder: Path, train: Sequence[Any], held_out: Sequence[Any]) -> Path:
    """Write lines as training and held-out examples; give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (("train.jsonl", train), ("valid.jsonl", held_out)):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def write_sessions(folder: Path, train: int = 12, held_out: int = 3) -> Path:
    """Write so many sessions of different lengths; give the folder."""
    lines = [session(number, turns=2 + number % 3) for number in range(train + held_out)]
    return write_data(folder, lines[:train], lines[train:])
