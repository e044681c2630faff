"""Writing training data: a file for each split, the manifest, and the data card."""

from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic_core import to_json

from magnet.prompts import PromptBook
from magnet.state.errors import Option
from magnet.store import Session
from magnet.store.formats import CardMeasure, ExportError
from magnet.training.data.card import write_data_card
from magnet.training.data.choosing import Choice, ChosenSession
from magnet.training.data.examples import PROMPT, examples_of
from magnet.training.data.lengths import ChatTokenizer, count_tokens, summarize
from magnet.training.data.manifest import MANIFEST, DataManifest, SplitCounts
from magnet.training.data.settings import Shape
from magnet.training.data.splits import SPLITS, Split

_CARD = "README.md"
_FILES: dict[Split, str] = {split: f"{split}.jsonl" for split in SPLITS}


def write_training_data(
    choice: Choice,
    out: Path,
    book: PromptBook,
    *,
    tokenizer: ChatTokenizer | None = None,
    measures: Sequence[CardMeasure] = (),
) -> DataManifest:
    """Write a choice as `train.jsonl`, `valid.jsonl`, `test.jsonl`, `data.json` and `README.md`.

    Args:
        choice: what to train on.
        out: a folder: a new one, an empty one, or one with training data, which is replaced.
        book: the prompts, in the layout that the `finetuned` method will play in.
        tokenizer: counts tokens for the card.
        measures: what was measured of the chosen sessions, for the card.

    Returns:
        The manifest.

    Raises:
        ExportError: the folder holds something else, or cannot be written.
        TrainingDataError: the prompt does not fit the shape, or the tokenizer the messages.
    """
    try:
        _check_folder(out)
        out.mkdir(parents=True, exist_ok=True)
        with _replacing(out) as parts:
            counts: dict[Split, SplitCounts] = {
                split: _write_split(
                    choice.in_split(split), parts[name], book, choice.settings.shape, tokenizer
                )
                for split, name in _FILES.items()
            }
            manifest = _manifest(choice, counts, book, tokenizer)
            sessions = [one.session for one in choice.chosen]
            card = write_data_card(manifest, sessions, list(_FILES.values()), measures)
            parts[_CARD].write_text(card, encoding="utf-8")
            parts[MANIFEST].write_bytes(to_json(manifest, indent=2) + b"\n")
    except OSError as error:
        raise ExportError(
            f"{error.filename or out}: cannot be written ({error.strerror or error}). "
            "Name another place with {out}",
            out=Option("out"),
        ) from error
    return manifest


@contextmanager
def _replacing(folder: Path) -> Generator[dict[str, Path]]:
    """Return another path for each file to be written to; put them in place when all are there."""
    names = [*_FILES.values(), _CARD, MANIFEST]  # the manifest last: it says that the rest is there
    parts = {name: folder / f".{name}.part" for name in names}
    try:
        yield parts
        for name, part in parts.items():
            part.replace(folder / name)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _check_folder(out: Path) -> None:
    if not out.exists() or (out / MANIFEST).exists():
        return
    found = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    if found:
        raise ExportError(
            f"{out}: holds {found[0]} and no training data. Name a folder of its own with {{out}}",
            out=Option("out"),
        )


def _write_split(
    chosen: Sequence[ChosenSession],
    path: Path,
    book: PromptBook,
    shape: Shape,
    tokenizer: ChatTokenizer | None,
) -> SplitCounts:
    examples = 0
    lengths: list[tuple[int, int]] = []
    with path.open("wb") as file:
        for one in chosen:
            for example in examples_of(one, book, shape):
                file.write(to_json(example) + b"\n")
                examples += 1
                if tokenizer:
                    lengths.append(count_tokens(example, tokenizer))
    return SplitCounts(
        sessions=len(chosen),
        clients=len({one.client for one in chosen}),
        examples=examples,
        trained=sum(len(one.trained) for one in chosen),
        tokens=summarize(lengths) if lengths else None,
    )


def _manifest(
    choice: Choice,
    counts: dict[Split, SplitCounts],
    book: PromptBook,
    tokenizer: ChatTokenizer | None,
) -> DataManifest:
    sessions: dict[Split, tuple[str, ...]] = {}
    clients: dict[Split, tuple[str, ...]] = {}
    for split in SPLITS:
        chosen = choice.in_split(split)
        sessions[split] = tuple(one.session.id for one in chosen)
        clients[split] = tuple(sorted({one.client for one in chosen}))
    everything = [one.session for one in choice.chosen]
    return DataManifest(
        **dict(choice.settings),
        counts=counts,
        sessions=sessions,
        clients=clients,
        left_out=dict(choice.left_out),
        untrained=dict(choice.untrained),
        prompt=PROMPT,
        prompt_hash=book.version([PROMPT]),
        prompt_layout=book.layout,
        runs=tuple(sorted({session.run for session in everything if session.run})),
        methods=dict(Counter(session.method for session in everything)),
        models=_models(everything),
        tokenizer=tokenizer.name_or_path if tokenizer else None,
    )


def _models(sessions: Sequence[Session]) -> dict[str, tuple[str, ...]]:
    model_ids: dict[str, set[str]] = {}
    for session in sessions:
        for role, spec in session.model_ids.items():
            model_ids.setdefault(role, set()).add(spec)
    return {role: tuple(sorted(found)) for role, found in sorted(model_ids.items())}
