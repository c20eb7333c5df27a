"""Prices that are asked for: sources with one question each, asked in parallel, folded into one consensus."""
