"""Mentions found on characters: entities, times, policies, figures; and the names they resolve to."""
