"""A free utterance of an agent: asked for, cleaned, checked."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from magnet.nodes.asking import Answer, Judged, ask
from magnet.nodes.checking import CAUGHT, HINTS, RETRY, badness, check
from magnet.nodes.cleaning import clean
from magnet.nodes.context import SessionContext
from magnet.nodes.director.parts import active_parts
from magnet.nodes.requirement import Demand, insist, repaired
from magnet.state import END_MARK, Making, SessionState, Speaker

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
    demands: Sequence[Demand] = (),
) -> tuple[str, bool, Making]:
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

    def judge(answer: Answer) -> Judged[tuple[str, bool]]:
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
            text, met = repaired(cleaned.text, demands)
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
        unmet = [demand for demand in demands if demand.fails(text)]
        failed = (*failed, *(demand.name for demand in unmet))
        hints += [demand.hint for demand in unmet if demand.hint]
        if ends and not may_end:
            failed = (*failed, EARLY_END)
            hints.append(_EARLY_END_HINT)
        return Judged(
            value=(text, ends and may_end),
            repairs=repairs,
            failed=failed,
            hint=" ".join(hints) or None,
            badness=badness(failed),
            nothing_said=not text.strip() and not ends,
            caught=seeks_news and not CAUGHT.isdisjoint(failed),
        )

    (text, ends), making = await ask(state, runtime, agent=agent, prompt=prompt, judge=judge)
    if checks.clean:
        text, making = insist(text, making, demands)
    return text, ends, making
