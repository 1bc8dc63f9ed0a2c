"""Find the case files: `situations/<kind>-<name>/` with an input and what is expected of it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

_FOLDER = Path(__file__).parent / "situations"
# The loader of libyaml takes a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def situations(kind: str) -> Iterable[Any]:
    """Return the folders of one kind as test parameters, by name; none at all is an error."""
    folders = sorted(_FOLDER.glob(f"{kind}-*"))
    if not folders:
        raise LookupError(f"no situation {kind}-* in {_FOLDER}")
    return [pytest.param(folder, id=folder.name.removeprefix(f"{kind}-")) for folder in folders]


def situation(name: str) -> Path:
    """Return the folder of one situation."""
    folder = _FOLDER / name
    if not folder.is_dir():
        raise LookupError(f"no situation {name} in {_FOLDER}")
    return folder


def samples(kind: str) -> Iterable[Any]:
    """Return each sample of the `situation.yaml` files of one kind as a test parameter."""
    return [
        pytest.param(sample, id=f"{param.id}-{number}")
        for param in situations(kind)
        for number, sample in enumerate(load(param.values[0] / "situation.yaml")["samples"], 1)
    ]


def load(path: Path) -> Any:
    """Read a YAML file of a situation."""
    return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506  both are safe loaders
