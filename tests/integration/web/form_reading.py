"""Reads a form out of a page, as a browser without scripts does."""

from __future__ import annotations

from html.parser import HTMLParser


class _Reader(HTMLParser):
    """What would be sent of the form with an id."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self._wanted = form_id
        self._inside = False
        self._select = ""
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = told.get("id") == self._wanted
        elif not self._inside:
            return
        elif tag == "select":
            self._select = told["name"]
        elif tag == "option" and "selected" in told:
            self.sent.append((self._select, told["value"]))
        elif tag == "textarea":
            self._area, self._text = told["name"], ""
        elif (
            tag == "input"
            and "name" in told
            and (told.get("type") not in {"checkbox", "radio"} or "checked" in told)
        ):
            self.sent.append((told["name"], told.get("value", "on")))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            # The first line break belongs to the tag.
            self.sent.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "form":
            self._inside = False


def form_in(text: str, form_id: str = "task-form") -> dict[str, str | list[str]]:
    """By name; several values of a name as a list."""
    reader = _Reader(form_id)
    reader.feed(text)
    many: dict[str, list[str]] = {}
    for name, value in reader.sent:
        many.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in many.items()}
