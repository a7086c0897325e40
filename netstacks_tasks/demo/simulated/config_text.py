"""The files a device has when it comes out of its box."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from netstacks_tasks.demo.simulated.catalogue import DeviceSpec
from netstacks_tasks.models.inventory import DeviceCredential

_FILE_MARK: Final = "#### "
"""Separates the files in the template of a device that has several."""


def initial_files(spec: DeviceSpec, credential: DeviceCredential) -> dict[str, str]:
    """File contents by name: `startup-config`, `/etc/frr/frr.conf`, `/etc/hostname`..."""
    community = credential.snmp_community
    text = _template(spec.kind.template).render(
        device=spec,
        site_number=int(spec.site[-1]),
        credential=credential,
        community=community.get_secret_value() if community else "",
        hashed=lambda label: _hashed(spec, credential, label),
    )
    files = {}
    for part in ("\n" + text).split("\n" + _FILE_MARK)[1:]:
        name, _, content = part.partition("\n")
        files[name] = content.rstrip("\n") + "\n"
    return files


@lru_cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("netstacks_tasks.demo.simulated"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=()),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


def _hashed(spec: DeviceSpec, credential: DeviceCredential, label: str) -> str:
    """Looks like an IOS type 9 hash; says nothing about the secret."""
    seed = f"{spec.name}/{label}/{credential.username}".encode()
    text = base64.b64encode(hashlib.sha512(seed).digest()).decode().replace("+", ".")
    return f"$9${text[:14]}${text[14:57]}"
