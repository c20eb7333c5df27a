"""Providers: how each vendor speaks, as values of pure functions. They know no sockets, nor each other."""
