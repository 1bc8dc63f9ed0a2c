"""Split name patterns as `fnmatch` reads them."""


def pattern_parts(pattern: str) -> list[str]:
    """Split a pattern into `*`, `?`, sets of characters such as `[a-z]`, and single characters.

    A `[` without a closing `]` is a character.
    """
    found: list[str] = []
    at, last = 0, pattern.rfind("]")
    while at < len(pattern):
        end = at + 1
        if pattern[at] == "[":
            inside = end + pattern.startswith("!", end)
            inside += pattern.startswith("]", inside)  # the first one is a member of the set
            end = pattern.index("]", inside) + 1 if inside <= last else end
        found.append(pattern[at:end])
        at = end
    return found
