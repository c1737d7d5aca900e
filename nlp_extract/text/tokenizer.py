"""One token a character: mentions are found on characters, words are cut around them later."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from nlp_extract.text.normalise import storable


class CharacterTokenizer:
    """Tokenizer whose doc has one token a character and `doc.text == text`, white space included.

    Lone surrogates, which spaCy cannot store, stand as U+FFFD in the doc; offsets are the same.
    """

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Return the doc of a text."""
        clean = storable(text)
        return Doc(self.vocab, words=list(clean), spaces=[False] * len(clean))

    def to_bytes(self, **kwargs: Any) -> bytes:
        """Nothing to keep."""
        return b""

    def from_bytes(self, data: bytes, **kwargs: Any) -> "CharacterTokenizer":
        """Nothing to restore."""
        return self

    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        """Nothing to keep."""

    def from_disk(self, path: str | Path, **kwargs: Any) -> "CharacterTokenizer":
        """Nothing to restore."""
        return self


@spacy.registry.tokenizers("nlp_extract.characters.v1")
def create_tokenizer() -> Callable[[Language], CharacterTokenizer]:
    """Make the tokenizer for a config's `[nlp.tokenizer]` block."""

    def make(nlp: Language) -> CharacterTokenizer:
        return CharacterTokenizer(nlp.vocab)

    return make
