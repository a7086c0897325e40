"""A cron expression as a sentence."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cron_descriptor import FormatError, Options, get_description

from netstacks_tasks.models.cron import check_cron

_ALIASES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


@lru_cache(maxsize=4096)
def in_words(cron: str) -> str:
    """What a valid cron expression says: `At 02:00, Monday through Friday`.

    Raises:
        ValueError: it is no valid expression.
    """
    checked = check_cron(cron)
    options = Options()
    options.use_24hour_time_format = True
    options.locale_code = "en_US"
    try:
        return str(get_description(_ALIASES.get(checked, checked), options))
    except FormatError:
        # Rare forms that it does not know; the times beside it say the rest.
        return f"As {checked} says"
