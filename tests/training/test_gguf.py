"""GGUF files: what llama.cpp says from them is what transformers says from the same weights."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("peft", reason="needs magnet-counseling[train]")
pytest.importorskip("gguf", reason="needs magnet-counseling[train]")

import torch
from gguf import GGMLQuantizationType, GGUFReader
from gguf.quants import dequantize
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from magnet.training.bases import read_config
from magnet.training.gguf.adapter import export_adapter
from magnet.training.gguf.architectures import shape_of
from magnet.training.gguf.errors import GgufError
from magnet.training.gguf.layout import interleave_halves, layout_of_gguf, layout_of_shape
from magnet.training.gguf.model import export_model
from magnet.training.gguf.vocabulary import check_vocabulary
from tests.training.llama_server import llama_cpp
from tests.training.tiny_models import (
    SPLITS,
    make_adapter,
    make_model,
    make_tokenizer,
    shortfall,
    texts,
)

pytestmark = pytest.mark.slow

COUNT = 24
NOISE = 0.1
"""What rounding makes of such models: up to 0.08 was seen, by vocabulary; what is converted wrongly
is off by more than five times this."""
MESSAGES = [
    {"role": "system", "content": "You are a counselor."},
    {"role": "user", "content": "I have not slept well in 12 weeks, since 2023."},
]
# Positions beyond `original`, so that scaling by parts shows.
LLAMA3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
LINEAR_ROPE = {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}
KINDS: dict[str, dict[str, Any]] = {
    "llama": {},
    "llama with biases": {"attention_bias": True},
    "llama 3.1": {"rope_parameters": LLAMA3_ROPE},
    "llama, positions stretched": {"rope_parameters": LINEAR_ROPE},
    "mistral": {"model_type": "mistral", "sliding_window": None},
    "qwen2": {"model_type": "qwen2", "split": "qwen2"},
    "qwen2, tied": {"model_type": "qwen2", "split": "qwen2", "tie_word_embeddings": True},
    "qwen3": {"model_type": "qwen3", "split": "qwen2", "head_dim": 32},
}


def export(model: Path, path: Path, precision: Any = "f16") -> Path:
    export_model(model, path, precision, name="tiny")
    return path


def prompts(tokenizer: Any) -> list[list[int]]:
    return [tokenizer(text)["input_ids"][:60] for text in list(texts())[:3]]


@pytest.mark.parametrize("kind", KINDS)
def test_llama_cpp_says_what_transformers_says(kind: str, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", **KINDS[kind])
    model = AutoModelForCausalLM.from_pretrained(folder)
    asked = prompts(AutoTokenizer.from_pretrained(folder))
    with llama_cpp(export(folder, tmp_path / "model.gguf")) as server:
        said = [server.greedy(prompt, COUNT) for prompt in asked]
    for prompt, tokens in zip(asked, said, strict=True):
        assert len(tokens) == COUNT
        assert shortfall(model, prompt, tokens) < NOISE
    for prompt, tokens in zip(asked, said[1:], strict=False):
        assert shortfall(model, prompt, tokens) > 5 * NOISE, "the prompt does not matter"


@pytest.mark.parametrize("split", SPLITS)
def test_text_and_chats_become_the_same_tokens(split: str, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", split=split)
    assert check_vocabulary(folder) == split
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with llama_cpp(export(folder, tmp_path / "model.gguf")) as server:
        for text in [*texts(), "It's 12345  o'clock;\n\n they'LL  wait — naïve, 日本.", ""]:
            assert server.tokens(text) == tokenizer(text)["input_ids"]
        rendered = tokenizer.apply_chat_template(
            MESSAGES, tokenize=False, add_generation_prompt=True
        )
        assert server.prompt(MESSAGES) == rendered
        whole = tokenizer(rendered, add_special_tokens=False)["input_ids"]
        assert server.tokens(rendered) == whole


def test_eight_bits_are_as_near_as_their_scale_allows(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", "qwen2", "qwen2", tie_word_embeddings=False)
    path = export(folder, tmp_path / "model.gguf", "q8_0")
    weights = {w.name: w for w in GGUFReader(path).tensors}
    original = AutoModelForCausalLM.from_pretrained(folder).state_dict()
    for ours, theirs in (
        ("blk.1.attn_q.weight", "model.layers.1.self_attn.q_proj.weight"),
        ("blk.0.ffn_down.weight", "model.layers.0.mlp.down_proj.weight"),
        ("output.weight", "lm_head.weight"),
    ):
        assert weights[ours].tensor_type == GGMLQuantizationType.Q8_0
        kept = torch.tensor(dequantize(weights[ours].data, weights[ours].tensor_type))
        blocks, found = original[theirs].reshape(-1, 32), kept.reshape(-1, 32)
        scale = blocks.abs().amax(1, keepdim=True) / 127
        # Half a step, and what is lost of the step itself, which has 11 bits.
        assert ((blocks - found).abs() <= (0.5 + 127 / 2**11) * scale).all()
    norm = weights["output_norm.weight"]
    assert norm.tensor_type == GGMLQuantizationType.F32
    assert torch.equal(torch.tensor(norm.data), original["model.norm.weight"])
    with llama_cpp(path) as server:
        assert len(server.greedy([5, 6, 7], COUNT)) == COUNT


@pytest.mark.parametrize("kind", ["llama", "llama with biases", "qwen2"])
@pytest.mark.parametrize("stabilized", [False, True])
def test_an_adapter_on_its_base_is_the_merged_model(
    kind: str, stabilized: bool, tmp_path: Path
) -> None:
    folder = make_model(tmp_path / "model", **KINDS[kind])
    adapter = make_adapter(folder, tmp_path / "adapter", use_rslora=stabilized)
    asked = prompts(AutoTokenizer.from_pretrained(folder))
    path = export(folder, tmp_path / "base.gguf")
    layout = layout_of_gguf(path)
    assert layout == layout_of_shape(shape_of(read_config(str(folder)).to_dict()))
    export_adapter(adapter, tmp_path / "adapter.gguf", layout)
    with llama_cpp(path, tmp_path / "adapter.gguf") as server:
        said = [server.greedy(prompt, COUNT) for prompt in asked]
    base = AutoModelForCausalLM.from_pretrained(folder)
    untrained = [shortfall(base, *one) for one in zip(asked, said, strict=True)]
    tuned = PeftModel.from_pretrained(base, adapter)
    assert max(shortfall(tuned, *one) for one in zip(asked, said, strict=True)) < NOISE
    assert min(untrained) > 5 * NOISE


def test_rows_that_turn_together_come_side_by_side() -> None:
    rows = torch.arange(12).reshape(12, 1)
    assert interleave_halves(rows, 2).flatten().tolist() == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]
    assert interleave_halves(rows.flatten(), 3).tolist() == [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"model_type": "gemma"}, "models of type gemma"),
        ({"model_type": None}, "models of type None"),
        ({"sliding_window": 16}, "sliding_window is 16"),
        ({"hidden_size": "wide"}, "hidden_size missing or of a wrong type"),
        ({"rope_parameters": {"rope_type": "default"}}, "rope_parameters.rope_theta"),
    ],
)
def test_a_model_of_another_kind_is_refused(
    changed: dict[str, Any], said: str, tmp_path: Path
) -> None:
    config = read_config(str(make_model(tmp_path / "model"))).to_dict()
    with pytest.raises(GgufError, match=said):
        shape_of({**config, **changed})


@pytest.mark.parametrize(
    ("model_type", "rope_type"), [("llama", "yarn"), ("llama", "dynamic"), ("qwen2", "linear")]
)
def test_a_scaling_that_factors_cannot_express_is_refused(
    model_type: str, rope_type: str, tmp_path: Path
) -> None:
    rope = {"rope_type": rope_type, "rope_theta": 10000.0, "factor": 2.0}
    folder = make_model(tmp_path / "model", model_type, rope_parameters=rope)
    with pytest.raises(GgufError, match=f"rope_type {rope_type}.*{model_type}"):
        export(folder, tmp_path / "model.gguf")
    assert not list(tmp_path.glob("*.gguf*"))


def test_a_tokenizer_that_cuts_otherwise_is_refused(tmp_path: Path) -> None:
    make_tokenizer().save_pretrained(tmp_path)
    path = tmp_path / "tokenizer.json"
    content = json.loads(path.read_text())
    content["pre_tokenizer"] = {"type": "Whitespace"}
    path.write_text(json.dumps(content))
    with pytest.raises(GgufError, match=r"tokenizer\.json.*llama-bpe, qwen2"):
        check_vocabulary(tmp_path)
    path.unlink()
    with pytest.raises(GgufError, match="expected a fast tokenizer"):
        check_vocabulary(tmp_path)


def test_an_adapter_that_is_more_than_pairs_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model")
    adapter = make_adapter(folder, tmp_path / "adapter", use_dora=True)
    layout = layout_of_shape(shape_of(read_config(str(folder)).to_dict()))
    with pytest.raises(GgufError, match=r"use_dora.*magnet train merge"):
        export_adapter(adapter, tmp_path / "adapter.gguf", layout)


def test_an_adapter_of_another_kind_of_layer_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model")
    adapter = make_adapter(folder, tmp_path / "adapter", target_modules=["embed_tokens"])
    layout = layout_of_shape(shape_of(read_config(str(folder)).to_dict()))
    with pytest.raises(GgufError, match=r"embed_tokens.*no part of a LoRA pair"):
        export_adapter(adapter, tmp_path / "adapter.gguf", layout)
