"""Speed, shown as ratios to a named peer measured in the same run: ``python -m benchmarks.intake`` and others."""
