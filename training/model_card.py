"""The card of a merged model: what it was made of, with which settings, and how it measured."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from magnet.store.formats import NOT_STATED
from magnet.store.formats.markup import facts, in_head, in_line, table
from magnet.training.adapters import read_adapter
from magnet.training.data import DataManifest, read_manifest
from magnet.training.data.errors import TrainingDataError
from magnet.training.data.manifest import MANIFEST
from magnet.training.licences import licence_of_base
from magnet.training.qlora.job import METRICS, QloraJob, read_job

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Run:
    """What a fine-tuning left beside its adapter; an adapter from elsewhere has none of it."""

    job: QloraJob | None
    data: DataManifest | None
    evaluations: Sequence[Mapping[str, float]]


def write_model_card(name: str, adapter: Path) -> str:
    """Write the text of the card.

    Args:
        name: of the merged model.
        adapter: folder of the adapter that was merged; what is not beside it is not stated.
    """
    config = read_adapter(adapter)
    run = _read_run(adapter)
    base = run.job.base if run.job else config.base_model_name_or_path
    licences = {
        "base": licence_of_base(base),
        "data": run.data.licence if run.data else NOT_STATED,
    }
    told = {
        "Base": _public_name(base),
        "Licence of the base": licences["base"],
        "Licence of the data": licences["data"],
        "Adapter": f"LoRA, rank {config.r}, alpha {config.lora_alpha:g}, merged into the "
        "unquantized base",
    }
    parts = [
        _head(base, set(licences.values())),
        f"# {in_line(name)}",
        "A counselor for synthetic sessions of cognitive behavioral therapy, fine-tuned on such "
        "sessions. It gives no advice and no therapy, and is not to be offered to people who seek "
        "help.",
        facts(told),
        "    magnet run --method finetuned --model counselor=MODEL_ID",
        "## Data",
        *_data(run.data),
        "## Settings",
        _settings(run.job),
        "## Measures",
        _measures(run.evaluations),
    ]
    return "\n\n".join(parts) + "\n"


def _read_run(adapter: Path) -> _Run:
    folder = next((one for one in (adapter, adapter.parent) if (one / METRICS).is_file()), adapter)
    job = _if_readable(read_job, folder)
    data = _if_readable(read_manifest, folder)
    if data is None and job is not None:
        data = _if_readable(read_manifest, job.data)
    return _Run(job, data, _if_readable(_read_evaluations, folder / METRICS) or [])


def _if_readable(read: Callable[[Path], T], path: Path) -> T | None:
    try:
        return read(path)
    except (OSError, ValueError, TrainingDataError):
        return None


def _read_evaluations(path: Path) -> list[Mapping[str, float]]:
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [record for record in records if "eval_loss" in record]


def _head(base: str, licences: set[str]) -> str:
    known = "unknown" if NOT_STATED in licences else "other" if len(licences) > 1 else min(licences)
    lines = [f"license: {in_head(known)}", "library_name: transformers"]
    if _public_name(base) == base:
        lines.append(f"base_model: {in_head(base)}")
    return "\n".join(["---", *lines, "tags:", "- synthetic", "- counseling", "---"])


def _public_name(base: str) -> str:
    """Return a base's name without where it lies on the machine that merged it."""
    path = Path(base).expanduser()
    return path.name if path.exists() or path.is_absolute() else base


def _data(data: DataManifest | None) -> list[str]:
    if data is None:
        return [f"{NOT_STATED.capitalize()}: no {MANIFEST} lies beside the adapter."]
    rows = [
        [split, f"{c.sessions:,}", f"{c.clients:,}", f"{c.examples:,}", f"{c.trained:,}"]
        for split, c in data.counts.items()
    ]
    models = sorted({model for names in data.models.values() for model in names})
    return [
        table(["split", "sessions", "clients", "examples", "trained utterances"], rows),
        facts(
            {
                "Runs": ", ".join(data.runs) or NOT_STATED,
                "Methods": ", ".join(f"{m} ({n})" for m, n in data.methods.items()) or NOT_STATED,
                "Models": ", ".join(models) or NOT_STATED,
                "Prompt": f"{data.prompt}, hash {data.prompt_hash}, layout {data.prompt_layout}",
            }
        ),
    ]


def _settings(job: QloraJob | None) -> str:
    if job is None:
        return f"{NOT_STATED.capitalize()}: no job.json lies beside the adapter."
    return facts({"ranks": job.ranks, **job.settings.model_dump(exclude_none=True)})


def _measures(evaluations: Sequence[Mapping[str, float]]) -> str:
    if not evaluations:
        return f"{NOT_STATED.capitalize()}: no {METRICS} lies beside the adapter."
    rows = [
        [f"{e['step']:g}", f"{e['eval_loss']:.4f}", _share(e.get("eval_mean_token_accuracy"))]
        for e in evaluations
    ]
    title = "On held-out sessions: nats a token of the counselor, and how often it was likeliest."
    return f"{title}\n\n{table(['step', 'loss', 'accuracy'], rows)}"


def _share(value: float | None) -> str:
    return NOT_STATED if value is None else f"{value:.1%}"
