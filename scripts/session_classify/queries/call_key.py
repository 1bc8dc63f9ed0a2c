"""Which written-down calls are the same call.

The capture hook uses this as well, so it needs only the standard library of Python 3.8.
"""

from __future__ import annotations

import json
import re
from hashlib import blake2b

TYPE_CHECKING = False  # importing typing takes milliseconds at each start of the hook
if TYPE_CHECKING:
    from typing import Any

_PURPOSE = frozenset({"telemetry"})
_SIZES = frozenset({"from", "to", "limit", "max_tokens", "max_content_length", "max_depth"})
"""Window and sizes of the span tools: an agent may round them, and the answer stays the same."""


def bare_name(tool: str) -> str:
    """Return the name of a tool without the prefixes of its server and plugin."""
    return next((word for word in reversed(re.split(r"__|[^\w-]", tool)) if word), "")


def call_key(tool: str, arguments: dict[str, Any]) -> str:
    """Return the digest, in hex, of a tool's bare name and the arguments that decide its answer."""
    name = bare_name(tool)
    left_out = _PURPOSE | (_SIZES if "span" in name or "agent_loop" in name else frozenset())
    kept = {key: _plain(value) for key, value in arguments.items() if key not in left_out}
    text = json.dumps([name, kept], sort_keys=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _plain(value: Any) -> Any:
    """Return a value as it is compared: numbers and truths as text, blanks in texts as one."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    text = value if isinstance(value, str) else json.dumps(value)
    return " ".join(text.split())
