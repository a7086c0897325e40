"""The adapter over real HTTP: what is asked, what is read, and each way to fail."""

from __future__ import annotations

import asyncio
import email.utils
import json
import socket
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from netstacks_tasks.errors import ModelError
from netstacks_tasks.operations.agent.chat import Completion, ToolCall, Usage
from netstacks_tasks.operations.agent.openai_chat import Endpoint, OpenAIChat, openai_client
from netstacks_tasks.operations.agent.openai_errors import retry_after
from netstacks_tasks.operations.agent.retrying import RetryingChat
from netstacks_tasks.operations.deadline import Deadline
from netstacks_tasks.operations.redaction import Redactor
from tests.hosts.chat_endpoint import (
    Reply,
    Script,
    calls,
    chat_endpoint,
    completion,
    failure,
    words,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

KEY = "canary-api-key"
MESSAGES = [{"role": "user", "content": "How are we?"}]
TOOLS = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]


@asynccontextmanager
async def chat(base_url: str, *, temperature: float | None = None) -> AsyncIterator[OpenAIChat]:
    redactor = Redactor()
    redactor.hide(SecretStr(KEY))
    endpoint = Endpoint(
        name="netstacks-model",
        base_url=base_url,
        model="tiny",
        tool_choice="required",
        timeout=30,
        temperature=temperature,
    )
    async with openai_client(base_url, KEY) as client:
        yield OpenAIChat(endpoint, client, redactor)


async def failed(reply: Script, timeout: float = 10) -> ModelError:
    with chat_endpoint(reply) as endpoint:
        async with chat(endpoint.base_url) as talk:
            with pytest.raises(ModelError) as caught:
                await talk.complete(MESSAGES, TOOLS, timeout=timeout)
        for _ in range(200):
            if endpoint.requests:  # one that was given up may be noted later
                break
            await asyncio.sleep(0.05)
        assert len(endpoint.requests) == 1, "the client itself must not ask again"
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


async def test_what_is_asked_and_what_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-worker")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    with chat_endpoint(calls(("look", {"at": 1}), ("look", "{"))) as endpoint:
        async with chat(endpoint.base_url, temperature=0.0) as talk:
            said = await talk.complete(MESSAGES, TOOLS, timeout=10)
    assert said == Completion(
        tool_calls=(
            ToolCall(id="call_look_0", name="look", arguments='{"at": 1}'),
            ToolCall(id="call_look_1", name="look", arguments="{"),
        ),
        usage=Usage(prompt=100, completion=20),
    )
    assert endpoint.paths == ["/v1/chat/completions"]
    assert endpoint.keys == [f"Bearer {KEY}"]
    assert endpoint.requests == [
        {
            "model": "tiny",
            "messages": MESSAGES,
            "tools": TOOLS,
            "tool_choice": "required",
            "temperature": 0.0,
        }
    ]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (words("Fine."), Completion(content="Fine.", usage=Usage(prompt=100, completion=20))),
        (completion({"content": "Fine."}), Completion(content="Fine.")),
        (completion({"content": "Fi"}, finish="length"), Completion(content="Fi", cut_off=True)),
        (
            # The forms of servers other than OpenAI's.
            completion(
                {
                    "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
                    "tool_calls": [{"function": {"name": "look", "arguments": {"at": 1}}}],
                    "reasoning_content": "hm",
                },
                usage={"prompt_tokens": 0, "completion_tokens": 0},
            ),
            Completion(
                content="ab", tool_calls=(ToolCall(id="", name="look", arguments='{"at": 1}'),)
            ),
        ),
    ],
)
async def test_replies_of_other_forms_are_read(reply: Reply, expected: Completion) -> None:
    with chat_endpoint(reply) as endpoint:
        async with chat(endpoint.base_url) as talk:
            assert await talk.complete(MESSAGES, TOOLS, timeout=10) == expected


@pytest.mark.parametrize(
    ("reply", "cause", "told"),
    [
        (
            failure(401, f"Incorrect API key: {KEY}"),
            "unauthorised",
            "netstacks model set netstacks-model",
        ),
        (failure(403, "no"), "unauthorised", "403: no"),
        (failure(404, "model 'tiny' not found"), "not_found", "no model 'tiny'"),
        (failure(400, "tool_choice\x1b[2J unknown"), "bad_request", "tool_choice unknown"),
        (failure(422, "x" * 5000), "bad_request", "xxx…"),
        (failure(400, "too long", code="context_length_exceeded"), "context_overflow", "too long"),
        (failure(400, "the request exceeds the available context size"), "context_overflow", ""),
        (failure(500, "context window is 4096 tokens"), "context_overflow", "4096"),
        (failure(429, "slow down", Retry_After="7"), "rate_limited", "slow down"),
        (failure(429, "you", code="insufficient_quota"), "quota", "quota"),
        (failure(503, "loading model"), "server_error", "loading model"),
        (
            Reply(status=502, body="<html>Bad Gateway</html>", content_type="text/html"),
            "server_error",
            "Bad Gateway",
        ),
        (
            Reply(status=307, headers={"Location": "http://127.0.0.1:1/v1"}),
            "not_found",
            "not followed",
        ),
        (
            Reply(body="<!DOCTYPE html><html>Log in", content_type="text/html"),
            "not_an_api",
            "version included",
        ),
        (Reply(body='{"ok": true}'), "not_an_api", "OpenAI-compatible"),
        (Reply(body='[{"deep": 1}]'), "not_an_api", "OpenAI-compatible"),
        (Reply(body=""), "not_an_api", "OpenAI-compatible"),
        (Reply(body="x" * 5_000_000), "not_an_api", "more than 4194304 bytes"),
        (Reply(body='{"error": {"message": "no GPU"}}'), "bad_request", "no GPU"),
        (Reply(body='{"choices": []}'), "empty", "without a choice"),
        (completion({"content": None, "refusal": "I will not"}), "filtered", "I will not"),
        (completion({"content": ""}, finish="content_filter"), "filtered", "declined"),
        (
            Reply(body='{"choices": [' + " " * 1000, breaks_off=True),
            "disconnected",
            "before its reply was whole",
        ),
    ],
)
async def test_each_failure_has_its_own_cause_and_words(
    reply: Reply, cause: str, told: str
) -> None:
    error = await failed(reply)
    assert (error.cause, told in str(error)) == (cause, True), str(error)
    assert len(str(error)) < 700
    assert "\x1b" not in str(error)


async def test_a_redirection_is_not_followed() -> None:
    with chat_endpoint(words("stolen")) as other:
        elsewhere = {"Location": f"{other.base_url}/chat/completions"}
        error = await failed(Reply(status=308, headers=elsewhere))
    assert error.cause == "not_found"
    assert other.requests == []


async def test_a_reply_that_does_not_come_is_given_up_in_time() -> None:
    error = await failed(Reply(hangs=True), timeout=0.3)
    assert error.cause == "no_reply"
    assert "raise --timeout of the block netstacks-model" in str(error)


@pytest.mark.parametrize(
    ("host", "told"),
    [("127.0.0.1", "nothing listens there"), ("no-such-host.invalid", "its name has no address")],
)
async def test_nobody_there(host: str, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with chat(f"http://{host}:{port}/v1") as talk:
        with pytest.raises(ModelError, match=told) as caught:
            await talk.complete(MESSAGES, TOOLS, timeout=10)
    assert caught.value.cause == "unreachable"


def test_when_to_ask_again_is_a_number_or_a_date() -> None:
    assert retry_after({"retry-after": "2.5"}) == 2.5
    assert retry_after({"retry-after": "-3"}) == 0
    soon = email.utils.formatdate(time.time() + 100, usegmt=True)
    assert 90 < (retry_after({"retry-after": soon}) or 0) <= 100
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    for nonsense in ("", "soon", "nan", "inf", "Wed, 99 Oct"):
        assert retry_after({"retry-after": nonsense}) is None


async def retried(
    *script: Script, seconds: float = 60
) -> tuple[Completion | ModelError, list[str], int]:
    """What came of it, what was said meanwhile, and how often it was asked."""
    said: list[str] = []
    with chat_endpoint(*script) as endpoint:
        async with chat(endpoint.base_url) as talk:
            patient = RetryingChat(talk, Deadline.after(seconds), said.append, first_pause=0.01)
            try:
                found: Completion | ModelError = await patient.complete(MESSAGES, TOOLS, timeout=10)
            except ModelError as error:
                found = error
        return found, said, len(endpoint.requests)


@pytest.mark.parametrize(
    "script",
    [
        (failure(429, "slow down", Retry_After="0.05"), failure(503), words("Fine.")),
        (Reply(body='{"choices": []}'), words("Fine.")),
        (Reply(body=json.dumps({"choices": [1] * 100}), breaks_off=True), words("Fine.")),
    ],
)
async def test_what_may_pass_is_asked_again(script: Sequence[Script]) -> None:
    found, said, asked = await retried(*script)
    assert isinstance(found, Completion), found
    assert found.content == "Fine."
    assert asked == len(script)
    assert len(said) == len(script) - 1
    assert all("asking again in" in line for line in said)


async def test_it_waits_as_long_as_it_is_asked_to() -> None:
    began = time.monotonic()
    found, said, _ = await retried(failure(429, "x", Retry_After="0.4"), words("Fine."))
    assert isinstance(found, Completion)
    assert time.monotonic() - began >= 0.4
    assert "asking again in 0.4 s" in said[0]


@pytest.mark.parametrize(
    ("reply", "asked"),
    [(failure(401), 1), (failure(404), 1), (failure(400), 1), (failure(500, "oops"), 4)],
)
async def test_it_gives_up(reply: Reply, asked: int) -> None:
    found, _, times = await retried(reply)
    assert isinstance(found, ModelError)
    assert times == asked
    assert ("(asked 4 times)" in str(found)) == (asked == 4)


async def test_it_never_waits_past_the_end_of_the_attempt() -> None:
    found, said, times = await retried(failure(429, "x", Retry_After="3600"), seconds=20)
    assert isinstance(found, ModelError)
    assert (times, said) == (1, [])
    assert "it asks to wait 3600 seconds, and the attempt has" in str(found)
