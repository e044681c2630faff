"""The command line's frame: the commands, and what becomes of errors."""

import io
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Annotated

import typer

from magnet.cli.console import show_error, show_notes
from magnet.cli.exits import exit_code, explain, mendable


@cache
def _app() -> typer.Typer:
    # Here and not at import, so that a program that only imports pays for no command.
    from magnet.cli import (
        compare,
        diff,
        doctor,
        experiment,
        export,
        fork,
        generate,
        graph,
        history,
        importing,
        judge,
        listing,
        rate,
        replay,
        report,
        resume,
        run,
        serve,
        show,
        step,
        train,
    )
    from magnet.cli import eval as evaluation

    commands: Mapping[str, Callable[..., None]] = {
        "run": run.run,
        "generate": generate.generate,
        "resume": resume.resume,
        "list": listing.list_sessions,
        "show": show.show,
        "history": history.history,
        "step": step.step,
        "fork": fork.fork,
        "diff": diff.diff,
        "replay": replay.replay,
        "graph": graph.graph,
        "export": export.export,
        "import": importing.import_,
        "eval": evaluation.eval_,
        "compare": compare.compare,
        "report": report.report,
        "experiment": experiment.experiment,
        "serve": serve.serve,
        "doctor": doctor.doctor,
    }
    app = typer.Typer(
        name="magnet",
        help="Synthetic counseling sessions from coordinated agents, resumable at every step.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_before_commands)
    for name, function in commands.items():
        app.command(name)(function)
    app.add_typer(train.train, name="train")
    app.add_typer(rate.rate, name="rate")
    app.add_typer(judge.judge, name="judge")
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"magnet {version('magnet-counseling')}")
        raise typer.Exit


def _before_commands(
    wanted: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version, and exit."
        ),
    ] = False,
) -> None:
    del wanted  # its callback has printed it


def main() -> None:
    """Run the command line: exit 0 done, 1 failed, 2 bad use."""
    # A terminal that lacks a letter shows a question mark, and the command goes on.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    show_notes()
    app = _app()
    try:
        app(standalone_mode=True)
    except mendable() as error:
        show_error(explain(error))
        sys.exit(exit_code(error))
