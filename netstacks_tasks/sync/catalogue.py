"""Which flow runs a task of each type, read from `deployments/catalogue.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import yaml

from netstacks_tasks.errors import ConfigurationError

# Named, not imported: the package stays independent of the deployments.
_PACKAGE = "deployments"
_FILE = "catalogue.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The flow of one task type."""

    flow_name: str
    entrypoint: str
    """`package.module.function`."""


Catalogue = Mapping[str, Entry]
"""Task type -> its flow."""


def parse(text: str) -> dict[str, Entry]:
    """Read a catalogue from YAML.

    Raises:
        ConfigurationError: naming the entry that is wrong.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{_FILE} is not YAML: {error}") from error
    if not isinstance(document, dict) or not document:
        raise ConfigurationError(f"{_FILE} must map task types to their flows")
    return {str(name): _entry(str(name), value) for name, value in document.items()}


def _entry(task_type: str, value: object) -> Entry:
    if not isinstance(value, dict) or set(value) - {"entrypoint", "flow_name"}:
        raise ConfigurationError(f"{_FILE}: {task_type}: give `entrypoint` and no other field")
    entrypoint = value.get("entrypoint")
    if not isinstance(entrypoint, str) or "." not in entrypoint:
        raise ConfigurationError(f"{_FILE}: {task_type}: write entrypoint as package.module.flow")
    return Entry(flow_name=str(value.get("flow_name", task_type)), entrypoint=entrypoint)


def load() -> dict[str, Entry]:
    """The catalogue installed beside the package.

    Raises:
        ConfigurationError: when it is missing or wrong.
    """
    try:
        text = (resources.files(_PACKAGE) / _FILE).read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise ConfigurationError(f"{_PACKAGE}/{_FILE} is not installed; reinstall") from error
    return parse(text)
