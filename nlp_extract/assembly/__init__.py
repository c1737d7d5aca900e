"""Mentions and statements become the record: ranking, limits, one place for one thing."""
