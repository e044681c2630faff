"""Diversity of sessions by both procedures, beside a direct reading with lists and sets.

    python -m benchmarks.diversity SESSIONS
    python -m benchmarks.diversity SESSIONS --utterances 1000000 --without-direct

Each row is measured in a process of its own: seconds from texts to figures, tokenizing included,
and how far its memory rose above that of the process with texts and tokenizer. `--utterances`
repeats the sessions with the words of each shuffled, so that n-grams stay new: harder than speech.
"""

import argparse
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from magnet.evals.diversity.measure import measure_diversity
from magnet.evals.diversity.procedures import PROCEDURES, ProcedureName
from magnet.evals.diversity.tokenizer_files import ensure_tokenizer
from magnet.evals.diversity.tokenizers import Tokenizer
from magnet.store.formats import read_sessions

Figures = tuple[float, float, float, float]
_MEBIBYTE = 1 << 20


def read_texts(path: Path) -> list[list[str]]:
    """Return the texts of all utterances of the sessions at a path."""
    files = list(read_sessions(path, "benchmark"))
    return [[said.text for said in s.utterances] for file in files for s in file.sessions]


def repeated(texts: Sequence[Sequence[str]], utterances: int) -> Iterator[Sequence[str]]:
    """Yield sessions until there are so many utterances: as they are, then with shuffled words."""
    generator = random.Random(0)
    for number in count():
        for session in texts:
            if utterances <= 0:
                return
            utterances -= len(session)
            if not number:
                yield session
                continue
            words = " ".join(session).split()
            generator.shuffle(words)
            step = len(words) // len(session) + 1
            yield [" ".join(words[at : at + step]) for at in range(0, len(words), step)]


def streamed(
    sessions: Iterator[Sequence[str]], tokenizer: Tokenizer, procedure: ProcedureName
) -> tuple[int, Figures]:
    """Measure as the project does."""
    found = measure_diversity(sessions, tokenizer, procedure)
    one, two, three = (share.share for share in found.ngrams.values())
    return found.tokens, (one, two, three, found.ead)


def direct(
    sessions: Iterator[Sequence[str]], tokenizer: Tokenizer, procedure: ProcedureName
) -> tuple[int, Figures]:
    """Measure with a list of all n-grams and the set of it."""
    unigrams: list[int] = []
    bigrams: list[tuple[int, int]] = []
    trigrams: list[tuple[int, int, int]] = []
    for session in sessions:
        ids = tokenizer.encode(PROCEDURES[procedure].text(session))
        unigrams.extend(ids)
        bigrams.extend((ids[i], ids[i + 1]) for i in range(len(ids) - 1))
        trigrams.extend((ids[i], ids[i + 1], ids[i + 2]) for i in range(len(ids) - 2))
    size, tokens = tokenizer.vocabulary_size, len(unigrams)
    ead = len(set(unigrams)) / (size * (1 - ((size - 1) / size) ** tokens))
    one, two, three = (len(set(grams)) / len(grams) for grams in (unigrams, bigrams, trigrams))
    return tokens, (one, two, three, ead)


READINGS = {"streamed": streamed, "direct": direct}


def measure(
    path: Path, reading: str, procedure: ProcedureName, utterances: int | None
) -> tuple[int, Figures, float, float]:
    """Return tokens, figures, seconds, and the memory that they took in MiB."""
    tokenizer = ensure_tokenizer(PROCEDURES[procedure].tokenizer)
    texts = read_texts(path)
    before = peak()
    started = time.perf_counter()
    sessions = repeated(texts, utterances or sum(map(len, texts)))
    tokens, figures = READINGS[reading](sessions, tokenizer, procedure)
    return tokens, figures, time.perf_counter() - started, peak() - before


def peak() -> float:
    """Return the most memory that this process has had, in MiB."""
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest / _MEBIBYTE if sys.platform == "darwin" else highest / 1024


def main(path: Path, utterances: int | None, readings: Sequence[str]) -> None:
    """Print the table."""
    table = Table("procedure", "reading", "tokens", "Distinct-1", "Distinct-2", "Distinct-3", "EAD")
    table.add_column("seconds", justify="right")
    table.add_column("MiB", justify="right")
    spawned = multiprocessing.get_context("spawn")
    for procedure in PROCEDURES:
        for reading in readings:
            with ProcessPoolExecutor(1, mp_context=spawned) as process:
                job = process.submit(measure, path, reading, procedure, utterances)
                tokens, figures, seconds, memory = job.result()
            shown = [repr(figure) for figure in figures]
            table.add_row(
                procedure, reading, f"{tokens:,}", *shown, f"{seconds:.1f}", f"{memory:,.0f}"
            )
    Console(width=170).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sessions", type=Path)
    parser.add_argument("--utterances", type=int)
    parser.add_argument("--without-direct", action="store_true")
    given = parser.parse_args()
    wanted = [name for name in READINGS if name == "streamed" or not given.without_direct]
    main(given.sessions, given.utterances, wanted)
