"""Judgements on the whole article: sentiment and industries."""
