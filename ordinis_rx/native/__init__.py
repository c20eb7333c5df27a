"""Builtin functions made to measure: machine code that calls CPython, as a module in C would, made while we run."""
