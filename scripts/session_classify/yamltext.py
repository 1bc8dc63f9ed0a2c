"""YAML of settings, read so that no file can take more time or room than its size allows."""

from typing import Any

from session_classify.jsontext import DEEPEST

_LARGEST = 5_000_000
"""Bytes of a file of settings; the largest that ship have a few thousand."""
_LONGEST = 20_000
"""Bytes of a line: YAML reads a number in base 60 in the square of its length."""
_MOST = 200_000
"""Values, those that an alias repeats included: ten lines of aliases can stand for billions."""


def read_yaml(data: bytes, *, words: bool = False) -> Any:
    """Return what a YAML file holds; with `words` every scalar is the text that it is written as.

    Raises ValueError, in one line, for what is no YAML, and for what is too large, nested too
    deeply, or holds half a character.
    """
    import yaml  # 13 ms that only the commands with settings pay

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
    """Raise ValueError for a value that nobody could walk through; itself it does not recurse."""
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
