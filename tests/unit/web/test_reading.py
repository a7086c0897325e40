"""What others wrote, put into a page."""

from __future__ import annotations

from netstacks_tasks.web.report_html import report_html
from netstacks_tasks.web.wording import visible


def test_a_report_is_text_whatever_it_holds() -> None:
    html = report_html(
        "# Title\n\n## Found\n\n<script>alert(1)</script> <b>x</b>\n\n[a](javascript:alert(1)) "
        "![p](https://elsewhere.example/p.png)\n\n| device | n |\n|---|--:|\n| r1 | 2 |\n\n"
        "```diff\n+</pre><script>\n```\n"
    )
    assert "Title" not in html
    assert "<h3>Found</h3>" in html
    assert "<td>r1</td>" in html
    for bad in ("<script", "<b>", "<img", 'href="javascript', "style="):
        assert bad not in html


def test_a_report_leads_to_prefect_and_nowhere_within_the_page() -> None:
    html = report_html(
        "[run](http://127.0.0.1:4200/runs/1) [a](/sign-out) [b](//c.example) \x1b\u202e"
    )
    assert '<a href="http://127.0.0.1:4200/runs/1" rel="noopener noreferrer">run</a>' in html
    assert html.count("<a ") == 1
    assert html.count("\N{REPLACEMENT CHARACTER}") == 2


def test_colours_of_a_terminal_are_left_out() -> None:
    assert visible("\x1b[1;31mred\x1b[0m\r\n\x1b]0;title\x07a\x00\tb\ufffd[0m") == "red\na\ufffd\tb"
