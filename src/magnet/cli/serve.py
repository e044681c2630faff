"""`magnet serve`: a model at an address where sessions find it."""

import signal
from pathlib import Path
from typing import Annotated

import typer

from magnet.cli.console import err, out
from magnet.models.settings import CONFIG_FILE, load_settings
from magnet.training.serving.serve import LOOPBACK, PORT, how_to_call, serving, wait_for_end


def serve(
    model: Annotated[
        str,
        typer.Argument(
            help="A GGUF file (by llama.cpp), or a model's folder or Hugging Face name (by vLLM)."
        ),
    ],
    adapter: Annotated[
        Path | None,
        typer.Option("--adapter", help="Folder of a LoRA adapter; with a GGUF file, also one."),
    ] = None,
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = PORT,
    host: Annotated[
        str, typer.Option("--host", help="0.0.0.0 lets others call it, without any key.")
    ] = LOOPBACK,
) -> None:
    """Serve a fine-tuned counselor, until Ctrl-C.

    Example: magnet serve my-counselor/my-counselor-q8_0.gguf --port 8001
    """
    settings = load_settings()
    # A termination, too, is to end the server before this process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with serving(
            model, adapter=adapter, host=host, port=port, embedded=settings.embedded
        ) as server:
            model_id, table = how_to_call(settings, server, host, port)
            _say(f"{server.model_name} answers on port {port}; Ctrl-C stops it.")
            if table:
                _say(f"In {CONFIG_FILE}:\n{table}")
            _say(f"magnet run --method finetuned --model counselor={model_id}")
            wait_for_end(server)
    except KeyboardInterrupt:
        err.print("Stopped.")


def _say(text: str) -> None:
    out.print(text, markup=False, soft_wrap=True)
