"""The next 24 hours."""

from __future__ import annotations

import re

from tests.integration.web.conftest import Busy


async def test_what_runs_when_and_where_it_piles_up(busy: Busy) -> None:
    text = await busy.read("/timeline", "viewer")
    peak = re.search(r"<strong>(\d\d:\d\d) UTC: (\d+) tasks begin at once", text)
    assert peak
    assert int(peak[2]) >= 8
    assert f"<td>{peak[2]}<span" in text
    assert "Backup lon1 07" not in text
    rows = text[text.index("<tbody>") :].split("<tr>")
    nightly = next(one for one in rows if ">Nightly Core Router Backup<" in one)
    assert re.search(r">0[67]:00</time>", nightly)
    assert nightly.count('class="mark backup"') == 1
    # Every five minutes is one bar.
    often = next(one for one in rows if ">Backup ams1 13<" in one)
    assert often.count("<rect") == 1
    assert re.search(r"Every 5 minutes <span class=\"faint\">\(28\d runs\)", often)
    assert "style=" not in text


async def test_on_another_clock(busy: Busy) -> None:
    text = await busy.read("/timeline?zone=America/New_York")
    assert "<option selected>America/New_York" in text
    nightly = text[text.index(">Nightly Core Router Backup<") :]
    assert re.search(r">0[1-3]:00</time>", nightly[:1200])
    nowhere = await busy.read("/timeline?zone=%3Cscript%3E")
    assert '<option value="UTC" selected>' in nowhere
