"""An engine for the child process that a program can make die, hang or fail."""

from __future__ import annotations

import os
import signal
import time
from typing import ClassVar

from oracle.engines.torch_engine import TorchEngine
from oracle.observation import Observation
from oracle.program.program import Program


class Fragile(TorchEngine):
    """torch, but `exp` kills the process, `sin` never ends, and `cos` is a mistake of ours."""

    name: ClassVar[str] = "fragile"

    def run(self, program: Program) -> Observation:
        if "exp" in program.source:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "sin" in program.source:
            time.sleep(60)
        if "cos" in program.source:
            raise ValueError("a mistake of ours")
        print("this must not come between")
        return super().run(program)

    def supports(self, program: Program) -> str | None:
        return "tan" if "tan" in program.source else None
