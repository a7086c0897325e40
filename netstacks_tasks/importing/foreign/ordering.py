"""Takes renamed devices before those that get their former names."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from netstacks_tasks.importing.foreign.found import FoundDevice


def in_order(
    devices: Iterable[tuple[int, FoundDevice]], former: Mapping[str, str]
) -> list[tuple[int, FoundDevice]]:
    """The devices, each renamed one after the one whose name it takes.

    Those that exchange names stay as they came: each finds its new name taken.

    Args:
        devices: with their positions.
        former: the names that those have which came from there before, by key.
    """
    renamed: dict[str, tuple[int, FoundDevice]] = {}
    others = []
    for position, device in devices:
        before = former.get(device.key, device.name)
        if before == device.name:
            others.append((position, device))
        else:
            renamed[before] = (position, device)
    # Which one waits for a name to be given up.
    waiting = {one[1].name: before for before, one in renamed.items() if one[1].name in renamed}
    ready = deque(before for before, one in renamed.items() if one[1].name not in renamed)
    ordered = []
    while ready:
        before = ready.popleft()
        ordered.append(renamed.pop(before))
        if before in waiting:
            ready.append(waiting[before])
    return [*ordered, *renamed.values(), *others]
