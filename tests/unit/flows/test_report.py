from __future__ import annotations

from uuid import uuid4

from flows._report import Diff, escape, fenced, in_order, latency_chart, report, table
from netstacks_tasks.models.ids import DeviceId, SnapshotId
from netstacks_tasks.models.result import DeviceResult


def result(
    name: str,
    item: str = "ping",
    *,
    ok: bool = True,
    changed: bool = False,
    snapshot: bool = False,
    latency: float | None = None,
    summary: str = "ok",
) -> DeviceResult:
    return DeviceResult(
        device_id=DeviceId(uuid4()),
        device_name=name,
        item=item,
        ok=ok,
        summary=summary,
        stage=None if ok else "check",
        cause=None if ok else "timed_out",
        changed=changed,
        snapshot_id=SnapshotId(uuid4()) if snapshot else None,
        latency_ms=latency,
    )


def test_state_changes_come_first_then_failures_then_changes() -> None:
    results = [
        result("a"),
        result("b", changed=True, snapshot=True),
        result("c", ok=False),
        result("d", changed=True),
        result("e", ok=False, changed=True),
    ]
    assert [r.device_name for r in in_order(results)] == ["e", "d", "c", "b", "a"]
    rows = table(results)
    assert [row["result"] for row in rows] == ["went down", "came up", "FAILED", "changed", "ok"]
    assert rows[3]["version"].startswith("netstacks snapshot show ")
    text = report("Edge", results)
    assert text.index("What went up or down") < text.index("## Failed")
    assert "3 of 5 in order, 2 failed" in text


def test_a_long_table_says_what_it_left_out() -> None:
    rows = table([result(f"d{number}", ok=number != 1004) for number in range(1005)])
    assert len(rows) == 1001
    assert rows[0]["device"] == "d1004"
    assert rows[-1]["device"] == "and 5 more"


def test_nothing_a_device_says_can_leave_its_fence() -> None:
    text = fenced("+```\n+````` <script>alert(1)</script>\x1b[31m")
    fence = text.split("diff")[0]
    assert fence == "``````"
    assert text.count(fence) == 2
    assert "\x1b" not in text


def test_what_a_device_says_is_no_markup() -> None:
    shown = escape("<img src=x> | [a](b) `c` **d**\n# e")
    assert "<" not in shown
    assert "\n" not in shown
    assert all(f"\\{mark}" in shown for mark in "|[]`*#")


def test_diffs_are_bounded() -> None:
    long = Diff(device_name="r1", source="running", text="+x" * 1000 + "\n" + "+line\n" * 5000)
    text = report("T", [result("r1", changed=True, snapshot=True)], diffs=[long] * 60)
    assert len(text) < 100_000
    assert "more lines" in text
    assert "more changed configurations" in text


def test_the_chart_shows_the_slowest_first() -> None:
    chart = latency_chart([result("fast", latency=1.0), result("slow", latency=100.0)])
    assert chart.index("slow ping") < chart.index("fast ping")
    assert latency_chart([result("a")]) == ""


def test_a_cell_of_the_table_is_no_markup_either() -> None:
    told = "![x](http://192.0.2.1/p)\x1b[31m <img src=x>"
    (row,) = table([result("r1 [a](b)", summary=told)])
    assert row["device"] == r"r1 \[a\](b)"
    unknown = "\N{REPLACEMENT CHARACTER}"
    assert row["detail"] == rf"\!\[x\](http://192.0.2.1/p){unknown}\[31m &lt;img src=x&gt;"
