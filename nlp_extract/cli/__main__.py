"""`python -m nlp_extract.cli`."""

from nlp_extract.cli import main

main()
