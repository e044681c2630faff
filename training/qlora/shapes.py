"""A model's shapes, from its configuration alone: memory and adapters are reckoned from them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from magnet.training.qlora.errors import InfeasibleError

_LINEAR = ("Linear", "Conv1D")


@dataclass(frozen=True, slots=True)
class Shapes:
    """Counts of parameters, and the widths that activations have.

    Args:
        linear: parameters of the linear layers, which are held in 4 bits; without the output head.
        other: parameters of embeddings, norms and the output head.
        adapter: parameters of the adapter, per unit of its rank.
        layers: transformer layers.
        hidden: width of a layer.
        inner: width inside a layer's feed-forward part.
        vocabulary: tokens that the head tells apart.
        positions: tokens that the model was made to read at once; none if it does not say.
    """

    linear: int
    other: int
    adapter: int
    layers: int
    hidden: int
    inner: int
    vocabulary: int
    positions: int | None


def read_shapes(config: Any, targets: Collection[str] | Literal["all-linear"]) -> Shapes:
    """Read a model's shapes. Its weights are neither fetched nor made.

    Args:
        config: transformers' configuration of it.
        targets: names of the linear layers that the adapter is put on.

    Raises:
        InfeasibleError: if it has no layer of a name in `targets`.
    """
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        auto: Any = AutoModelForCausalLM
        model: Any = auto.from_config(config)
    head: Any = model.get_output_embeddings()
    modules: dict[str, Any] = dict(model.named_modules())
    layers = {
        name: module
        for name, module in modules.items()
        if type(module).__name__ in _LINEAR and module is not head
    }
    names = {name.rpartition(".")[2] for name in layers}
    wanted = names if targets == "all-linear" else set(targets)
    if missing := wanted - names:
        raise InfeasibleError(
            f"targets: this model has no layer {', '.join(sorted(missing))}. Its linear layers are "
            f'{", ".join(sorted(names))}; or set targets = "all-linear"'
        )
    linear: int = sum(module.weight.numel() for module in layers.values())
    parameters: list[Any] = list(model.parameters())
    text: Any = config.get_text_config()
    return Shapes(
        linear=linear,
        other=sum(one.numel() for one in parameters) - linear,
        adapter=sum(
            sum(module.weight.shape)
            for name, module in layers.items()
            if name.rpartition(".")[2] in wanted
        ),
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        inner=max(max(module.weight.shape) for module in layers.values()),
        vocabulary=text.vocab_size,
        positions=getattr(text, "max_position_embeddings", None),
    )
