"""Measurements: ratios against peers, measured side by side in one run; and the soak. No tests."""
