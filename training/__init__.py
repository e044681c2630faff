"""Fine-tuning a counselor on sessions: data, QLoRA, merging, GGUF."""
