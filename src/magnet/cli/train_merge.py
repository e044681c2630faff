"""`magnet train merge`: an adapter and its base become one model."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from magnet.cli.console import err, out


def merge(
    adapter: Annotated[
        Path, typer.Argument(help="Folder of the adapter, as 'magnet train qlora' wrote it.")
    ],
    to: Annotated[Path, typer.Option("--out", "-o", help="A new folder for the model.")],
    gguf: Annotated[
        Literal["f16", "q8_0", "none"],
        typer.Option("--gguf", help="Also one file for the embedded server, in 16 or 8 bits."),
    ] = "q8_0",
    adapter_gguf: Annotated[
        bool,
        typer.Option("--adapter-gguf", help="Also the adapter alone, to add to the base's GGUF."),
    ] = False,
) -> None:
    """Merge an adapter into its base, unquantized, and write what servers load.

    Example: magnet train merge my-adapter --out my-counselor --gguf q8_0
    """
    from magnet.training.merging import merge_adapter

    merged = merge_adapter(
        adapter,
        to,
        gguf=None if gguf == "none" else gguf,
        adapter_gguf=adapter_gguf,
        say=lambda text: err.print(text, markup=False),
    )
    _say(f"{merged.folder}: the model; what it is: README.md")
    if merged.adapter_gguf:
        _say(f"{merged.adapter_gguf}: the adapter; magnet serve BASE.gguf --adapter it")
    if merged.gguf:
        _say(f"magnet run --method finetuned --model counselor=embedded:{merged.gguf}")
    else:
        _say(f"magnet serve {merged.folder}")


def _say(text: str) -> None:
    out.print(text, markup=False, soft_wrap=True)
