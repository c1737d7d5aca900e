"""The characters as the models of words and trees read them."""

_CLASSES = (
    {ord(c): "0" for c in "0123456789"}
    | {code: "a" for first, last in ("AZ", "az") for code in range(ord(first), ord(last) + 1)}
    | {ord(wide): narrow for wide, narrow in zip("，！？：；（）～", ",!?:;()~", strict=True)}
)


def plain(text: str) -> str:
    """A shadow with Latin letters as `a`, digits as `0` and marks in half width; same length."""
    return text.translate(_CLASSES)
