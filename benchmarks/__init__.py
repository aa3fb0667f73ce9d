"""What a gradient costs here, beside the peers in the same run: ``python -m benchmarks``."""
