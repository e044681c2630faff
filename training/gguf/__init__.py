"""GGUF files for llama.cpp, from a model's folder or a LoRA adapter.

`model.export_model` and `adapter.export_adapter` write them; both need the package `gguf`.
"""
