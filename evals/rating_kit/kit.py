"""Making a rating kit: a page that shows pairs of sessions blind, and the key to it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from pydantic import JsonValue

from magnet.evals.preference.aspects import Aspect
from magnet.evals.preference.pairing import Pair
from magnet.evals.rating_kit.choosing import Placed, choose_pairs, place_sides
from magnet.evals.rating_kit.key import KeyPair, KeyScale, KitError, KitKey
from magnet.evals.rating_kit.page import fill_page
from magnet.evals.scales.model import Questionnaire, Shape
from magnet.store.records import Session

_SCORED: frozenset[Shape] = frozenset({"item", "items"})


@dataclass(frozen=True, slots=True)
class Kit:
    """A page for the raters, and its key for the researcher."""

    page: str
    key: KitKey


def build_kit(
    pairs: Sequence[Pair],
    *,
    count: int,
    aspects: Sequence[Aspect],
    sheets: Sequence[Questionnaire],
    arms: tuple[str, str],
    seed: int,
) -> Kit:
    """Make a kit. The same arguments make the same kit.

    The page holds what raters judge by: who the client is, why they came, what was said. It holds
    no method, model, run or session id; which side is which stands in the key alone.

    Args:
        pairs: what can be compared.
        count: pairs to ask about; fewer are asked where there are fewer.
        aspects: what the sessions of a pair are compared on.
        sheets: what each session is rated on; they must need nothing but what was said.
        sides: what `Pair.a` and `Pair.b` are, for the key.
        seed: draws the pairs and their sides.

    Raises:
        KitError: if there is nothing to ask, or a sheet that people cannot fill in.
    """
    if not pairs or not (aspects or sheets):
        raise KitError("the kit would ask nothing: give it pairs, and aspects, scales, or both")
    for sheet in sheets:
        if sheet.text.shape not in _SCORED or set(sheet.text.sees) != {"dialogue"}:
            raise KitError(
                f"sheet {sheet.name}: people see what was said and give scores, and it needs "
                "something else. Name scales such as ctrs and wai"
            )
    rng = Random(seed)
    chosen = choose_pairs(pairs, count, rng)
    placed = {str(number): side for number, side in enumerate(place_sides(chosen, rng), 1)}
    shown: dict[str, JsonValue] = {
        "aspects": [aspect.model_dump() for aspect in aspects],
        "scales": [_scale(sheet) for sheet in sheets],
        "pairs": [_pair(name, side) for name, side in placed.items()],
    }
    # Of what is in the page anyway: an id made from the key could be tried out against guesses.
    kit = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:12]
    key = KitKey(
        kit=kit,
        arms=arms,
        seed=seed,
        pairs=tuple(KeyPair(id=n, left=s[0].id, right=s[1].id) for n, s in placed.items()),
        aspects=tuple(aspect.id for aspect in aspects),
        scales=tuple(
            KeyScale(
                id=sheet.name,
                lowest=sheet.scale.low,
                highest=sheet.scale.high,
                items=tuple(sheet.items),
            )
            for sheet in sheets
        ),
    )
    return Kit(fill_page({"id": kit, **shown}), key)


def _scale(sheet: Questionnaire) -> JsonValue:
    return {
        "id": sheet.name,
        "name": sheet.name.upper(),
        "title": sheet.scale.title,
        "task": sheet.text.task,
        "lowest": sheet.scale.low,
        "highest": sheet.scale.high,
        "items": [
            {
                "id": name,
                "label": item.title,
                "text": item.asks,
                "anchors": {str(score): text for score, text in sheet.points(name).items()},
            }
            for name, item in sheet.items.items()
        ],
    }


def _pair(name: str, sides: Placed) -> JsonValue:
    form = sides[0].client.form
    return {
        "id": name,
        "client": form.client_information,
        "reason": form.reason,
        "left": _said(sides[0]),
        "right": _said(sides[1]),
    }


def _said(session: Session) -> JsonValue:
    return [{"speaker": said.speaker.value, "text": said.text} for said in session.utterances]
