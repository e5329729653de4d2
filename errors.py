"""The errors of xuntag: each names the thing, says what is wrong and what to do about it."""

from __future__ import annotations


class XuntagError(Exception):
    """Base of every error that xuntag raises on purpose."""


class UnreadableNoticeError(XuntagError):
    """A notice file is empty, cut off, encrypted, mislabelled, too large or of an unknown format."""


class DataError(XuntagError):
    """A data file, annotated notice or taxonomy breaks its format; the message gives file and line."""


class ModelError(XuntagError):
    """A model folder is missing, incomplete or altered, or a model name is unknown."""


class MissingExtraError(XuntagError):
    """A feature needs packages that are not installed; the message names the extra."""
