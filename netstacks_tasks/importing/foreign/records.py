"""Makes found devices of what NetBox and Nautobot say, which differ in little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from netstacks_tasks.errors import InvalidInput
from netstacks_tasks.importing.foreign.found import FoundDevice
from netstacks_tasks.importing.foreign.web_session import Service, not_as

GroupBy = Literal["role", "tag", "tenant", "site"]
GROUPED: Final[tuple[GroupBy, ...]] = ("role", "tag", "tenant")
_NO_FILTERS: Final = frozenset(
    {
        *("limit", "offset", "start", "ordering", "format", "fields", "omit", "brief", "exclude"),
        *("depth", "include", "exclude_m2m", "api_version", "pk", "strict_filters"),
    }
)

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which devices of a service."""

    filters: Mapping[str, Sequence[str]]
    """As its own API names them; without `status` only active devices are asked for."""
    group_by: Sequence[GroupBy] = GROUPED
    """What becomes the groups of a device: `role-switch`, `tag-core`, `tenant-acme`."""

    @property
    def scope(self) -> str:
        """The filters in one text, the same for the same ones."""
        pairs = sorted({(name, value) for name, values in self.filters.items() for value in values})
        return "&".join(f"{name}={value}" for name, value in pairs)

    def with_status(self, active: str) -> dict[str, list[str]]:
        """The filters, with the status of devices that are in use unless one is given."""
        asked = {name: list(values) for name, values in self.filters.items()}
        if not any(name.partition("__")[0] == "status" for name in asked):
            asked["status"] = [active]
        return asked


def parsed_filters(words: Sequence[str]) -> dict[str, list[str]]:
    """`site=fra` and the like, by name.

    Raises:
        InvalidInput: naming the one that is none.
    """
    found: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if not equals or not name or not value:
            message = f"write name=value, for example site=fra: got {word[:80]!r}"
            raise InvalidInput.single("--filter", message)
        if name in _NO_FILTERS:
            raise InvalidInput.single("--filter", f"{name!r} chooses no devices: leave it out")
        found.setdefault(name, []).append(value)
    return found


def field_of(record: Record, name: str, inner: str) -> str:
    """A field of a related object; empty when there is none."""
    related = record.get(name)
    value = related.get(inner) if isinstance(related, Mapping) else None
    return value if isinstance(value, str) else ""


def address_of(record: Record) -> str | None:
    """The primary address without its mask; IPv4 where a device has both.

    The services themselves have a preference in `primary_ip`, if they have that field.
    """
    for name in ("primary_ip", "primary_ip4", "primary_ip6"):
        if address := field_of(record, name, "address"):
            return address.partition("/")[0]
    return None


def groups_of(record: Record, group_by: Sequence[GroupBy], word: str, site: str) -> tuple[str, ...]:
    """The names of its groups; `word` is the field that names a role, tag or tenant."""
    found = []
    for kind in group_by:
        if kind == "tag":
            tags = record.get("tags")
            values = [
                field_of({"tag": tag}, "tag", word)
                for tag in (tags if isinstance(tags, Sequence) else ())
            ]
        else:
            values = [site if kind == "site" else field_of(record, kind, word)]
        found += [f"{kind}-{value}" for value in values if value]
    return tuple(found)


def checked(records: Sequence[object], count: int, service: Service, system: str) -> list[Record]:
    """The records, if they are devices and all there are.

    Raises:
        Unreachable: they are not; what is gone must not be taken for removed.
    """
    found: list[Record] = []
    for record in records:
        if not isinstance(record, Mapping) or not record.get("id") or "name" not in record:
            raise not_as(service, system, "an entry of the list is no device")
        found.append(record)
    if len({record["id"] for record in found}) != len(found) or len(found) != count:
        what = f"of {count} devices it gave {len({one['id'] for one in found})}"
        raise not_as(service, system, f"{what}: were some changed meanwhile? Try it again")
    return found


def device(
    record: Record,
    service: Service,
    *,
    platforms: Sequence[str],
    site: str,
    groups: tuple[str, ...],
) -> FoundDevice:
    """A device, with its page in the service as its place."""
    name, key = record["name"], str(record["id"])
    return FoundDevice(
        key=key,
        name=name if isinstance(name, str) else "",
        host=address_of(record),
        platforms=tuple(platform for platform in platforms if platform),
        site=site or None,
        groups=groups,
        source=f"{service.url}/dcim/devices/{key}/",
    )
