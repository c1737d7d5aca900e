"""Every error a user can meet, with a code; messages name what was wrong, what was expected and what to do."""


class ExtractError(Exception):
    """Base of the package's own errors."""


class ModelError(ExtractError):
    """A model folder is missing, damaged, of another component or of another format (NX1xx)."""


class DataError(ExtractError, ValueError):
    """A label file, lexicon or rule file that does not have the agreed shape (NX2xx)."""


class EngineError(ExtractError):
    """An engine that is not installed or cannot be loaded offline (NX3xx)."""


MESSAGES = {
    "NX001": "text must be str, got {kind}. Decode bytes first, e.g. data.decode('utf-8').",
    "NX002": "the article has {length} characters, over max_chars={limit}. Split it, or raise max_chars; "
    "nothing was extracted.",
    "NX003": "published must be an ISO date such as 2025-06-27, a date or a datetime, got {value!r}.",
    "NX004": "max_items must be a positive int or None, got {value!r}.",
    "NX005": "{name} must be str or None, got {kind}.",
    "NX101": "no model folder at {path}: expected a folder with meta.json for component '{component}'. {repair}",
    "NX102": "the model at {path} is damaged: {problem}. {repair}",
    "NX103": "the model at {path} is for component '{found}', expected '{expected}'. {repair}",
    "NX104": "the model at {path} has format {found}, this package reads format {expected}. {repair}",
    "NX105": "the model for component '{component}' was trained on other characters than those at {path}: train it "
    "again on these.",
}


def message(code: str, **values: object) -> str:
    """Return the text of an error, its code in front."""
    return f"[{code}] {MESSAGES[code].format(**values)}"
