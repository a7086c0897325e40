"""A report's markdown as a part of a page."""

from __future__ import annotations

from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from netstacks_tasks.web.wording import visible

_ELSEWHERE: Final = ("https://", "http://")
_LOWER: Final = 2
"""A report's headings stand below those of the page."""


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        # Prefect's pages, which our flows name; nothing here is reached by what a report says.
        return url.startswith(_ELSEWHERE)


@cache
def _reader() -> MarkdownIt:
    # HTML in it stays text, and nothing is fetched from elsewhere.
    return _Reader("commonmark", {"html": False}).enable("table").disable("image")


def report_html(markdown: str) -> Markup:
    """The report without its title, which the page has."""
    reader = _reader()
    tokens = reader.parse(visible(markdown))
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        tokens = tokens[3:]
    for token in tokens:
        _adapt(token)
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704 - it escapes


def _adapt(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(int(token.tag[1:]) + _LOWER - 1, 6)}"
    # The alignment of a table's column; our policy allows no styles of a single element.
    token.attrs.pop("style", None)
    if token.type == "link_open":
        token.attrs["rel"] = "noopener noreferrer"
    for inner in token.children or ():
        _adapt(inner)
