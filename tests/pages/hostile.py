"""Known payloads of cross-site scripting, planted into every text of a case."""

from typing import Any

PAYLOADS = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "</style><script>window.ran=1</script>",
    "</title><svg/onload=window.ran=1>",
    "</pre></td></table><img src=x onerror=window.ran=1>",
    "\"><img src=x onerror='window.ran=1'>",
    "' autofocus onfocus=window.ran=1 x='",
    "javascript:window.ran=1",
    "<a href=javascript:window.ran=1>x</a>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.ran=1>",
    "<!--<script>window.ran=1//-->",
    "<![CDATA[<script>window.ran=1</script>]]>",
    "{{ cycler.__init__.__globals__ }}{% include 'html/page.js' %}",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<base href=http://127.0.0.1:9/><link rel=stylesheet href=x>",
    "<svg><animate onbegin=window.ran=1 attributeName=x dur=1s>",
    "<details open ontoggle=window.ran=1>",
    "\u202e<b>gnp.exe\u2028\u0000\ufeff&lt;script&gt;",
    "`${window.ran=1}`\\u003cscript\\u003e",
)


def planted(value: Any, keep: frozenset[str], number: int = 0) -> Any:
    """Return JSON with the payloads appended to every text, but where the key is in `keep`."""
    if isinstance(value, dict):
        return {
            key: one if key in keep else planted(one, keep, number + n)
            for n, (key, one) in enumerate(value.items())
        }
    if isinstance(value, list | tuple):
        return [planted(one, keep, number + n) for n, one in enumerate(value)]
    if isinstance(value, str):
        return value + " " + " ".join(PAYLOADS[(number + n) % len(PAYLOADS)] for n in range(7))
    return value
