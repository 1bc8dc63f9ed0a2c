"""The frame of a page: its policy, style and script, and the data that it carries."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import msgspec

from session_classify.printing.render import environment
from session_classify.printing.text import visible, visible_json

_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""Characters with which JSON could end the element that it stands in."""


def page(template: str, data: object, *, scripts: tuple[str, ...], **values: Any) -> str:
    """Return a template of `templates/html/` as a page that loads nothing.

    Text is escaped by the environment; characters that cannot be seen are spelled out in the whole
    page. `data` is carried along as JSON. `scripts` are files beside the template.
    """
    style, script = _source("html/page.css"), "".join(_source(f"html/{name}") for name in scripts)
    made = environment().get_template(f"html/{template}")
    text = made.render(
        policy=policy(style, script), style=style, script=script, data=embedded(data), **values
    )
    return visible(text)


def policy(style: str, script: str) -> str:
    """Return a policy that allows this style and this script, and nothing else."""
    return (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; "
        f"script-src 'sha256-{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )


def embedded(data: object) -> str:
    """Return data as JSON that cannot end the script element around it."""
    return visible_json(msgspec.json.encode(data).decode()).translate(_HTML)


def _source(name: str) -> str:
    loader = environment().loader
    assert loader is not None  # noqa: S101  the environment is made with one
    return loader.get_source(environment(), name)[0]


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
