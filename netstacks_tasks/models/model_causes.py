"""The words for what went wrong with a language model's endpoint.

They are stored in the history: add to them, do not rename.
"""

from __future__ import annotations

from typing import Literal

ModelCause = Literal[
    "unauthorised",  # the key is refused
    "not_found",  # no such model, or nothing of the kind at that address
    "bad_request",  # the endpoint refuses what it was asked
    "context_overflow",  # the conversation is longer than the model can read
    "quota",  # nothing is left of what was paid for
    "rate_limited",
    "server_error",
    "unreachable",  # no connection: refused, no such host, no way, TLS
    "disconnected",  # the connection broke before the reply was whole
    "no_reply",  # none in time
    "not_an_api",  # what came back is no reply of such an API
    "empty",  # a reply without a choice
    "filtered",  # the endpoint's filter, or the model, declined
]
