"""HTML as a tree of elements: text enters as text only, and the serialiser escapes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None

# What HTML cannot carry: control characters but tab and line feed, lone surrogates, non-characters.
_UNSHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def shown(text: str) -> str:
    """A text as a page can show it, character for character; carriage returns would be lost by the parser."""
    return _UNSHOWN.sub("\ufffd", text.replace("\r\n", " \n").replace("\r", "\n"))


def make(tag: str, attributes: Mapping[str, str | None] | None = None, *children: Child) -> Element:
    """An element with children in order; attributes that are None and children that are None are left out."""
    element = Element(tag, {name: shown(v) for name, v in (attributes or {}).items() if v is not None})
    add(element, children)
    return element


def add(element: Element, children: Iterable[Child]) -> None:
    """Append children, texts among them."""
    last = element[-1] if len(element) else None
    for child in children:
        if isinstance(child, Element):
            element.append(child)
            last = child
        elif child:
            if last is None:
                element.text = (element.text or "") + shown(child)
            else:
                last.tail = (last.tail or "") + shown(child)


def markup(*elements: Element) -> str:
    """The elements as HTML."""
    return "".join(tostring(element, encoding="unicode", method="html") for element in elements)
