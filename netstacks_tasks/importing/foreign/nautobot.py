"""Devices of a Nautobot (2.x and later)."""

from __future__ import annotations

from typing import Any, Final

import pynautobot

from netstacks_tasks.importing.foreign.found import Found
from netstacks_tasks.importing.foreign.records import (
    Question,
    checked,
    device,
    field_of,
    groups_of,
)
from netstacks_tasks.importing.foreign.web_session import (
    Service,
    WebSession,
    told,
)

_SYSTEM: Final = "Nautobot"
_PAGE: Final = 500


def read(service: Service, question: Question) -> Found:
    """The devices that the filters choose; Nautobot itself refuses filters it does not know.

    Raises:
        InvalidInput: the address, the token or a filter is wrong.
        Unreachable: it does not answer as it should.
    """
    api = pynautobot.api(service.url, token=service.token)
    api.http_session = WebSession(service)
    filters: dict[str, Any] = dict(question.with_status("Active"))
    with told(service, _SYSTEM, pynautobot):
        devices = api.dcim.devices
        # Depth 1 gives the names of related objects, not their ids alone.
        records = [dict(one) for one in devices.filter(**filters, depth=1, limit=_PAGE)]
        count = devices.count(**filters)
    found = []
    for record in checked(records, count, service, _SYSTEM):
        site = field_of(record, "location", "name")
        words = ("napalm_driver", "network_driver", "name")
        found.append(
            device(
                record,
                service,
                platforms=[field_of(record, "platform", word) for word in words],
                site=site,
                groups=groups_of(record, question.group_by, "name", site),
            )
        )
    return Found(devices=found)
