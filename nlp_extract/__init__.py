"""A Chinese news article in, an analyst's twelve-section key-point record out."""

__version__ = "0.1.0"
