"""`gradfuzz ops`: the ops that programs are composed of, by family."""

from __future__ import annotations

import argparse
from itertools import groupby

from oracle.opset import OPS


def main(args: argparse.Namespace) -> int:
    for family, specs in groupby(sorted(OPS.values(), key=lambda one: one.family), lambda one: one.family):
        print(f"{family}:")
        for spec in specs:
            print(f"  {spec.name}{'' if spec.ready else '  (not composed by default)'}")
    return 0
