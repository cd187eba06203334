"""Which versions of what are installed, read from package metadata so that nothing heavy is imported."""

from __future__ import annotations

import platform
from importlib import metadata

DISTRIBUTIONS = ("gradfuzz", "torch", "numpy", "hypothesis")


def versions() -> dict[str, str]:
    """Version by name, for `--version`, summary.json and the report; "not installed" where it is not."""
    found = {name: _version(name) for name in DISTRIBUTIONS}
    found["python"] = platform.python_version()
    return found


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
