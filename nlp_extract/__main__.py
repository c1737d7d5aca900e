"""`python -m nlp_extract`."""

from nlp_extract.cli import main

main()
