from __future__ import annotations

from pathlib import Path
from typing import Any

from flows._agent_report import Asked, agent_report, transcript_report
from flows._agent_usage import summary
from flows._model import Prices
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.agent.answer import Answer
from netstacks_tasks.operations.agent.chat import Usage
from netstacks_tasks.operations.agent.ending import AgentEnd
from netstacks_tasks.operations.agent.tool import Called
from netstacks_tasks.operations.agent.transcript import Transcript
from netstacks_tasks.testing import device

PRICES = Prices(read=1.0, written=4.0, currency="EUR")
ASKED = Asked(title="Morning", model="m", endpoint="http://x/v1", prices=PRICES, kept=Path("/t/1"))
USAGE = Usage(prompt=1_000_000, completion=500_000)


def called(name: str, status: Any = "ok", data: str = "{}", **more: Any) -> Called:  # noqa: ANN401 - of the class
    return Called(
        name=name, id=name, tool="look", arguments="{}", status=status, data=data, seconds=1, **more
    )


def ended(answer: Answer | None, *calls: Called, fault: str = "") -> AgentEnd:
    transcript = Transcript()
    transcript.add("user", "How | are `we`?")
    for call in calls:
        transcript.add("tool", called=call)
    return AgentEnd(
        outcome="answered" if answer else "no_answer",
        answer=answer,
        fault=fault,
        notes=(),
        transcript=transcript,
        usage=USAGE,
        turns=2,
        tool_calls=len(calls),
        seconds=3.0,
    )


def answer(**changes: Any) -> Answer:  # noqa: ANN401 - a document
    return Answer.model_validate({"summary": "Two\n\nlines | here", "confidence": "low"} | changes)


def failure(name: str) -> DeviceResult:
    return DeviceResult(
        device_id=device(name).id,
        device_name=name,
        item="bgp_neighbours",
        ok=False,
        summary="refused",
        stage="connect",
        cause="refused",
    )


def test_the_answer_comes_first_and_what_it_did_not_name_is_told_too() -> None:
    finding = {"severity": "critical", "device": "r1", "evidence": "x" * 900, "tool_call": "c1"}
    unreachable = [{"device": "r2", "reason": "silent"}]
    end = ended(answer(findings=[finding], unreachable=unreachable), called("c1", cut=True))
    text = agent_report(ASKED, end, [failure("r2"), failure("r3")])
    assert text.index("1 critical. Confidence: low") < text.index("## Answer")
    assert "Two\n\nlines \\| here" in text
    assert "x" * 500 + " |" in text
    assert "| r2 | silent | the answer |" in text
    assert "| r3 | connect: refused: refused | bgp_neighbours |" in text
    assert text.count("| r2 ") == 1
    assert "| ok, cut |" in text
    assert "| cost | 3.0000 EUR |" in text
    assert "1500000: 1000000 read, 500000 written" in text


def test_without_an_answer_it_says_why_and_what_was_refused() -> None:
    end = ended(None, called("c1", "refused"), fault="no way | at all")
    text = agent_report(ASKED, end, [])
    assert "**No answer: no way \\| at all**" in text
    assert "asked for what it may not have (c1); none of it was done" in text
    assert "## Not reached" not in text


def test_a_transcript_is_bounded_and_says_where_the_rest_is() -> None:
    calls = [called(f"c{number}", data="`````" + "y" * 20_000) for number in range(40)]
    text = transcript_report("Morning", ended(None, *calls).transcript, Path("/t/1"))
    assert len(text) < 160_000
    assert "more entries; all of it is in `/t/1`" in text
    assert "more characters" in text
    assert "``````text" in text, "what a device printed cannot end its block"


def test_the_history_adds_up_the_attempts() -> None:
    attempt = {"prompt_tokens": 1000, "completion_tokens": 10, "tokens_estimated": False}
    told = summary("m", {"1": attempt, "2": attempt | {"tokens_estimated": True}}, PRICES)
    assert (told["prompt_tokens"], told["completion_tokens"]) == (2000, 20)
    assert told["tokens_estimated"]
    assert told["cost"] == 0.00208
    assert "cost" not in summary("m", {"1": attempt}, None)
