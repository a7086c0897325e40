"""The addresses that Prefect's page shows with a block."""

from __future__ import annotations

from typing import Final

from pydantic import HttpUrl

DOCUMENTATION: Final = HttpUrl("https://docs.prefect.io/v3/concepts/blocks")

_LOGOS = (
    "https://raw.githubusercontent.com/PrefectHQ/prefect/"
    "420d0d6a78bb6df1fc18bcf188fdad43c1d22ea9/assets/block-logos/"
)
SECRET_LOGO: Final = HttpUrl(_LOGOS + "secret.png")
WEBHOOK_LOGO: Final = HttpUrl(_LOGOS + "webhook.png")
FOLDER_LOGO: Final = HttpUrl(_LOGOS + "filesystem.png")
