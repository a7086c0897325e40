"""Errors as RFC 9457 problem details: the same words in every face."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, Field

from netstacks_tasks.errors import (
    AlreadyEnded,
    ConfigurationError,
    EditedMeanwhile,
    ForgedRequest,
    InUse,
    InvalidInput,
    NetstacksError,
    NotFound,
    NotSignedIn,
    Problem,
    RoleTooLow,
    SyncError,
    TaskBusy,
    TooManyAttempts,
    Unreachable,
)

MEDIA_TYPE: Final = "application/problem+json"
_TRY_AGAIN_SECONDS: Final = 5
_MOST_PROBLEMS: Final = 500
"""Of a file with a fault in every line more would be larger than the file."""


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(
        description="Dotted path of the field; empty: the document as a whole.",
        examples=["parameters.destination"],
    )
    detail: str = Field(description="What is wrong and how to mend it.")


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 describes it."""

    type: str = Field(
        description="Which kind of problem.", examples=["urn:netstacks:invalid-input"]
    )
    title: str = Field(description="The kind, for people.")
    status: int = Field(description="The HTTP status code.", examples=[422])
    detail: str = Field(description="What went wrong and how to mend it.")
    instance: str = Field(default="", description="The path that was asked for.")
    errors: list[FieldProblem] = Field(
        default_factory=list, description="One for each field that is wrong."
    )


class _Kind(BaseModel):
    name: str
    title: str
    status: int


# The first that fits.
_KINDS: Final[tuple[tuple[type[Exception], _Kind], ...]] = tuple(
    (error, _Kind(name=name, title=title, status=status))
    for error, name, title, status in (
        (NotFound, "not-found", "Not found", 404),
        (EditedMeanwhile, "edited-meanwhile", "Somebody else edited it meanwhile", 412),
        (AlreadyEnded, "already-ended", "It has ended already", 409),
        (InUse, "in-use", "Something relies on it", 409),
        (InvalidInput, "invalid-input", "The input was refused", 422),
        (NotSignedIn, "not-signed-in", "Show who you are", 401),
        (RoleTooLow, "role-too-low", "You may not do this", 403),
        (ForgedRequest, "forged-request", "The request did not come from our page", 403),
        (TooManyAttempts, "too-many-attempts", "Too many attempts", 429),
        (TaskBusy, "task-busy", "Another run holds the task", 409),
        (Unreachable, "unreachable", "Something that is needed does not answer", 503),
        (SyncError, "prefect-refused", "Prefect refused", 502),
        (ConfigurationError, "misconfigured", "The installation is not right", 503),
        (NetstacksError, "failed", "It failed", 500),
        (Exception, "internal", "An unexpected error", 500),
    )
)


def problem_of(error: Exception, path: str = "") -> ProblemDetails:
    """What to tell whoever asked; of an error that is none of ours only its kind."""
    kind = next(kind for raised, kind in _KINDS if isinstance(error, raised))
    known = isinstance(error, NetstacksError)
    detail = str(error) if known else f"an unexpected {type(error).__name__}: it was logged"
    found = error.problems if isinstance(error, InvalidInput) else ()
    if len(found) > _MOST_PROBLEMS:
        more = len(found) - _MOST_PROBLEMS
        found = found[:_MOST_PROBLEMS]
        detail = f"{'; '.join(map(str, found))}; and {more} more: mend these first"
    return ProblemDetails(
        type=f"urn:netstacks:{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        instance=path,
        errors=[FieldProblem(field=one.field, detail=_placed(one)) for one in found],
    )


def _placed(problem: Problem) -> str:
    """What is wrong, and where in a file it stands."""
    return f"{problem.location}: {problem.message}" if problem.location else problem.message


def headers_of(error: Exception) -> dict[str, str]:
    """Headers that belong to the answer."""
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="netstacks"'}
    if isinstance(error, TooManyAttempts):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, Unreachable):
        return {"Retry-After": str(_TRY_AGAIN_SECONDS)}
    return {}
