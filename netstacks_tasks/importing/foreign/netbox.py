"""Devices of a NetBox (4.x)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import pynetbox

from netstacks_tasks.errors import InvalidInput
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

_SYSTEM: Final = "NetBox"
_PAGE: Final = 500
_FIELDS: Final = (
    "id,url,name,status,site,role,tenant,platform,primary_ip,primary_ip4,primary_ip6,tags"
)
"""The others cost the server more than these."""


def read(service: Service, question: Question) -> Found:
    """The devices that the filters choose.

    Raises:
        InvalidInput: the address, the token or a filter is wrong.
        Unreachable: it does not answer as it should.
    """
    api = pynetbox.api(service.url, token=service.token)
    api.http_session = WebSession(service)
    filters = question.with_status("active")
    with told(service, _SYSTEM, pynetbox):
        devices = api.dcim.devices
        _check_filters(devices, filters, service)
        records = [dict(one) for one in devices.filter(**filters, fields=_FIELDS, limit=_PAGE)]
        count = devices.count(**filters)
    found = []
    for record in checked(records, count, service, _SYSTEM):
        site = field_of(record, "site", "slug")
        found.append(
            device(
                record,
                service,
                platforms=[field_of(record, "platform", "slug")],
                site=site,
                groups=groups_of(record, question.group_by, "slug", site),
            )
        )
    return Found(devices=found)


def _check_filters(devices: Any, filters: Mapping[str, list[str]], service: Service) -> None:  # noqa: ANN401 - the library has no types
    """Find filters that NetBox does not know: it would pass over them, and give every device."""
    every = devices.count()
    for name in filters:
        if every == 0 or name == "status":
            continue
        # A known one chooses nothing by a value that no device has, or refuses it; one that
        # takes only yes and no chooses not all by both.
        if all(_count(devices, name, value) == every for value in (uuid4().hex, "true", "false")):
            message = f"{service.url} knows no filter {name!r}: it would give all {every} devices"
            raise InvalidInput.single("--filter", message)


def _count(devices: Any, name: str, value: str) -> int:  # noqa: ANN401 - as above
    try:
        return int(devices.count(**{name: value}))
    except pynetbox.RequestError as error:
        if error.req.status_code == 400:
            return -1
        raise
