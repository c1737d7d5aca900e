"""Time expressions: a grammar as data, anchored to the reference date."""
