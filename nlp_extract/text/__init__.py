"""The article as text: normalisation that keeps offsets, sentences, clauses, dateline, quotations."""
