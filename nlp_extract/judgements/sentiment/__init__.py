"""Sentiment from China's viewpoint."""
