"""`gradfuzz --version`: the versions that decide what a campaign sees."""

from __future__ import annotations

import argparse

from fuzz.versions import versions


def main(args: argparse.Namespace) -> int:
    found = versions()
    print(f"gradfuzz {found.pop('gradfuzz')}")
    for name, version in found.items():
        print(f"  {name} {version}")
    return 0
