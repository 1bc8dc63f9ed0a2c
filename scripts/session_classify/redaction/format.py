"""The format of one kind of secret."""

import re
from collections.abc import Iterator

import msgspec


class Format(msgspec.Struct, frozen=True):
    """How one kind of secret is written, in UTF-8 bytes whose escapes are decoded.

    Patterns take time linear in the text: long parts are possessive, or can begin only at the
    beginning of a word.
    """

    kind: str
    source: str
    """A page of the vendor, an RFC, or the rule of a public scanner: `gitleaks: X` is rule X in its
    config/gitleaks.toml, `trufflehog: X` the detector X in its pkg/detectors."""
    hints: tuple[bytes, ...]
    """Texts of which one is in every such secret; in lower case for a named one."""
    secret: bytes
    """Pattern of the secret, which is its group 1 where it has one."""
    name: bytes = b""
    """Pattern, in lower case, of the text before a secret that is recognized by its name."""

    def spans(self, data: bytes, small: bytes) -> Iterator[tuple[int, int]]:
        """Yield begin and end of each such secret; `small` is `data` in lower case."""
        secret = re.compile(self.secret)
        group = min(secret.groups, 1)
        if not self.name:
            yield from (found.span(group) for found in secret.finditer(data))
            return
        end = 0
        for name in re.compile(self.name).finditer(small):
            if name.start() >= end and (found := secret.match(data, name.end())):
                end = found.end()
                yield found.span(group)


def alone(beginning: bytes) -> bytes:
    r"""Return a pattern for a prefix at the beginning of a word; a JSON `\n` may precede it."""
    plain = re.escape(beginning)
    return rb"%b(?:(?<![A-Za-z0-9]%b)|(?<=\\[nrt]%b))" % (plain, plain, plain)
