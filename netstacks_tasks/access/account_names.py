"""Names of users and tokens, as somebody gives them."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter, ValidationError

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.models.access import AccountName

_NAME: Final = TypeAdapter[str](AccountName)


def account_name(name: str) -> str:
    """The name, when it may be one.

    Raises:
        InvalidInput: it is empty, too long, or holds what cannot be seen.
    """
    try:
        return _NAME.validate_python(name)
    except ValidationError:
        raise InvalidInput.single(
            "name", "must be 1 to 100 visible characters without spaces: choose another"
        ) from None
