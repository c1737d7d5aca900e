"""Where words, tags, entities and trees come from: our own models, HanLP, spaCy."""
