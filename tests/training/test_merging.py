"""Merging: the merged model computes what base and adapter compute together."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("peft", reason="needs magnet-counseling[train]")
pytest.importorskip("gguf", reason="needs magnet-counseling[train]")

import torch
from gguf import GGUFReader
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from magnet.training.adapters import AdapterError, read_adapter
from magnet.training.bases import BaseModelError
from magnet.training.gguf.errors import GgufError
from magnet.training.gguf.model import export_model
from magnet.training.merging import MergeError, load_merged, merge_adapter
from tests.magnet.commands import Magnet, magnet
from tests.training.llama_server import llama_cpp
from tests.training.tiny_models import logits, make_adapter, make_model, shortfall

__all__ = ["magnet"]

pytestmark = pytest.mark.slow

PROMPT = list(range(4, 44))
NOISE = 0.05


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_model(tmp_path / "base")


@pytest.fixture
def adapter(base: Path, tmp_path: Path) -> Path:
    return make_adapter(base, tmp_path / "adapter")


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    "config",
    [{}, {"use_rslora": True}, {"use_dora": True}, {"target_modules": ["q_proj", "down_proj"]}],
    ids=["all linear layers", "rank-stabilized", "DoRA", "two layers"],
)
def test_merged_is_base_and_adapter(config: dict[str, Any], base: Path, tmp_path: Path) -> None:
    adapter = make_adapter(base, tmp_path / "adapter", **config)
    merge_adapter(adapter, tmp_path / "merged")
    untrained = AutoModelForCausalLM.from_pretrained(base)
    before = logits(untrained, PROMPT)
    wanted = logits(PeftModel.from_pretrained(untrained, adapter), PROMPT)
    found = logits(AutoModelForCausalLM.from_pretrained(tmp_path / "merged"), PROMPT)
    assert torch.allclose(found, wanted, rtol=1e-4, atol=1e-4)
    assert not torch.allclose(before, wanted, rtol=0.1, atol=0.1)


def test_the_folder_is_a_whole_model(base: Path, adapter: Path, tmp_path: Path) -> None:
    said: list[str] = []
    merged = merge_adapter(adapter, tmp_path / "made" / "merged", say=said.append)
    assert merged.folder == tmp_path / "made" / "merged"
    assert (merged.gguf, merged.adapter_gguf) == (None, None)
    ours, theirs = (AutoTokenizer.from_pretrained(folder) for folder in (merged.folder, base))
    assert ours.chat_template == theirs.chat_template
    assert ours("I cannot sleep.") == theirs("I cannot sleep.")
    assert [path.name for path in merged.folder.parent.iterdir()] == ["merged"]
    assert said == [f"Merging {adapter} into {base}"]


def test_the_adapters_own_tokenizer_goes_first(base: Path, adapter: Path, tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.chat_template = "{{ messages[0].content }}"
    tokenizer.save_pretrained(adapter)
    merged = merge_adapter(adapter, tmp_path / "merged").folder
    assert AutoTokenizer.from_pretrained(merged).chat_template == tokenizer.chat_template


def test_the_fine_tunings_folder_does_as_well(base: Path, tmp_path: Path) -> None:
    make_adapter(base, tmp_path / "run" / "adapter")
    assert merge_adapter(tmp_path / "run", tmp_path / "merged").folder.is_dir()


def test_both_gguf_files_say_what_the_merged_model_says(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    merged = merge_adapter(adapter, tmp_path / "counselor", gguf="f16", adapter_gguf=True)
    model = AutoModelForCausalLM.from_pretrained(merged.folder)
    assert merged.gguf == tmp_path / "counselor" / "counselor-f16.gguf"
    with llama_cpp(merged.gguf) as server:
        assert shortfall(model, PROMPT, server.greedy(PROMPT, 24)) < NOISE
    export_model(base, tmp_path / "base.gguf", "f16", name="base")
    with llama_cpp(tmp_path / "base.gguf", merged.adapter_gguf) as server:
        assert shortfall(model, PROMPT, server.greedy(PROMPT, 24)) < NOISE
    named = GGUFReader(merged.gguf).get_field("general.name")
    assert named and named.contents() == "counselor"


@pytest.mark.parametrize(("precision", "loss"), [("f16", 0.01), ("q8_0", 0.1)])
def test_a_gguf_base_is_unpacked(
    precision: Any, loss: float, base: Path, adapter: Path, tmp_path: Path
) -> None:
    file = tmp_path / "packed" / "base.gguf"
    file.parent.mkdir()
    export_model(base, file, precision, name="base")
    edit(adapter / "adapter_config.json", base_model_name_or_path=str(file))
    merged = merge_adapter(adapter, tmp_path / "merged", gguf="f16")
    stored = json.loads((merged.folder / "config.json").read_text())
    assert "quantization_config" not in stored
    assert stored["dtype"] == "float16"
    # The same model but for what fewer bits leave out.
    from_packed = AutoModelForCausalLM.from_pretrained(merged.folder, dtype=torch.float32)
    edit(adapter / "adapter_config.json", base_model_name_or_path=str(base))
    exact = logits(load_merged(adapter), PROMPT)
    apart = (logits(from_packed, PROMPT) - exact).abs().mean() / exact.abs().mean()
    assert apart < loss
    assert merged.gguf
    with llama_cpp(merged.gguf) as server:
        assert shortfall(from_packed, PROMPT, server.greedy(PROMPT, 24)) < NOISE


def test_a_base_that_is_stored_quantized_is_refused(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    edit(
        base / "config.json",
        quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True},
    )
    with pytest.raises(BaseModelError, match=r"quantized \(bitsandbytes\).*adapter_config\.json"):
        merge_adapter(adapter, tmp_path / "merged")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter", "base"]


def test_a_folder_that_is_there_is_left_alone(adapter: Path, tmp_path: Path) -> None:
    kept = tmp_path / "merged" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    with pytest.raises(MergeError, match="is there already"):
        merge_adapter(adapter, kept.parent)
    assert kept.read_text() == "mine"


def test_what_an_earlier_merge_left_half_done_is_cleared(adapter: Path, tmp_path: Path) -> None:
    half = tmp_path / "merged.part" / "model.safetensors"
    half.parent.mkdir()
    half.write_bytes(b"half")
    merge_adapter(adapter, tmp_path / "merged")
    assert not half.exists()
    assert (tmp_path / "merged" / "model.safetensors").stat().st_size > 10_000


def test_a_model_that_cannot_be_exported_is_refused_before_it_is_loaded(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    (base / "model.safetensors").unlink()
    edit(base / "config.json", sliding_window=16)
    for wanted in ({"gguf": "q8_0"}, {"adapter_gguf": True}):
        with pytest.raises(GgufError, match="sliding_window"):
            merge_adapter(adapter, tmp_path / "merged", **wanted)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: shutil.rmtree(folder), r"adapter_config\.json: there is no such file"),
        (
            lambda folder: (folder / "adapter_model.safetensors").unlink(),
            r"adapter_model\.safetensors: there is no such file",
        ),
        (
            lambda folder: (folder / "adapter_config.json").write_text("{}"),
            "peft_type: Field required; base_model_name_or_path: Field required",
        ),
        (
            lambda folder: (folder / "adapter_config.json").write_text("{"),
            "the file: Invalid JSON",
        ),
        (
            lambda folder: edit(folder / "adapter_config.json", peft_type="IA3"),
            "peft_type is IA3, expected LORA",
        ),
        (
            lambda folder: edit(folder / "adapter_config.json", base_model_name_or_path=None),
            "base_model_name_or_path: Input should be a valid string",
        ),
    ],
)
def test_what_is_no_adapter_is_named(adapter: Path, spoil: Any, said: str) -> None:
    spoil(adapter)
    with pytest.raises(AdapterError, match=said):
        read_adapter(adapter)


@pytest.mark.parametrize("gone", ["/no/such/folder", "/no/such/model.gguf"])
def test_a_base_that_is_gone_is_named(gone: str, adapter: Path, tmp_path: Path) -> None:
    edit(adapter / "adapter_config.json", base_model_name_or_path=gone)
    with pytest.raises(BaseModelError, match=f"{gone}: cannot be read.*base_model_name_or_path"):
        merge_adapter(adapter, tmp_path / "merged")


def test_a_weight_that_is_no_number_makes_no_model(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(adapter / "adapter_model.safetensors")
    next(iter(weights.values()))[0, 0] = float("nan")
    save_file(weights, adapter / "adapter_model.safetensors", {"format": "pt"})
    with pytest.raises(AdapterError, match=r"cannot be merged into.*NaN"):
        merge_adapter(adapter, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_an_adapter_of_another_base_does_not_fit(adapter: Path, tmp_path: Path) -> None:
    other = make_model(tmp_path / "other", hidden_size=32)
    edit(adapter / "adapter_config.json", base_model_name_or_path=str(other))
    with pytest.raises(AdapterError, match="Check that it was made for this base"):
        load_merged(adapter)


def test_the_command(magnet: Magnet, adapter: Path) -> None:
    outcome = magnet("train", "merge", adapter, "--out", "counselor", "--adapter-gguf")
    assert outcome.code == 0, outcome.said
    assert "--model counselor=embedded:counselor/counselor-q8_0.gguf" in outcome.said
    assert Path("counselor/counselor-adapter.gguf").is_file()
    again = magnet("train", "merge", adapter, "--out", "counselor", "--gguf", "none")
    assert again.code == 2
    assert "is there already" in again.said
