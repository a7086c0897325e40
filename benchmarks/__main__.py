"""Every benchmark in its short form, one after the other.

python -m benchmarks [NAME ...]
"""

from __future__ import annotations

import subprocess
import sys
import time

ALL = ("startup", "worker", "sync", "page", "health", "backup", "growth")


def main(names: list[str]) -> int:
    """Run them; the number of those that failed."""
    failed = []
    for name in names or ALL:
        print(f"\n=== {name} ===", flush=True)
        began = time.monotonic()
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
        print(f"  ({name}: {time.monotonic() - began:.0f} s)", flush=True)
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
