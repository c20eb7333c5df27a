"""The same work by other means, each in a process of its own; see `benchmarks.contest`."""
