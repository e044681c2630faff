"""Tiny models of random weights, as folders that transformers loads, and adapters for them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

ROOT = Path(__file__).parents[2]
BEGIN, END_OF_TURN = "<|begin_of_text|>", "<|eot_id|>"
HEADER, END_HEADER = "<|start_header_id|>", "<|end_header_id|>"
SPECIAL = [BEGIN, END_OF_TURN, HEADER, END_HEADER]
END_ID = SPECIAL.index(END_OF_TURN)
VOCABULARY = 600
UNUSED_ROWS = 8
SEED = 7

# Llama 3's own, without its tools and dates.
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    f"{HEADER}{{{{ message.role }}}}{END_HEADER}\n\n"
    f"{{{{ message.content | trim }}}}{END_OF_TURN}"
    "{% endfor %}{% if add_generation_prompt %}"
    f"{HEADER}assistant{END_HEADER}\n\n"
    "{% endif %}"
)
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
ONE_DIGIT = WORDS.replace("{1,3}", "")


def splitting_at(pattern: str) -> Any:
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


SPLITS = {
    "llama-bpe": splitting_at(WORDS),
    "qwen2": splitting_at(ONE_DIGIT),
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "smollm": pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    ),
}


def texts() -> Iterator[str]:
    """Our prompts and intake forms."""
    for path in sorted([*ROOT.glob("prompts/texts/*.yaml"), *ROOT.glob("examples/intake/*.yaml")]):
        yield path.read_text(encoding="utf-8")


def make_tokenizer(split: str = "llama-bpe") -> PreTrainedTokenizerFast:
    """Learn byte pairs from our texts, which are cut in llama.cpp's way of this name."""
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = SPLITS[split]
    learned.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learned.train_from_iterator(texts(), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=learned,
        bos_token=BEGIN,
        eos_token=END_OF_TURN,
        pad_token=END_OF_TURN,
        chat_template=CHAT_TEMPLATE,
    )


def make_model(folder: Path, model_type: str = "llama", split: str = "", **config: Any) -> Path:
    """Save a model whose weights lie wide enough apart that it says different things.

    Its embedding has rows without a token, as Qwen's do.
    """
    tokenizer = make_tokenizer(split or "llama-bpe")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(SEED)
    sizes: dict[str, Any] = {
        "vocab_size": VOCABULARY + UNUSED_ROWS,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 1024,
        "initializer_range": 0.3,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
        "dtype": "float32",
    }
    model = AutoModelForCausalLM.from_config(
        AutoConfig.for_model(model_type, **{**sizes, **config})
    )
    for name, weight in model.named_parameters():
        if name.endswith("bias"):  # made as zeros, which lie the same in every order
            torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    return folder


def make_adapter(base: str | Path, folder: Path, **config: Any) -> Path:
    """Save an adapter of random weights for a model, strong enough to change what it says."""
    torch.manual_seed(SEED + 1)
    model = AutoModelForCausalLM.from_pretrained(base)
    wanted = {"r": 4, "lora_alpha": 6, "target_modules": "all-linear", "task_type": "CAUSAL_LM"}
    adapted = get_peft_model(model, LoraConfig(**{**wanted, **config}))
    for name, weight in adapted.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(weight, std=0.1)
    adapted.save_pretrained(folder)
    return folder


@torch.no_grad()
def logits(model: Any, prompt: list[int]) -> torch.Tensor:
    """Return a model's logits: (tokens of the prompt, vocabulary)."""
    return model.eval()(torch.tensor([prompt])).logits[0].float()


def shortfall(model: Any, prompt: list[int], said: list[int]) -> float:
    """Return how far below the likeliest token a said one lies at most, in logits.

    It is 0 for what the model itself says greedily, and some hundredths for what another program
    says from the same weights in 16 bits, where two tokens are about as likely.
    """
    found = logits(model, prompt + said)[len(prompt) - 1 : -1]
    found[:, END_ID] = -torch.inf  # the server is told not to end
    return float((found.amax(1) - found[torch.arange(len(said)), torch.tensor(said)]).max())
