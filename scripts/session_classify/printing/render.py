"""The one Jinja environment."""

from functools import cache
from typing import TYPE_CHECKING, Any

from session_classify.instants import stamp
from session_classify.jsontext import compact_json
from session_classify.places import cache_folder
from session_classify.printing.markdown import cell, prose
from session_classify.printing.text import (
    block,
    clip,
    code,
    counted,
    digest_line,
    digest_name,
    name_of,
    one_line,
    size,
    visible,
)
from session_classify.resources import resource

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def environment() -> "Environment":
    """Return the environment that renders `templates/`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from session_classify.printing.compiled import CompiledTemplates

    env = Environment(
        bytecode_cache=CompiledTemplates(cache_folder() / "templates"),
        loader=FileSystemLoader(resource("templates")),
        undefined=StrictUndefined,  # a missing value raises an error
        autoescape=_is_page,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    env.filters.update(
        json=compact_json,
        visible=visible,
        line=one_line,
        digest_line=digest_line,
        block=block,
        stamp=stamp,
        clip=clip,
        code=code,
        counted=counted,
        size=size,
        name=name_of,
        digest_name=digest_name,
        prose=prose,
        cell=cell,
    )
    return env


def _is_page(template: str | None) -> bool:
    """Pages are escaped; all else that is rendered is text for a terminal or an agent."""
    return template is not None and template.startswith("html/")


def render(template: str, **values: Any) -> str:
    """Return a template of `templates/` filled with the values."""
    return environment().get_template(template).render(**values)
