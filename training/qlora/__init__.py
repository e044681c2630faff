"""QLoRA: a causal language model learns to speak as the counselor, on a GPU, several, or none.

`train` in `magnet.training.qlora.run` is the way in. The heavy packages (torch, transformers, TRL,
peft, bitsandbytes, DeepSpeed) are imported where they are used; the extra `train` brings them.
"""
