"""Whose server an address names, and what else it says."""

from itertools import product

import httpx2
import pytest
import urllib3

from session_classify.backends.addresses import is_datadog, is_local, is_plain_endpoint
from session_classify.errors import UsageError
from session_classify.vocabulary import LOCAL_HOSTS

ENDPOINTS = [
    ("api", "https://api.datadoghq.com"),
    ("api", "https://api.us3.datadoghq.com/"),
    ("api", "https://API.datadoghq.eu:443"),
    ("api", "http://127.0.0.1:8080"),
    ("api", "http://[::1]:8080"),
    ("lapdog", "http://localhost:8126"),
    ("mcp", "https://mcp.datadoghq.com/api/unstable/mcp-server/mcp?toolsets=llmobs,rum"),
    ("mcp", "http://127.0.0.1:8080/mcp"),
    ("mcp", "http://localhost:8080"),
]
OTHERS = [
    ("api", ""),
    ("api", "api.datadoghq.com"),
    ("api", "http://api.datadoghq.com"),
    ("api", "https://app.datadoghq.com"),
    ("api", "https://mcp.datadoghq.com"),
    ("api", "https://http-intake.logs.datadoghq.com"),
    ("api", "https://api.datadoghq.com/api/v1/events"),
    ("api", "https://api.datadoghq.com?x="),
    ("api", "https://api.datadoghq.com#x"),
    ("api", "https://api.datadoghq.com.example.com"),
    ("api", "https://api.notdatadoghq.com"),
    ("api", "https://api.datadoghq.com."),
    ("api", "https://api.datadoghq.com@example.com"),
    ("api", "https://example.com\\@api.datadoghq.com"),
    ("api", "https://example.com%2f.datadoghq.com"),
    ("api", "https://example.com/.datadoghq.com"),
    ("api", " https://api.datadoghq.com"),
    ("api", "https://api.datadoghq.com\n"),
    ("api", "http://127.0.0.1:8080/x"),
    ("api", "http://127.0.0.2:8080"),
    ("api", "http://127.1"),
    ("api", "http://localhost.example.com"),
    ("lapdog", "http://127.0.0.1@example.com"),
    ("lapdog", "file://127.0.0.1/etc/passwd"),
    ("mcp", "sh -c true"),
    ("mcp", "https://mcp.datadoghq.com/mcp?toolsets=llmobs&x=y"),
    ("mcp", "https://mcp.datadoghq.com/mcp#x"),
    ("mcp", "https://mcp.datadoghq.com/../mcp"),
    ("mcp", "https://api.datadoghq.com/mcp"),
    ("mcp", "http://127.0.0.1:8080/shutdown"),
]


@pytest.mark.parametrize(("kind", "url"), ENDPOINTS)
def test_an_endpoint_is_known(kind: str, url: str) -> None:
    """Datadog's servers of each kind, on every site, and stand-ins of this machine."""
    assert is_plain_endpoint(kind, url)
    assert is_datadog(url) != is_local(url)


@pytest.mark.parametrize(("kind", "url"), OTHERS)
def test_anything_else_is_no_endpoint(kind: str, url: str) -> None:
    """Another host, another service of the same host, or more than an address."""
    assert not is_plain_endpoint(kind, url)


def test_the_site_of_the_environment_is_datadogs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets DD_SITE says where their account is; its other hosts stay foreign."""
    monkeypatch.setenv("DD_SITE", "dd.example.com")

    assert is_plain_endpoint("api", "https://api.dd.example.com")
    assert not is_plain_endpoint("api", "https://example.com")


HOSTS = (*LOCAL_HOSTS, "[::1]", "example.com", "api.datadoghq.com")
BETWEEN = (
    "@",
    "\\@",
    "\\",
    "/@",
    "?@",
    "#@",
    "%2f@",
    "%2f.",
    ":80@",
    ":80\\@",
    ":a@",
    " @",
    "\t@",
    ".",
)


def test_no_library_reads_another_host() -> None:
    """What passes for this machine or Datadog is that for the libraries that send requests, too."""
    passed = 0
    for parts in product(("http://", "https://"), HOSTS, BETWEEN, HOSTS, ("", "/", ":80", "\\@x")):
        url = "".join(parts)
        if is_local(url) or is_datadog(url):
            passed += 1
            hosts = {str(urllib3.util.parse_url(url).host).strip("[]"), httpx2.URL(url).host}
            assert len(hosts) == 1, url
            assert hosts.pop().endswith(("datadoghq.com", *LOCAL_HOSTS)), url
    assert passed


def test_the_test_agent_is_on_this_machine() -> None:
    """An address that only looks so to one library is refused in one line."""
    from session_classify.backends.lapdog import open_lapdog

    for url in ("https://127.0.0.1:8126", "http://example.com\\@127.0.0.1", "http://192.0.2.1"):
        with pytest.raises(UsageError, match="is not a local http address"):
            open_lapdog(url)
