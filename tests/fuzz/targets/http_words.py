"""Headers and addresses: ETags, places in a log, page numbers, where to go after signing in."""

from __future__ import annotations

from datetime import datetime

from netstacks_tasks.api.etags import is_current, relies_on, revision_in
from netstacks_tasks.web.page_numbers import page_number
from netstacks_tasks.web.run_log import Cursor
from netstacks_tasks.web.task_listing import Listing
from tests.fuzz.target import Target


def _read(data: bytes) -> None:
    # As a server decodes what a client sends.
    text = data.decode("latin-1")
    other, _, rest = text.partition("\n")
    place = Cursor.of(other, rest)
    assert place.after is None or isinstance(place.after, datetime)
    assert 0 <= place.skip < 10**9
    assert Cursor.of(place.after.isoformat() if place.after else "", str(place.skip)) == place
    assert page_number(text) >= 1
    found = Listing.of({"text": other, "sort": rest, "page": rest, "type": other, "status": rest})
    assert found.url().startswith("/tasks")
    assert found.offset >= 0
    is_current(text, '"7.abc"')
    if revision_in(text) is None:
        relies_on(text, '"7.abc"')


TARGET = Target(
    name="http_words",
    read=_read,
    words=(
        *(
            '"7.1f3a9c2e5b7d4a60"',
            "W/",
            "*",
            ", ",
            "\n",
            "2026-01-01T00:00:00+00:00",
            "-name",
            "name",
        ),
        *(
            "next_run_at",
            "999999999999999999999",
            "-1",
            "\xb2",
            "\xa0",
            "%00",
            "+00:00",
            "0001-01-01",
        ),
    ),
    longest=400,
)
