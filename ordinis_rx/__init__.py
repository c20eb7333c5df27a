"""Reactive market data: many providers in, one pipeline, live and replayed alike."""
