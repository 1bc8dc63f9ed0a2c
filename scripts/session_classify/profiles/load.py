"""Read app profiles from YAML files, and choose the one for an app."""

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import msgspec

from session_classify.errors import UsageError
from session_classify.profiles.kinds import parsed_path
from session_classify.profiles.profile import Profile, Verbs
from session_classify.resources import resource


def load_profile(path: Path) -> Profile:
    """Read a profile file.

    One without verbs of its own uses the generic ones, the generic tool rules after its own, and
    the generic rules of the assets that it does not describe.

    Raises UsageError, naming the field, when the file does not hold a profile.
    """
    import yaml  # 13 ms that only the verbs with a profile pay

    try:
        # The C loader reads a profile in a tenth of the time; it is missing where libyaml is.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        profile = msgspec.convert(yaml.load(path.read_bytes(), loader), Profile)  # noqa: S506
    except OSError as error:
        raise UsageError(f"cannot read profile {path}: {error.strerror}") from error
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        first = str(error).splitlines()[0]
        raise UsageError(f"{path} is not an app profile: {first}; see references/apps/") from error
    _check_assets(profile, path)
    _check_paths(profile)
    if profile.verbs != Verbs():
        return profile
    # Rules of its own come first; the generic ones know handovers by their names.
    generic = generic_profile()
    own = {asset.type for asset in profile.assets}
    assets = tuple(asset for asset in generic.assets if asset.type not in own)
    return msgspec.structs.replace(
        profile,
        tools=profile.tools + generic.tools,
        verbs=generic.verbs,
        assets=profile.assets + assets,
    )


@cache
def generic_profile() -> Profile:
    """Return the profile of an app that nobody described."""
    return load_profile(resource("references", "apps", "generic.yaml"))


def choose_profile(ml_app: str, path: Path | None = None) -> Profile:
    """Return the profile at `path`, else the shipped one that names the app, else the generic."""
    if path is not None:
        return load_profile(path)
    for file in sorted(resource("references", "apps").glob("*.yaml")):
        profile = load_profile(file)
        if any(fnmatchcase(ml_app, pattern) for pattern in profile.ml_apps):
            return profile
    return generic_profile()


def _check_assets(profile: Profile, path: Path) -> None:
    """Raise UsageError for an id that is no pattern, and for a page or path without an id in it."""
    for asset in profile.assets:
        try:
            re.compile(asset.id)
        except re.error as error:
            raise UsageError(
                f"{path}: the id of asset {asset.type} is no pattern: {error}"
            ) from error
        for place in (*asset.urls, *asset.http):
            if place.count("{id}") != 1:
                raise UsageError(
                    f"{path}: {place!r} of asset {asset.type} needs {{id}} once, for its id"
                )


def _check_paths(profile: Profile) -> None:
    """Raise UsageError for a path that is no JSONPath, before any data is read."""
    paths = [(tool.when.path, tool.name) for tool in profile.tools if tool.when]
    paths += [
        (path, asset.type) for asset in profile.assets for path in (*asset.arguments, *asset.record)
    ]
    if not paths:
        return
    from jsonpath_ng import exceptions

    for path, owner in paths:
        try:
            parsed_path(path)
        except exceptions.JSONPathError as error:
            problem = " ".join(str(error).split())
            raise UsageError(f"{path!r} of {owner} is no JSONPath: {problem}") from error
