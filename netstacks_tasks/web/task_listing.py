"""What the address of the task list asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast, get_args
from urllib.parse import urlencode

from netstacks_tasks.models.task_spec import TASK_TYPES
from netstacks_tasks.store.task_list import ListOrder, TaskSearch
from netstacks_tasks.web.page_numbers import page_number

PAGE: Final = 50
STATUSES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "failing": ("Failed", ("failed", "crashed")),
    "missed": ("Missed", ("missed",)),
    "completed": ("Completed", ("completed",)),
    "open": ("Under way", ("scheduled", "pending", "running", "retrying")),
    "cancelled": ("Cancelled", ("cancelled",)),
    "never": ("Never ran", ("never",)),
}
"""Words and states of the newest run, by what the address says."""
_SWITCH: Final = {"on": True, "off": False}
_LAST_PAGE: Final = 10_000
_LONGEST_TEXT: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Filter, order and page; the first page of everything by name unless told."""

    text: str = ""
    type: str = ""
    enabled: str = ""
    status: str = ""
    sort: str = "name"
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Listing:
        """From an address; what is not understood does not matter."""
        sort = asked.get("sort", "")
        return cls(
            text=asked.get("text", "").replace("\x00", "").strip()[:_LONGEST_TEXT],
            type=_one_of(asked.get("type"), TASK_TYPES),
            enabled=_one_of(asked.get("enabled"), _SWITCH),
            status=_one_of(asked.get("status"), STATUSES),
            sort=sort if sort.removeprefix("-") in get_args(ListOrder) else "name",
            page=min(page_number(asked.get("page", "")), _LAST_PAGE),
        )

    @property
    def search(self) -> TaskSearch:
        return TaskSearch(
            text=self.text or None,
            task_type=self.type or None,
            enabled=_SWITCH.get(self.enabled),
            states=STATUSES[self.status][1] if self.status else None,
        )

    @property
    def filtered(self) -> bool:
        """Whether tasks may be left out."""
        return bool(self.text or self.type or self.enabled or self.status)

    @property
    def order(self) -> ListOrder:
        return cast("ListOrder", self.sort.removeprefix("-"))

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def offset(self) -> int:
        return (self.page - 1) * PAGE

    def url(self, **changes: str | int) -> str:
        """The address of this list, or of one that differs in something: its first page then."""
        values = {
            "text": self.text,
            "type": self.type,
            "enabled": self.enabled,
            "status": self.status,
            "sort": "" if self.sort == "name" else self.sort,
            "page": "" if changes or self.page <= 1 else self.page,
        } | changes
        query = urlencode({name: value for name, value in values.items() if value})
        return f"/tasks?{query}" if query else "/tasks"

    def sorted_by(self, order: ListOrder) -> str:
        """The address of this list in another order, or in the same one the other way round."""
        turned = self.sort == order
        return self.url(sort=f"-{order}" if turned else ("" if order == "name" else order))


def _one_of(value: str | None, known: Mapping[str, object] | tuple[str, ...]) -> str:
    return value if value is not None and value in known else ""
