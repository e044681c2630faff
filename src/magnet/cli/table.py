"""The commands as data, so that listing them imports none: where each is, and its help in a line.

The help is the first line of the function's docstring, which a test compares.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Entry(NamedTuple):
    """One command."""

    place: str
    """`MODULE:FUNCTION` in `magnet.cli`."""
    help: str


SUMMARY = "Synthetic counseling sessions from coordinated agents, resumable at every step."
GROUPS: Mapping[str, str] = {
    "train": "Fine-tune a counselor on generated sessions: data, then qlora, then merge.",
    "rate": "Let people rate sessions blind: export a page for them, import their answers.",
    "judge": "Look into judge models.",
}
"""The first words that several commands share."""

COMMANDS: Mapping[str, Entry] = {
    "run": Entry(
        "run:run",
        "Play one counseling session, streamed to the terminal.",
    ),
    "generate": Entry(
        "generate:generate",
        "Generate sessions: every client by every method. The same command again goes on.",
    ),
    "resume": Entry(
        "resume:resume",
        "Go on with a run or a session where it stopped, on the models that it began with.",
    ),
    "list": Entry(
        "listing:list_sessions",
        "List the stored sessions, the newest first, in as many columns as the terminal is wide.",
    ),
    "show": Entry(
        "show:show",
        "Print a session.",
    ),
    "history": Entry(
        "history:history",
        "Print a session's checkpoints, its branches and the sessions that were forked from it.",
    ),
    "step": Entry(
        "step:step",
        "Walk through a session: one super-step at a time, back, editing, asking again, branching.",
    ),
    "fork": Entry(
        "fork:fork",
        "Begin a new session where another one stood; that one stays as it is.",
    ),
    "diff": Entry(
        "diff:diff",
        "Show where two sessions part, and what each says from there.",
    ),
    "replay": Entry(
        "replay:replay",
        "Make a session again without a model, from the answers in its call log, and compare.",
    ),
    "repair": Entry(
        "repair:repair",
        "Rebuild a session from its log of calls: no answer that was paid for is asked for again.",
    ),
    "graph": Entry(
        "graph:graph",
        "Draw the agent graph of a method; needs no network.",
    ),
    "export": Entry(
        "export:export",
        "Export a run or a session.",
    ),
    "import": Entry(
        "importing:import_",
        "Import sessions that other programs wrote, or an export as jsonl.",
    ),
    "eval": Entry(
        "eval:eval_",
        "Evaluate runs; each method of a run is a column.",
    ),
    "compare": Entry(
        "compare:compare",
        "Compare arms on what is stored about them, paired by client and attitude.",
    ),
    "report": Entry(
        "report:report",
        "Write a report: one HTML page that needs no network, and tables in LaTeX.",
    ),
    "experiment": Entry(
        "experiment:experiment",
        "Generate, judge, compare and report by a file. The same command again goes on.",
    ),
    "serve": Entry(
        "serve:serve",
        "Serve a fine-tuned counselor, until Ctrl-C.",
    ),
    "doctor": Entry(
        "doctor:doctor",
        "Check the installation, the database and every model's endpoint.",
    ),
    "train data": Entry(
        "train_data:data",
        "Make training data of the finished sessions of runs.",
    ),
    "train qlora": Entry(
        "train_qlora:qlora",
        "Fine-tune a counselor with QLoRA. The same command again goes on where it stopped.",
    ),
    "train merge": Entry(
        "train_merge:merge",
        "Merge an adapter into its base, unquantized, and write what servers load.",
    ),
    "rate export": Entry(
        "rate:export",
        "Write a rating kit: one HTML page for the raters, and its key for you alone.",
    ),
    "rate import": Entry(
        "rate:import_",
        "Store raters' answers: preferences, and scores of items. The same file again "
        "changes nothing.",
    ),
    "judge check": Entry(
        "judge:check",
        "Have a judge score twelve dialogues whose order is known. Exit 1 if it does not "
        "rank them.",
    ),
    "judge import": Entry(
        "judge:import_",
        "Store the scores that 'inspect eval-retry' has left in its logs.",
    ),
}
