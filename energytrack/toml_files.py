"""Decodes TOML that people write, whatever is in it."""

from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

MOST_BYTES: Final = 10_000_000
"""A plant of 10,000 machines that are listed one by one takes two megabytes."""


def decoded(raw: bytes, kind: type[T]) -> T:
    """The content of a TOML file as a struct or a dict; raises msgspec.DecodeError with a sentence."""
    if len(raw) > MOST_BYTES:
        raise msgspec.DecodeError(f"it has {len(raw):,} bytes, and at most {MOST_BYTES:,} are read")
    try:
        return msgspec.toml.decode(raw, type=kind)
    except RecursionError as error:
        raise msgspec.DecodeError("its brackets are nested too deeply") from error
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"it is not UTF-8: {error.reason} at byte {error.start}") from error
    except (ValueError, OverflowError) as error:
        if isinstance(error, msgspec.MsgspecError):
            raise
        raise msgspec.DecodeError(str(error)) from error  # a number of thousands of digits
