"""Many articles: readers and writers, processes, Spark, a server."""
