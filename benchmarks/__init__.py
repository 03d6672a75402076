"""Ours against what a geopandas user would write: measured in one run, printed as ratios. ``python -m benchmarks``."""
