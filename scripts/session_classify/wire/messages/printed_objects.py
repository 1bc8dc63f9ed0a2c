"""Objects that a Python SDK printed instead of serialising: `McpCall(id='m1', name='cancel')`."""

from session_classify.lazy import lazy_pattern
from session_classify.model import JsonValue

_HEAD = lazy_pattern(r"[A-Z][A-Za-z0-9_.]{0,80}\(")
_LONGEST = 100_000


def printed_object(text: str) -> dict[str, JsonValue] | None:
    """Return the fields of one printed object that names its type; None for any other text.

    Objects inside it are read the same way. `type='mcp_call'` is what tells such an object from a
    sentence that begins like one.
    """
    if not _HEAD.match(text) or "type=" not in text or len(text) > _LONGEST:
        return None
    import ast  # 3 ms that only such a text pays
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in strings that are none
            tree = ast.parse(text.strip(), mode="eval").body
        found = _value(tree) if isinstance(tree, ast.Call) else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("type"), str) else None


def _value(node: object) -> JsonValue:
    """Return the JSON value of a node. Raises ValueError for what is no plain value."""
    import ast

    if isinstance(node, ast.Call):
        return {word.arg: _value(word.value) for word in node.keywords if word.arg}
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        keys = [_value(key) for key in node.keys]
        return {str(key): _value(item) for key, item in zip(keys, node.values, strict=True)}
    if isinstance(node, ast.UnaryOp | ast.Attribute | ast.Name):
        return ast.unparse(node)
    raise ValueError(type(node).__name__)
