"""Mask secrets of known formats before anything is derived, stored or printed."""

from session_classify.redaction.masking import redacted, without_secrets

__all__ = ["redacted", "without_secrets"]
