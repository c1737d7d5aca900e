"""Who is said to think what."""
