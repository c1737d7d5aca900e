"""A page to paste an article into, review its record and save it as a labelled article (extra `[serve]`)."""
