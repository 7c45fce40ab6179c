"""Benchmarks: Belowline and its rivals, side by side in one run."""
