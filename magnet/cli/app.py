"""The command line's frame: the commands, and what becomes of errors."""

import sys
from collections.abc import Callable, Mapping

import openai
import typer

from magnet.cli.console import err
from magnet.cli.exits import EXIT_CODES

app = typer.Typer(
    name="magnet",
    help="Synthetic counseling sessions from coordinated agents, resumable at every step.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _register() -> None:
    from magnet.cli import doctor, export, generate, graph, importing, listing, resume, run, show

    commands: Mapping[str, Callable[..., None]] = {
        "run": run.run,
        "generate": generate.generate,
        "resume": resume.resume,
        "list": listing.list_sessions,
        "show": show.show,
        "graph": graph.graph,
        "export": export.export,
        "import": importing.import_,
        "doctor": doctor.doctor,
    }
    for name, function in commands.items():
        app.command(name)(function)


def explain(error: Exception) -> str:
    """Say what went wrong in the words of the user's problem, with the remedy."""
    if isinstance(error, openai.APIConnectionError):
        return (
            f"the model's endpoint {error.request.url} does not answer "
            f"({error.__cause__ or error}). Start it or correct its base_url; 'magnet doctor' "
            "shows which endpoints answer"
        )
    if isinstance(error, openai.APIStatusError):
        return f"the model's endpoint {error.request.url} refused the call: {error.message}"
    return str(error)


def main() -> None:
    """Run the command line: exit 0 done, 1 failed, 2 bad use."""
    _register()
    try:
        app(standalone_mode=True)
    except tuple(EXIT_CODES) as error:
        err.print(f"[bold red]error:[/] {_escaped(explain(error))}")
        sys.exit(next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind)))


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
