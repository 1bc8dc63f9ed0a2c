"""A stand-in for `pup`, written from its contract: flags, defaults, agent mode, error form.

It sends what pup sends to the server that PUP_MOCK_SERVER names. STANDIN_LOG names a file for one
line a call.
"""

import argparse
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from typing import Any

ENDPOINTS = {
    "search": "search-spans",
    "get-trace": "get-trace",
    "get-details": "span-details",
    "get-content": "span-content",
    "expand": "expand-spans",
    "get-agent-loop": "get-agent-loop",
    "find-errors": "find-error-spans",
}
AGENTS = ("CLAUDECODE", "CLAUDE_CODE", "CURSOR_AGENT", "AGENT", "FORCE_AGENT_MODE")
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def main() -> int:
    """Run one command line and return its exit code."""
    if sys.argv[1:] == ["--version"]:
        print(json.dumps({"version": "0.0.0-stand-in"}))
        return 0
    options = _options(sys.argv[1:])
    if os.environ.get("STANDIN_LOG"):
        with open(os.environ["STANDIN_LOG"], "a", encoding="utf-8") as log:  # noqa: PTH123
            log.write(" ".join(sys.argv[1:]) + "\n")
    body = {
        key: value
        for key, value in vars(options).items()
        if value not in (None, False) and key not in ("group", "noun", "verb", "start", "end")
    }
    try:
        body.update(**{"from": _stamp(options.start), "to": _stamp(options.end)})
        answer = _post(ENDPOINTS[options.verb], body)
    except ValueError as error:
        print(f"Error: invalid time: {error}", file=sys.stderr)
        return 1
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        verb = options.verb.replace("-", " ")
        print(f"Error: failed to {verb}: API error (status {error.code}): {text}", file=sys.stderr)
        return 1
    except (urllib.error.URLError, OSError) as error:
        print(f"Error: failed to connect: {error}", file=sys.stderr)
        return 1
    if any(os.environ.get(name) in ("1", "true") for name in AGENTS):
        inner = answer.get("data", answer) if isinstance(answer, dict) else answer
        answer = {"status": "success", "data": inner, "metadata": {"command": options.verb}}
    print(json.dumps(answer, indent=2, sort_keys=True))
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="pup")
    parser.add_argument("group", choices=["llm-obs"])
    parser.add_argument("noun", choices=["spans"])
    parser.add_argument("verb", choices=list(ENDPOINTS))
    for name in ("query", "trace-id", "span-id", "span-kind", "ml-app", "cursor", "field", "path"):
        parser.add_argument(f"--{name}")
    for name in ("limit", "max-tokens", "max-depth", "max-content-length"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--root-spans-only", action="store_true")
    parser.add_argument("--span-ids", type=lambda text: text.split(","))
    parser.add_argument("--tags", type=_tags)
    parser.add_argument("--from", dest="start", default="1h")
    parser.add_argument("--to", dest="end", default="now")
    return parser.parse_args(words)


def _tags(text: str) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in text.split(","))


def _stamp(text: str) -> str:
    """Return epoch milliseconds as a string; older pup refuses `now-7d`."""
    now = time.time()
    if text == "now":
        return str(int(now * 1000))
    match = re.fullmatch(r"-?(\d+)([smhdw])", text)
    if not match:
        raise ValueError(text)
    return str(int((now - int(match[1]) * UNITS[match[2]]) * 1000))


def _post(endpoint: str, body: dict[str, Any]) -> Any:
    url = f"{os.environ['PUP_MOCK_SERVER']}/api/unstable/llm-obs-mcp/v1/trace/{endpoint}"
    headers = {"Content-Type": "application/json", "Authorization": "Bearer made-up"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.loads(response.read())


if __name__ == "__main__":
    sys.exit(main())
