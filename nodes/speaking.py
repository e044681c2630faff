"""A free utterance of an agent: asked for, cleaned, checked."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from magnet.nodes.asking import Answer, Assessed, ask
from magnet.nodes.checking import HINTS, REPEATS, RETRY, check, penalty
from magnet.nodes.cleaning import clean
from magnet.nodes.context import SessionContext
from magnet.nodes.director.parts import active_parts
from magnet.nodes.requirement import Requirement, insist, repaired
from magnet.state import END_MARK, Provenance, SessionState, Speaker

EARLY_END = "early-end"
_EARLY_END_HINT = "The talk is not over yet: react to what was said, without a goodbye."


async def speak(
    state: SessionState,
    runtime: Runtime[SessionContext],
    *,
    agent: str,
    prompt: str,
    speaker: Speaker,
    may_end: bool = False,
    requirements: Sequence[Requirement] = (),
) -> tuple[str, bool, Provenance]:
    """Ask an agent for an utterance in a speaker's voice.

    Args:
        state: the session so far.
        runtime: LangGraph's, with the session's context.
        agent: the node that speaks.
        prompt: name of the prompt file.
        speaker: in whose voice.
        may_end: whether this utterance may mark the end of the session.
        demands: what is asked of this utterance beyond what holds for all.

    Returns:
        The text, whether it marks the end, and the account of its making.
    """
    own = [u.text for u in state["utterances"] if u.speaker == speaker]
    heard = [u.text for u in state["utterances"] if u.speaker != speaker]
    form = state["client"].form
    checks = runtime.context.checks
    instructions = runtime.context.prompts.own_words(prompt)
    seeks_news = any(part.seeks_news for part in active_parts(state))

    def judge(answer: Answer) -> Assessed[tuple[str, bool]]:
        text = answer.text.replace(END_MARK, "").strip()
        ends = speaker is Speaker.CLIENT and END_MARK in answer.text
        repairs: tuple[str, ...] = ()
        if checks.clean:
            cleaned = clean(
                text,
                speaker,
                names=(form.name, form.first_name),
                earlier=own,
                instructions=instructions,
                truncated=answer.truncated,
                techniques=runtime.context.prompts.techniques,
            )
            text, met = repaired(cleaned.text, requirements)
            repairs = (*cleaned.repairs, *met)
        failed = check(
            text,
            speaker,
            own,
            heard=heard,
            client_name=form.first_name,
            instructions=instructions,
        )
        hints = [HINTS[name] for name in failed if name in RETRY]
        unmet = [requirement for requirement in requirements if requirement.fails(text)]
        failed = (*failed, *(requirement.name for requirement in unmet))
        hints += [requirement.hint for requirement in unmet if requirement.hint]
        if ends and not may_end:
            failed = (*failed, EARLY_END)
            hints.append(_EARLY_END_HINT)
        return Assessed(
            value=(text, ends and may_end),
            repairs=repairs,
            failed=failed,
            hint=" ".join(hints) or None,
            penalty=penalty(failed),
            nothing_said=not text.strip() and not ends,
            repeats=seeks_news and not REPEATS.isdisjoint(failed),
        )

    (text, ends), provenance = await ask(state, runtime, agent=agent, prompt=prompt, judge=judge)
    if checks.clean:
        text, provenance = insist(text, provenance, requirements)
    return text, ends, provenance
