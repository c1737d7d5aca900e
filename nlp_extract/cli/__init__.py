"""The command line `nlp-extract`, one file a command.

Exit codes: 0 all done, 1 some articles failed (the rest is written), 2 wrong use, 3 a model or file is missing
or damaged.
"""

import sys


def main() -> None:
    """Run the command line."""
    from nlp_extract.cli.app import app
    from nlp_extract.errors import DataError, ExtractError

    try:
        app()
    except (DataError, ExtractError) as error:
        sys.stderr.write(f"nlp-extract: {error}\n")
        sys.exit(3)
