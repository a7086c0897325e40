"""What devices, people and models wrote, on a terminal, a page and in a report."""

from __future__ import annotations

import html.parser
import json

from flows._report import escape, fenced
from netstacks_tasks.cli.output import _escaped, one_line
from netstacks_tasks.models.printable import printable
from netstacks_tasks.web.report_html import report_html
from netstacks_tasks.web.wording import visible
from tests.fuzz.target import Target

_TAGS = frozenset(
    {"p", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "code", "pre", "a"}
    | {"table", "thead", "tbody", "tr", "th", "td", "blockquote", "hr", "br"}
)
_ATTRIBUTES = frozenset({"href", "title", "rel", "class", "start"})


class _Looking(html.parser.HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _TAGS, tag
        for name, value in attrs:
            assert name in _ATTRIBUTES, name
            # An empty one leads to the page itself.
            assert name != "href" or not value or value.startswith(("http://", "https://")), value


def _look(markup: str) -> None:
    looking = _Looking()
    looking.feed(markup)
    looking.close()


def _read(data: bytes) -> None:
    text = data.decode(errors="surrogateescape")
    for told in (printable(text), one_line(text), visible(text), escape(text), fenced(text)):
        assert all(one.isprintable() or one in "\n\t" for one in told), ascii(told)
        told.encode()
    document = json.dumps({"said": text}, ensure_ascii=False)
    assert json.loads(_escaped(document)) == {"said": text}
    assert "\x1b" not in _escaped(document)
    _look(str(report_html(text)))
    # Escaped, it is one paragraph of plain words, whatever it was.
    plain = str(report_html(f"x {escape(text)} x"))
    assert plain.startswith("<p>x"), plain
    assert plain.count("<") == 2, plain
    fence = str(report_html(fenced(text)))
    assert fence.count("<") == 4, fence


TARGET = Target(
    name="shown_text",
    read=_read,
    words=(
        *(
            "\x1b[31m",
            "\x1b]0;title\x07",
            "\x9b",
            "<script>",
            "</code></pre>",
            "javascript:",
            "```",
        ),
        *(
            "[a](http://b)",
            "![x](http://b/c)",
            "| a | b |\n|---|---|\n",
            "# ",
            "<img src=x ",
            "&lt;",
        ),
        *("~~~", "http://", "<http://a>", "**", "\u2028", "\u202e", "&#106;", "- ", "1. "),
    ),
)
