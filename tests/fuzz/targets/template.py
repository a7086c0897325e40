"""A stack's templates, in the sandbox; what it takes is bounded elsewhere, by the system."""

from __future__ import annotations

from netstacks_tasks.models.stack_templates import StackTemplates
from tests.fuzz.target import Target

_VARIABLES = {
    "device": {"name": "core-1", "host": "192.0.2.1", "groups": ["a"], "site": None},
    "vlans": [{"id": 10, "name": "ten"}, {"id": 20, "name": "twenty"}],
    "text": "word",
    "number": 7,
}
# These alone can take for ever; the test of the limits has them.
_GREEDY = (
    "*",
    "range",
    "lipsum",
    "%",
    "format",
    "center",
    "indent",
    "just",
    "fill",
    "batch",
    "slice",
)


def _read(data: bytes) -> None:
    text = data.decode(errors="replace")
    first, _, second = text.partition("\n---\n")
    made = StackTemplates({"a": first, "_b": second})
    list(made.faults())
    if not any(word in text for word in _GREEDY):
        rendered = made.render(_VARIABLES, platform="ios")
        assert "netstacks_tasks" not in rendered, "nothing of the program is to be seen"
        assert "<built-in" not in rendered
        assert "jinja2" not in rendered or "jinja2" in text


TARGET = Target(
    name="template",
    read=_read,
    words=(
        *(
            "{{ ",
            " }}",
            "{% ",
            " %}",
            "{#",
            "#}",
            "for v in vlans",
            "endfor",
            "if ",
            "else",
            "endif",
        ),
        *("set x = ", "macro m(a)", "endmacro", "include ", "import ", '"_b"', "vlans", "device"),
        *("|join", "|map(attribute='id')", "|attr('__class__')", ".__class__", "['__class__']"),
        *(
            "namespace()",
            "loop",
            "self",
            "cycler",
            "call",
            "filter upper",
            "raw",
            "endraw",
            "extends",
        ),
        *("\n---\n", "is defined", "text", "number", "~", "+", "**", "()", "[", "]", ".__init__"),
    ),
    longest=1024,
)
