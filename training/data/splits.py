"""Which clients train, validate and test: a client with all its sessions is in one split alone."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Literal, get_args

from magnet.state import derive_seed
from magnet.store import Session
from magnet.training.data.errors import TrainingDataError

Split = Literal["train", "valid", "test"]
SplitName = Literal["shares", "paper"]
SPLITS: tuple[Split, ...] = get_args(Split)


def client_key(session: Session) -> str:
    """Return 12 hexadecimal digits that sessions share whose intake form is the same."""
    return sha256(session.client.form.model_dump_json().encode()).hexdigest()[:12]


def split_clients(sessions: Sequence[Session], name: SplitName, seed: int) -> dict[str, Split]:
    """Return the split of each client, by its key; a client that belongs to none is missing.

    Args:
        sessions: all of a data set, before any filter: filters then move no client.
        name: `shares` draws a tenth of the clients each to validate and to test; `paper` goes by
            the clients' numbers, the places in their seed file.
        seed: of the draw; the same seed and clients give the same splits.

    Raises:
        TrainingDataError: there are too few clients, or the numbers do not tell them apart.
    """
    return _RULES[name](sessions, seed)


def _by_share(
    sessions: Sequence[Session], seed: int, *, held_out: Mapping[Split, float]
) -> dict[str, Split]:
    keys = sorted({client_key(s) for s in sessions}, key=lambda key: (derive_seed(seed, key), key))
    if len(keys) <= len(held_out):
        raise TrainingDataError(
            f"these sessions are of {len(keys)} clients; a split needs {len(held_out) + 1} or "
            "more, for no client may be in two of its parts. Add runs of other clients"
        )
    ends = list(accumulate(max(1, round(share * len(keys))) for share in held_out.values()))
    splits: dict[str, Split] = dict.fromkeys(keys, "train")
    for split, (start, end) in zip(held_out, pairwise([0, *ends]), strict=True):
        splits |= dict.fromkeys(keys[start:end], split)
    return splits


def _by_number(
    sessions: Sequence[Session], seed: int, *, clients: Mapping[Split, int]
) -> dict[str, Split]:
    del seed  # the order of the seed file decides
    ends = list(accumulate(clients.values()))
    places: dict[str, int] = {}
    for session in sessions:
        if session.client_number is None:
            raise TrainingDataError(
                f"session {session.id}: its client has no number in a seed file, by which the "
                "paper's split goes. Split by shares instead"
            )
        place = bisect_left(ends, session.client_number)
        if places.setdefault(client_key(session), place) != place:
            raise TrainingDataError(
                f"session {session.id}: its client {session.client_name} has another number in "
                "another session, and would be in two splits. Take runs of one seed file, or split "
                "by shares"
            )
    names = list(clients)
    return {key: names[place] for key, place in places.items() if place < len(names)}


# The paper fine-tunes on 270 sessions, validates on 30 and tests on 150 (MAGneT, arXiv 2509.04183):
# so many clients, each in three attitudes.
_RULES: Mapping[SplitName, Callable[[Sequence[Session], int], dict[str, Split]]] = {
    "shares": partial(_by_share, held_out={"valid": 0.1, "test": 0.1}),
    "paper": partial(_by_number, clients={"train": 90, "valid": 10, "test": 50}),
}
