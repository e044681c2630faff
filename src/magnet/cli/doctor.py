"""`magnet doctor`: what works on this machine, and what to do about what does not."""

import asyncio
import dataclasses
import json

import typer
from rich.markup import escape

from magnet.cli.console import out
from magnet.cli.options import AsJson, Db, Model, settings_from
from magnet.doctor import Finding, examine
from magnet.models.settings import Settings
from magnet.state.errors import FAILED


def doctor(model: Model = None, db: Db = None, as_json: AsJson = False) -> None:
    """Check the installation, the database and every model's endpoint.

    Example: magnet doctor --model vllm:my-model
    """
    findings = asyncio.run(_examine(settings_from(db, model), as_json))
    if as_json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], indent=2))
    if not all(finding.good for finding in findings):
        raise typer.Exit(FAILED)


async def _examine(settings: Settings, quiet: bool) -> list[Finding]:
    findings: list[Finding] = []
    async for finding in examine(settings):
        findings.append(finding)
        if not quiet:
            mark = "[green]ok[/]     " if finding.good else "[red]missing[/]"
            remedy = f" [yellow]→ {escape(finding.remedy)}[/]" if finding.remedy else ""
            out.print(f"{mark} {escape(finding.what)}: {escape(finding.found)}{remedy}")
    return findings
