"""Numbers a reader would put in a table: metric, value, unit, change."""
