"""What the processor is, where that decides how torch's libraries round.

What may live here: questions about the machine, asked once.
"""

from __future__ import annotations


def _is_intel() -> bool:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            vendor = file.read(200)
    except OSError:  # no Linux
        return True
    return "vendor_id" not in vendor or "GenuineIntel" in vendor


FUSES = _is_intel()
"""Whether MKL multiplies and adds in one rounding: it asks who made the processor, not what that can do."""
