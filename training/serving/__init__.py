"""Serving what was trained, by vLLM or by the embedded llama.cpp."""
