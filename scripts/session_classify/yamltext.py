"""Read YAML settings within limits of size, nesting and aliases."""

from typing import Any

from session_classify.jsontext import DEEPEST

_LARGEST = 5_000_000
"""Most bytes of a settings file; the largest shipped one has a few thousand."""
_LONGEST = 20_000
"""Most bytes of a line: YAML parses base-60 numbers in quadratic time."""
_MOST = 200_000
"""Most values, repeated aliases included: ten lines of aliases can stand for billions."""


def read_yaml(data: bytes, *, words: bool = False) -> Any:
    """Return the content of a YAML file; with `words` every scalar stays the text as written.

    Raises ValueError with a one-line message for invalid YAML and for files that are too large,
    nested too deeply or hold a lone surrogate.
    """
    import yaml  # imported here: it takes 13 ms

    if len(data) > _LARGEST or any(len(line) > _LONGEST for line in data.splitlines()):
        raise ValueError(f"it has over {_LARGEST:,} bytes, or over {_LONGEST:,} in a line")
    # The C loaders are ten times as fast and bound the nesting; they are missing without libyaml.
    if words:
        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    else:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        value = yaml.load(data, loader)  # noqa: S506  both loaders make plain values alone
        _check(value)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise ValueError(" ".join(str(error).split())) from error
    return value


def _check(value: Any) -> None:
    """Raise ValueError for a value that is too large to walk; the check is not recursive."""
    waiting, count = [(value, 0)], 0
    while waiting:
        item, level = waiting.pop()
        count += 1
        if count > _MOST or level > DEEPEST:
            raise ValueError(
                f"it holds over {_MOST:,} values, aliases included, or is nested over {DEEPEST} "
                "levels deep"
            )
        if isinstance(item, str):
            item.encode()
        elif isinstance(item, dict):
            waiting += [(part, level + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list | set | tuple):
            waiting += [(part, level + 1) for part in item]
