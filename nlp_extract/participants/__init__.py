"""Main actors and those acted on, ranked."""
