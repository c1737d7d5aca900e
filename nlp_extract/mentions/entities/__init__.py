"""Organisations, people and places: a character-level model, a user lexicon, consistency in the document."""
