"""Secrets of known formats are masked before anything is worked out, stored or printed."""

from session_classify.redaction.masking import redacted, without_secrets

__all__ = ["redacted", "without_secrets"]
