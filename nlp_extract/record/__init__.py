"""The typed record and its forms."""
