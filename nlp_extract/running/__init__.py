"""Many articles: processes, Spark, a server."""
