"""Labelled articles to and from the forms of annotation tools.

Every form is one file here with `read(path)` and `write(articles, path)`; all of them speak `marks.Annotated`.
"""
