"""vLLM's server on this machine, for a model in Hugging Face's form and an adapter over it."""

import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import httpx

from magnet.models.errors import ModelStartError
from magnet.training.adapters import find_adapter, read_adapter

# vLLM takes no other bound of a LoRA's rank; these are those of all its versions.
_RANKS = (8, 16, 32, 64, 128, 256, 512)
_POLL_SECONDS = 0.5
_CLOSE_SECONDS = 30.0


def has_vllm() -> bool:
    """Return whether vLLM is installed where this program runs."""
    return find_spec("vllm") is not None


class VllmServer:
    """A vLLM server, which logs to standard error and ends with `close`.

    Args:
        model: a folder, or a name on Hugging Face.
        host: where it listens.
        port: where it listens.
        adapter: folder of a LoRA adapter, or of its fine-tuning; it is served beside the model,
            under the folder's name.

    Raises:
        AdapterError: if the folder holds no LoRA adapter.
        ModelStartError: if it ends before it answers.
    """

    def __init__(self, model: str, *, host: str, port: int, adapter: Path | None = None) -> None:
        folder = adapter or Path(model)
        self.model_name = folder.resolve().name if folder.is_dir() else model
        command = vllm_command(model, host=host, port=port, adapter=adapter)
        # Its log beside our messages; standard output holds only what is to be read by programs.
        self._process = subprocess.Popen(command, stdout=sys.stderr.fileno())
        try:
            self._wait_until_it_answers(f"http://{host}:{port}/health")
        except BaseException:
            self.close()
            raise

    @property
    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the server; calls under way break off. Closing twice does no harm."""
        self._process.terminate()
        try:
            self._process.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait_until_it_answers(self, url: str) -> None:
        # Loading takes minutes, fetching longer: it is waited for as long as it lives.
        while self.is_running:
            with suppress(httpx.TransportError):
                if httpx.get(url, trust_env=False).is_success:
                    return
            time.sleep(_POLL_SECONDS)
        raise ModelStartError(
            f"vLLM ended before it served (exit code {self._process.returncode}); what it printed "
            "above says why"
        )


def vllm_command(model: str, *, host: str, port: int, adapter: Path | None = None) -> list[str]:
    """Return the command line of vLLM's server.

    Raises:
        AdapterError: if the adapter's folder holds none.
    """
    folder = Path(model)
    options: dict[str, object] = {
        "--model": model,
        "--served-model-name": folder.resolve().name if folder.is_dir() else model,
        "--host": host,
        "--port": port,
    }
    # Sessions begin alike: what they share is computed once, and the answers say how much that was.
    flags = ["--enable-prefix-caching", "--enable-prompt-tokens-details"]
    if adapter is not None:
        weights = find_adapter(adapter)
        rank = read_adapter(weights).r
        options["--lora-modules"] = f"{adapter.resolve().name}={weights}"
        options["--max-lora-rank"] = next((bound for bound in _RANKS if rank <= bound), rank)
        flags.append("--enable-lora")
    pairs = [str(part) for option in options.items() for part in option]
    return [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *pairs, *flags]
