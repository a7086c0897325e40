"""What a language model's endpoint answers."""

from __future__ import annotations

from netstacks_tasks.operations.agent.answer import AnswerChecker
from netstacks_tasks.operations.agent.cleaning import Cleaner
from netstacks_tasks.operations.agent.openai_errors import EndpointErrors
from netstacks_tasks.operations.agent.openai_reply import read_reply
from tests.fuzz.target import Target

_ERRORS = EndpointErrors(
    name="model", url="http://127.0.0.1:1/v1", model="m", redact=lambda text: text
)
_CHECKER = AnswerChecker(["core-1", "core-2"])
_CLEANER = Cleaner(lambda text: text)


def _read(data: bytes) -> None:
    text = data.decode(errors="replace")
    answer = _CHECKER.read(text, {"c1": "c1", "call_x": "c1"})
    assert not isinstance(answer, list) or all(isinstance(one, str) for one in answer)
    _CLEANER.text(text)
    read_reply(text, _ERRORS)


TARGET = Target(
    name="model_reply",
    read=_read,
    words=(
        *('{"choices":[{"message":{', '"content":"', '"tool_calls":[{', '"function":{"name":"'),
        *('"arguments":"', '"usage":{"prompt_tokens":', '"error":', '"finish_reason":"length"'),
        *(
            '"summary":"',
            '"findings":[{',
            '"severity":"critical"',
            '"device":"core-1"',
            '"evidence"',
        ),
        *('"tool_call":"c1"', '"confidence":0.5', '"unreachable":[', "null", "1e999", "}}]}"),
    ),
)
