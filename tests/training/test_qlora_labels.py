"""Labels, token by token: only what the counselor says, and its end token, carries loss."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnet.training.qlora.conversations import Conversation
from magnet.training.qlora.errors import TemplateError
from magnet.training.qlora.labels import IGNORED, label, prompt_before
from tests.training.tiny_models import BEGIN, HEADER, make_tokenizer
from tests.training.tiny_models import CHAT_TEMPLATE as LLAMA_TEMPLATE
from tests.training.tiny_models import END_OF_TURN as END

# A line break follows the end token.
CHATML_TEMPLATE = (
    "{% for message in messages %}"
    f"{HEADER}{{{{ message.role }}}}{{{{ '\\n' + message.content }}}}{END}{{{{ '\\n' }}}}"
    f"{{% endfor %}}{{% if add_generation_prompt %}}{HEADER}assistant{{{{ '\\n' }}}}{{% endif %}}"
)
TEMPLATES = {"llama": LLAMA_TEMPLATE, "chatml": CHATML_TEMPLATE}


def speaking(template: str) -> Any:
    tokenizer = make_tokenizer()
    tokenizer.chat_template = template
    return tokenizer


@pytest.fixture(scope="module", params=TEMPLATES)
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return speaking(TEMPLATES[request.param])


def conversation(*said: str, learned: tuple[int, ...] = (2, 4)) -> Conversation:
    texts = said or ("Be kind.", "I am afraid.", "Of what?", "Of it all.", "Since when? \U0001f331")
    roles = ["system", *("user", "assistant") * len(texts)]
    messages = ({"role": r, "content": t} for r, t in zip(roles, texts, strict=False))
    return Conversation(tuple(messages), learned)


def runs(tokenizer: Any, labels: list[int]) -> list[str]:
    """Decode each unbroken run of tokens that carry loss."""
    groups: list[list[int]] = [[]]
    for one in labels:
        if one == IGNORED:
            groups.append([])
        else:
            groups[-1].append(one)
    return [tokenizer.decode(group) for group in groups if group]


def test_each_learned_message_and_its_end_token_carry_loss_and_nothing_else(
    tokenizer: Any,
) -> None:
    one = conversation()
    labelled = label(one, tokenizer)
    assert runs(tokenizer, labelled.labels) == [
        f"Of what?{END}",
        f"Since when? \U0001f331{END}",
    ]
    pairs = zip(labelled.input_ids, labelled.labels, strict=True)
    assert all(wanted in (token, IGNORED) for token, wanted in pairs)
    assert labelled.learned == sum(wanted != IGNORED for wanted in labelled.labels)


def test_a_message_that_is_not_learned_carries_none(tokenizer: Any) -> None:
    labelled = label(conversation(learned=(4,)), tokenizer)
    assert runs(tokenizer, labelled.labels) == [f"Since when? \U0001f331{END}"]


def test_the_tokens_are_the_template_s_own(tokenizer: Any) -> None:
    one = conversation()
    rendered = tokenizer.apply_chat_template(list(one.messages), return_dict=True)
    assert label(one, tokenizer).input_ids == rendered["input_ids"]


def test_what_comes_before_is_what_the_model_sees_when_it_speaks(tokenizer: Any) -> None:
    one = conversation()
    labelled = label(one, tokenizer)
    seen = tokenizer(prompt_before(one, 2, tokenizer), add_special_tokens=False)["input_ids"]
    first = next(i for i, wanted in enumerate(labelled.labels) if wanted != IGNORED)
    assert labelled.input_ids[:first] == seen


def test_what_follows_the_last_learned_message_is_left_out(tokenizer: Any) -> None:
    longer = conversation("Be kind.", "I am afraid.", "Of what?", "Of it all.", learned=(2,))
    shorter = conversation("Be kind.", "I am afraid.", "Of what?", learned=(2,))
    assert label(longer, tokenizer) == label(shorter, tokenizer)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: text.strip() == text
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(texts, min_size=3, max_size=7).filter(lambda said: len(said) % 2 == 1))
def test_it_holds_for_any_text(tokenizer: Any, said: list[str]) -> None:
    learned = tuple(range(2, len(said), 2))
    labelled = label(conversation(*said, learned=learned), tokenizer)
    wanted = [f"{said[i]}{END}" for i in learned]
    assert runs(tokenizer, labelled.labels) == wanted


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        pytest.param(
            LLAMA_TEMPLATE.replace("message.content", "message.content | upper"),
            "does not show its text",
            id="changes the text",
        ),
        pytest.param(LLAMA_TEMPLATE.replace(END, "\n"), "no end token", id="no end token"),
        pytest.param(
            LLAMA_TEMPLATE.replace(
                "{{ message.role }}", "{{ message.role }}{% if loop.last %}!{% endif %}"
            ),
            "otherwise once others follow",
            id="changes with what follows",
        ),
        pytest.param(
            f"{BEGIN}{{% for message in messages %}}{HEADER} t{{{{ message.content }}}}{END}"
            f"{{% endfor %}}{{% if add_generation_prompt %}}{HEADER} t{{% endif %}}",
            "joins its first letters",
            id="joins",
        ),
        pytest.param("{{ raise_exception('no system') }}", "no system", id="refuses"),
    ],
)
def test_a_template_that_would_teach_something_else_is_refused(template: str, problem: str) -> None:
    broken = speaking(template)
    one = conversation("Be kind.", "What now?", "he hard week.", "Yes.", "he end.")
    with pytest.raises(TemplateError, match=problem):
        label(one, broken)
