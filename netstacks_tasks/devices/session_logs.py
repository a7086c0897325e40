"""Has asyncssh ask whether a line of its log is wanted before it makes one.

It makes one for every packet and every step of a login, which nobody reads: a twentieth of what a
session costs.
"""

from __future__ import annotations

from typing import Any


def asking_first(logged: Any) -> None:  # noqa: ANN401 - asyncssh's connections and channels
    """Leave out what the log does not want, and the contents of packets.

    Args:
        logged: an asyncssh connection, or a channel.
    """
    logger = logged.logger
    log = logger.log

    def wanted(level: int, message: object, *arguments: object, **options: Any) -> None:  # noqa: ANN401
        if logger.isEnabledFor(level):
            log(level, message, *arguments, **options)

    vars(logger)["log"] = wanted
    vars(logged).update(log_sent_packet=_nothing, log_received_packet=_nothing)


def _nothing(*_: object, **__: object) -> None:
    """Secrets are in packets, too."""
