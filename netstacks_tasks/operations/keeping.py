"""Checks and keeps what one device printed as its configurations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netstacks_tasks.models.capture import Capture
from netstacks_tasks.models.causes import Stage
from netstacks_tasks.models.inventory import Device
from netstacks_tasks.models.result import DeviceResult
from netstacks_tasks.operations.failure import as_device_error
from netstacks_tasks.operations.ports import Files, Kept, Seen, SeenTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingPorts:
    """What configurations go to, and what they have to be."""

    versions: SeenTexts
    files: Files
    check: Callable[[str, str, str, str], None]
    """(device name, platform, text, normalised text): raises `DeviceError` on what is no
    configuration."""
    normalise: Callable[[str, str], str]
    """(platform, text) -> the text without volatile lines."""


class Keeping:
    """Makes a result of each configuration of a device, whatever happens."""

    def __init__(
        self, ports: KeepingPorts, device: Device, *, attempt: int, latency: float
    ) -> None:
        """`latency`: how many milliseconds reading took, for the results."""
        self._ports = ports
        self._device = device
        self._attempt = attempt
        self._latency = round(latency, 1)

    async def keep(self, texts: Mapping[str, str]) -> list[DeviceResult]:
        """Keep a text by source.

        The files come first: were they second, a full disk would leave a version
        behind that the retry then reports as nothing new.
        """
        try:
            seen = await self._ports.versions.seen(self._device, texts)
        except Exception as error:
            return [self._failure(source, error, "store") for source in texts]
        made = [self._look(source, text, seen.get(source)) for source, text in texts.items()]
        failed = [one for one in made if isinstance(one, DeviceResult)]
        good = [one for one in made if not isinstance(one, DeviceResult)]
        if not good:
            return failed
        try:
            contents = {one.source: texts[one.source] for one in good}
            await self._ports.files.write(self._device.name, contents)
        except Exception as error:
            return failed + [self._failure(one.source, error, "store") for one in good]
        known = [
            self._kept(one.source, one.seen, one.seen.lines)
            for one in good
            if isinstance(one, _Seen)
        ]
        new = [self._keep(one) for one in good if isinstance(one, Capture)]
        return [*failed, *known, *await asyncio.gather(*new)]

    def _look(self, source: str, text: str, seen: Seen | None) -> _Seen | Capture | DeviceResult:
        """What is known of the text, or what it is taken apart into."""
        if seen is not None:
            return _Seen(source, seen)
        try:
            platform = self._device.platform
            normalised = self._ports.normalise(platform, text)
            self._ports.check(self._device.name, platform, text, normalised)
        except Exception as error:
            return self._failure(source, error, "capture")
        return Capture(device=self._device, source=source, content=text, normalised=normalised)

    async def _keep(self, found: Capture) -> DeviceResult:
        try:
            kept = await self._ports.versions.keep(found)
        except Exception as error:
            return self._failure(found.source, error, "store")
        return self._kept(found.source, kept, found.lines)

    def _kept(self, source: str, kept: Kept, lines: int) -> DeviceResult:
        return DeviceResult(
            device_id=self._device.id,
            device_name=self._device.name,
            item=source,
            ok=True,
            summary=f"{'new version' if kept.changed else 'unchanged'}, {lines} lines",
            attempt=self._attempt,
            latency_ms=self._latency,
            snapshot_id=kept.snapshot_id,
            changed=kept.changed,
        )

    def _failure(self, source: str, error: Exception, stage: Stage) -> DeviceResult:
        failure = as_device_error(error, self._device.name, stage)
        return DeviceResult.failure(self._device.id, source, failure, attempt=self._attempt)


@dataclass(frozen=True, slots=True)
class _Seen:
    source: str
    seen: Seen
