"""Labelled articles, training, evaluation and packaging."""
