"""Numbers only: how kernels see their data, how they are compiled, and the kernels themselves. No Rx, no clock, no I/O."""
