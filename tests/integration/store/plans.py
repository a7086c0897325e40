"""What PostgreSQL does for the statements that the store really sends, as it says itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final, cast

from psycopg import AsyncCursor, sql
from psycopg.abc import Params, Query

from netstacks_tasks.store import queries
from netstacks_tasks.store.database import Connection, Database

GROWING: Final = (
    "task_runs",
    "run_attempts",
    "device_results",
    "config_snapshots",
    "audit_log",
)
"""Tables that grow for as long as tasks run."""
_READS: Final = re.compile(r"(?:\s|--[^\n]*\n)*(?:SELECT|WITH)\b")

Node = Mapping[str, Any]


@cache
def texts() -> dict[str, str]:
    """The store's statements by name."""
    files = resources.files(queries).iterdir()
    return {
        file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
        for file in files
        if file.name.endswith(".sql")
    }


def of_growing_tables() -> set[str]:
    """The names of those that use one."""
    named = re.compile(rf"\b(?:{'|'.join(GROWING)})\b")
    return {name for name, text in texts().items() if named.search(text)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a statement was executed; of one that writes, how it would be."""

    name: str
    root: Node
    executed: bool

    def whole_tables(self) -> list[str]:
        """Growing tables that are read from end to end."""
        return [
            str(node["Relation Name"])
            for node in _nodes(self.root)
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in GROWING
        ]

    def rows(self) -> int:
        """How many rows of growing tables were looked at, also in vain."""
        return sum(
            _times(node, ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"))
            for node in _nodes(self.root)
            if node.get("Relation Name") in GROWING
        )

    def pages(self) -> int:
        """How many pages of growing tables and of their indexes were looked at."""
        return sum(
            int(node["Shared Hit Blocks"]) + int(node["Shared Read Blocks"])
            for node in _nodes(self.root)
            if node.get("Relation Name") in GROWING
        )


def _times(node: Node, counters: Iterable[str]) -> int:
    return int(sum(node.get(name, 0) for name in counters) * node["Actual Loops"])


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)


@dataclass(slots=True)
class _Notes:
    plans: list[Plan] = field(default_factory=list)


_NOTES: Final = _Notes()


class _ExplainingCursor(AsyncCursor[Any]):
    """Has every statement of the store explained, with its values, before it is executed."""

    async def execute(self, query: Query, params: Params | None = None, **how: Any) -> Any:  # noqa: ANN401 - as what it replaces
        await self._explain(query, params)
        return await super().execute(cast("str", query), params, **how)

    async def executemany(
        self, query: Query, params_seq: Iterable[Params], *, returning: bool = False
    ) -> None:
        many = list(params_seq)
        await self._explain(query, many[0])
        await super().executemany(query, many, returning=returning)

    async def _explain(self, query: Query, params: Params | None) -> None:
        text = query.as_string(self.connection) if isinstance(query, sql.Composable) else query
        assert isinstance(text, str)
        known = [name for name, whole in texts().items() if text.startswith(whole)]
        if not known:
            return
        reads = _READS.match(text) is not None
        options = "ANALYZE, BUFFERS, FORMAT JSON" if reads else "FORMAT JSON"
        async with AsyncCursor(self.connection) as other:
            await other.execute(f"EXPLAIN ({options}) {text}".encode(), params)
            row = await other.fetchone()
        assert row is not None
        plan = Plan(name=known[0], root=row[0][0]["Plan"], executed=reads)
        _NOTES.plans.append(plan)


class ExplainedDatabase(Database):
    """A database whose statements are explained."""

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        async with super().connection() as connection:
            before, connection.cursor_factory = connection.cursor_factory, _ExplainingCursor
            try:
                yield connection
            finally:
                connection.cursor_factory = before

    def plans(self) -> list[Plan]:
        """Of what was executed since the last time, in order."""
        found, _NOTES.plans = _NOTES.plans, []
        return found
