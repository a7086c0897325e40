"""The options that every import from another system has."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from netstacks_tasks.cli.output import AsJson

if TYPE_CHECKING:
    from netstacks_tasks.importing.foreign.found import Choices, CredentialRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the person chose; each field is an option."""

    credential: Annotated[
        str | None, typer.Option(help="Of devices that no rule is for: its name or id.")
    ] = None
    credential_for: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT=VALUE:NAME",
            help="A credential by platform, site or group: site=fra:edge. The first that fits.",
        ),
    ] = None
    platform: Annotated[
        list[str] | None,
        typer.Option(metavar="THEIRS=OURS", help="What a platform there is here: c9300=ios"),
    ] = None
    default_platform: Annotated[
        str | None, typer.Option(help="Of devices that have none there.")
    ] = None
    group: Annotated[
        list[str] | None, typer.Option(help="A group for every device, beside its own.")
    ] = None
    origin: Annotated[
        str | None,
        typer.Option(help="What the source is called here; its URL or path unless given."),
    ] = None
    skip: Annotated[
        bool, typer.Option("--skip", help="Leave out devices that cannot be taken, and say why.")
    ] = False
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove devices that came from there and are gone.")
    ] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; write nothing.")
    ] = False
    as_json: AsJson = False

    def choices(self, source: str, scope: str = "") -> Choices:
        """As the importer takes them.

        Raises:
            InvalidInput: an option is wrong.
        """
        from netstacks_tasks.importing.foreign.found import Choices

        default = None
        if self.default_platform is not None:
            default = _known_platform("--default-platform", self.default_platform)
        return Choices(
            source=self.origin or source,
            scope=scope,
            platforms=_platforms(self.platform or ()),
            default_platform=default,
            credential=self.credential,
            rules=[_rule(word) for word in self.credential_for or ()],
            groups=self.group or (),
            skip=self.skip,
            prune=self.prune,
            dry_run=self.dry_run,
        )


def with_import_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options, which it gets as its keyword `options`."""
    hints = get_type_hints(ImportOptions, include_extras=True)
    shared = {one.name: one for one in fields(ImportOptions)}
    own = inspect.signature(command, eval_str=True)

    @wraps(command)
    def called(**given: Any) -> None:  # noqa: ANN401 - whatever its options are
        chosen = {name: given.pop(name) for name in shared}
        command(**given, options=ImportOptions(**chosen))

    parameters = [one for one in own.parameters.values() if one.name != "options"]
    parameters += [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=hints[name]
        )
        for name, one in shared.items()
    ]
    called.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]  # read by Typer
    called.__annotations__ = {one.name: one.annotation for one in parameters}
    return called


def _platforms(words: Sequence[str]) -> dict[str, str]:
    from netstacks_tasks.errors import InvalidInput

    found = {}
    for word in words:
        theirs, _, ours = (part.strip() for part in word.rpartition("="))
        if not theirs:
            message = f"write THEIRS=OURS, for example cisco-ios-xe=ios: got {word[:80]!r}"
            raise InvalidInput.single("--platform", message)
        found[theirs] = _known_platform("--platform", ours)
    return found


def _known_platform(option: str, name: str) -> str:
    from netstacks_tasks.devices.platforms import PLATFORMS
    from netstacks_tasks.errors import InvalidInput

    if name not in PLATFORMS:
        message = f"unknown platform {name[:60]!r}; known: {', '.join(sorted(PLATFORMS))}"
        raise InvalidInput.single(option, message)
    return name


def _rule(word: str) -> CredentialRule:
    from netstacks_tasks.errors import InvalidInput
    from netstacks_tasks.importing.foreign.found import CredentialRule

    what, _, rest = word.partition("=")
    value, _, credential = rest.rpartition(":")
    if what not in {"platform", "site", "group"} or not value or not credential:
        message = (
            "write platform=, site= or group= with a value and the credential, for example "
            f"site=fra:edge: got {word[:80]!r}"
        )
        raise InvalidInput.single("--credential-for", message)
    return CredentialRule(field=what, value=value, credential=credential)  # type: ignore[arg-type]  # one of the three
