"""Make a tiny Llama of random weights that a server can load: `tiny_llama.py FOLDER TEXT...`.

Run by the Python of vLLM's environment, which has torch and transformers; ours needs neither. The
tokenizer is learned from the texts, so that prompts are about as long as for a real model.
"""

import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

BEGIN, END_OF_TURN = "<|begin_of_text|>", "<|eot_id|>"
HEADER, END_HEADER = "<|start_header_id|>", "<|end_header_id|>"
VOCABULARY = 2048
PRINTABLE = [chr(code) for code in range(33, 127)]
POSITIONS = 8192
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


def make_tokenizer(texts: list[Path]) -> PreTrainedTokenizerFast:
    """Learn byte pairs from these texts.

    It has no pieces for control characters: where a schema lets a string have any, as vLLM's
    grammar does, random weights would write them, and no parser of JSON takes them.
    """
    learned = Tokenizer(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    learned.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[BEGIN, END_OF_TURN, HEADER, END_HEADER],
        initial_alphabet=PRINTABLE,
    )
    learned.train([str(path) for path in texts], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=learned,
        bos_token=BEGIN,
        eos_token=END_OF_TURN,
        pad_token=END_OF_TURN,
        chat_template=CHAT_TEMPLATE,
    )


def make_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """Draw the weights, wide enough apart that what it says depends on what it was told."""
    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=POSITIONS,
        initializer_range=0.2,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        dtype="float32",
    )
    return LlamaForCausalLM(config)


def main(folder: str, *texts: str) -> None:
    tokenizer = make_tokenizer([Path(text) for text in texts])
    tokenizer.save_pretrained(folder)
    make_model(tokenizer).save_pretrained(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
