"""JSON that other programs broke: halves of surrogate pairs, bytes that are no UTF-8."""

import re
from dataclasses import replace

from session_classify.wire.envelope import Payload

_ESCAPE = re.compile(
    rb"\\(?:u([dD][89abAB][0-9a-fA-F]{2})(\\u[dD][c-fC-F][0-9a-fA-F]{2})?"
    rb"|u([dD][c-fC-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def mended(line: bytes) -> bytes:
    """Return JSON with lone surrogates spelled out and bytes that are no UTF-8 marked."""

    def spell(match: re.Match[bytes]) -> bytes:
        high, low, alone = match.groups()
        if high and not low:
            return b"\\\\u" + high
        return b"\\\\u" + alone if alone else match.group()

    return _ESCAPE.sub(spell, line).decode("utf-8", "replace").encode()


def mended_payload(payload: Payload) -> Payload | None:
    """Return a payload with its JSON mended; None when there is nothing to mend."""
    if not payload.is_json:
        return None
    data = mended(payload.data)
    return None if data == payload.data else replace(payload, data=data)
