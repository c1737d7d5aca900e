"""Entities from mentions: aliases, canonical places, titles and affiliations."""
