"""The data card of training data: the card of its sessions, and what was made of them."""

from collections.abc import Mapping, Sequence

from magnet.store import Session
from magnet.store.formats import CardMeasure
from magnet.store.formats.card import MARK, write_card
from magnet.store.formats.markup import facts, in_line
from magnet.training.data.filters import Bound
from magnet.training.data.manifest import DataManifest, SplitCounts
from magnet.training.data.splits import Split

_MARK = "<!-- A card that `magnet train data` wrote and may write again. -->"
_SHAPES = {
    "session": "an example a session; what the counselor says is trained, but the given greeting",
    "utterance": "an example an utterance of the counselor's",
}


def write_data_card(
    manifest: DataManifest,
    sessions: Sequence[Session],
    files: Sequence[str],
    measures: Sequence[CardMeasure],
) -> str:
    """Write the text of the card.

    Args:
        manifest: what was made.
        sessions: the chosen sessions.
        files: names of the files with examples.
        measures: what was measured of the chosen sessions.
    """
    about = write_card(
        sessions,
        format="chat messages",
        files=files,
        licence=manifest.licence,
        measures=measures,
    )
    seed = f", seed {manifest.seed}" if manifest.split == "shares" else ""
    filters = "; ".join(map(_bound, manifest.filters)) or "none"
    judge = f" (judge: {manifest.judge})" if manifest.judge else ""
    duplicates = "kept" if manifest.keep_duplicates else "not trained"
    parts = [
        "## Training examples",
        facts(
            {
                "Shape": _SHAPES[manifest.shape],
                "Split": f"{manifest.split}{seed}; no client is in two splits",
                "Filters": f"{filters}{judge}",
                "Near-duplicates (word trigrams, Jaccard index 0.5 or more)": duplicates,
                "Sessions left out": _reasons(manifest.left_out),
                "Counselor's utterances not trained": _reasons(manifest.untrained),
                "Prompt": f"{manifest.prompt}, hash {manifest.prompt_hash}, layout "
                f"{manifest.prompt_layout}; the system's message and the dialogue, as the "
                "'finetuned' method asks",
            }
        ),
        _counts(manifest.counts),
        *_tokens(manifest),
    ]
    return about.replace(MARK, _MARK) + "\n" + "\n\n".join(parts) + "\n"


def _bound(bound: Bound) -> str:
    ends = [("at least", bound.at_least), ("at most", bound.at_most)]
    return f"{bound.measure} " + ", ".join(f"{w} {v:g}" for w, v in ends if v is not None)


def _reasons(counted: Mapping[str, int]) -> str:
    return "; ".join(f"{count:,} {reason}" for reason, count in counted.items()) or "none"


def _counts(counts: Mapping[Split, SplitCounts]) -> str:
    rows = [
        f"| {split} | {c.sessions:,} | {c.clients:,} | {c.examples:,} | {c.trained:,} |"
        for split, c in counts.items()
    ]
    header = ["| split | sessions | clients | examples | trained utterances |", "|---" * 5 + "|"]
    return "\n".join([*header, *rows])


def _tokens(manifest: DataManifest) -> list[str]:
    counted = {split: c.tokens for split, c in manifest.counts.items() if c.tokens}
    if not counted:
        return []
    rows = [
        f"| {split} | {t.median:g} | {t.p95:g} | {t.longest:,} | {t.total:,} | {t.trained:,} |"
        for split, t in counted.items()
    ]
    header = ["| split | median | 95th percentile | longest | all | trained |", "|---" * 6 + "|"]
    title = f"Tokens of an example by {in_line(manifest.tokenizer or '')}, and of all:"
    return [title, "\n".join([*header, *rows])]
