"""Names of what a command saves."""

from __future__ import annotations


def checked_name(name: str) -> str:
    """The name of an item of the inventory.

    Raises:
        InvalidInput: it is empty, too long or holds what cannot be seen.
    """
    from netstacks_tasks.errors import InvalidInput

    if not name or len(name) > 200 or name != name.strip() or not name.isprintable():
        raise InvalidInput.single(
            "name",
            "must be 1 to 200 visible characters, without a space at its ends: choose another",
        )
    return name
