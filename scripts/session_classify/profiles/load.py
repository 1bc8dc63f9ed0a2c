"""Read app profiles from YAML files, and choose the one for an app."""

from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import msgspec

from session_classify.errors import UsageError
from session_classify.inputs import read_input
from session_classify.profiles.assets import rule_problems
from session_classify.profiles.kinds import parsed_path
from session_classify.profiles.profile import FORM, Profile, Verbs
from session_classify.resources import parsed, resource


def load_profile(path: Path) -> Profile:
    """Return a profile file, completed with the generic rules.

    It is in the user's cache if it was parsed before. Raises UsageError, naming the field, for an
    invalid profile, and for an asset rule that can match nothing.
    """
    data = _content(path)
    generic = resource("references", "apps", "generic.yaml").read_bytes()

    def parse() -> Profile:
        profile = parse_profile(data, str(path))
        for rule in profile.assets:
            for problem, fix in rule_problems(rule):
                raise UsageError(f"{path}, assets, {rule.type}: {problem}; {fix}")
        return completed(profile)

    return parsed((data, generic), FORM, Profile, parse)


def read_profile(path: Path) -> Profile:
    """Read a profile file as it is, without the generic rules.

    Raises UsageError, naming the field, for an invalid profile.
    """
    return parse_profile(_content(path), str(path))


def parse_profile(data: bytes, name: str) -> Profile:
    """Return the profile in YAML data; error messages name its origin as `name`.

    Raises UsageError, naming the field, for an invalid profile.
    """
    from session_classify.yamltext import read_yaml  # seldom needed: profiles are kept parsed

    try:
        profile = msgspec.convert(read_yaml(data), Profile)
    except (ValueError, msgspec.ValidationError) as error:
        raise UsageError(f"{name} is not an app profile: {error}; see references/apps/") from error
    _check_paths(profile)
    return profile


def completed(profile: Profile) -> Profile:
    """Return a profile with the generic rules appended.

    A profile without verbs uses the generic verbs, and the generic rules for tools, actions and
    help hosts after its own, and those for assets that it does not describe. A profile with verbs
    stands alone.
    """
    if profile.verbs != Verbs():
        return profile
    generic = generic_profile()
    own = {asset.type for asset in profile.assets}
    assets = tuple(asset for asset in generic.assets if asset.type not in own)
    return msgspec.structs.replace(
        profile,
        tools=profile.tools + generic.tools,
        verbs=generic.verbs,
        actions=profile.actions + generic.actions,
        help=profile.help + generic.help,
        assets=profile.assets + assets,
    )


@cache
def generic_profile() -> Profile:
    """Return the profile for apps without one of their own."""
    return load_profile(resource("references", "apps", "generic.yaml"))


def shipped_files() -> list[Path]:
    """Return the files of the shipped profiles, by name."""
    return sorted(resource("references", "apps").glob("*.yaml"))


def choose_profile(ml_app: str, path: Path | None = None) -> Profile:
    """Return the profile at `path`, else the shipped one that lists the app, else the generic."""
    if path is not None:
        return load_profile(path)
    for file in shipped_files():
        profile = load_profile(file)
        if any(fnmatchcase(ml_app, pattern) for pattern in profile.ml_apps):
            return profile
    return generic_profile()


def recalled_profile(named: str, ml_app: str, path: Path | None = None) -> Profile:
    """Return the profile at `path`, else that of a case, which names a file or a shipped app.

    Raises UsageError if the file no longer exists: another profile would give the events other
    meanings.
    """
    used = Path(named)
    return choose_profile(ml_app, path or (used if used.suffix else None))


def _content(path: Path) -> bytes:
    try:
        return read_input(path)
    except OSError as error:
        raise UsageError(f"cannot read profile {path}: {error.strerror}") from error


def _check_paths(profile: Profile) -> None:
    """Raise UsageError for an invalid JSONPath, before any data is read."""
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
            raise UsageError(f"{path!r} of {owner} is not a valid JSONPath: {problem}") from error
