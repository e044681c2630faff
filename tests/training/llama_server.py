"""What llama.cpp makes of a GGUF file, asked over HTTP as sessions ask it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from magnet.models.embedded import EmbeddedServer


class Asking:
    """A llama.cpp server with one model."""

    def __init__(self, url: str) -> None:
        self._url = url.removesuffix("/v1")

    def tokens(self, text: str) -> list[int]:
        return self._post("tokenize", content=text, add_special=True, parse_special=True)["tokens"]

    def prompt(self, messages: list[dict[str, str]]) -> str:
        return self._post("apply-template", messages=messages)["prompt"]

    def greedy(self, prompt: list[int], count: int) -> list[int]:
        said = self._post(
            "completion",
            prompt=prompt,
            n_predict=count,
            temperature=0,
            ignore_eos=True,
            return_tokens=True,
            cache_prompt=False,
        )
        return said["tokens"]

    def _post(self, path: str, **body: Any) -> Any:
        answer = httpx.post(f"{self._url}/{path}", json=body, timeout=60, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()


@contextmanager
def llama_cpp(model: Path, adapter: Path | None = None) -> Generator[Asking]:
    """Serve a GGUF file."""
    server = EmbeddedServer(model, slots=1, context=512, threads=1, adapter=adapter)
    try:
        yield Asking(server.base_url)
    finally:
        server.close()
