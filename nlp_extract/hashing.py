"""Hashes that are the same in every process: of strings, and of numbers in numpy."""

from __future__ import annotations

import zlib

import numpy

# Multiplying by the one and shifting right by the other mixes 64-bit numbers (Fibonacci hashing).
PRIME = numpy.uint64(0x9E3779B97F4A7C15)
SHIFT = numpy.uint64(32)


def code(text: str) -> int:
    """A number for a string: CRC-32 of its UTF-8 bytes."""
    return zlib.crc32(text.encode("utf-8", "replace"))
