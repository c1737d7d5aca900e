"""Sentence roles: reactions, scopes, outlook, measures, challenges."""
