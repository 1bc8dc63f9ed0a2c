"""Operations of Datadog's official client, with the answer as received."""

import time
import warnings
from importlib import import_module
from typing import Any

from session_classify.backends.api import Api
from session_classify.backends.failures import NO_ANSWER, FailedCallError, of_status
from session_classify.backends.retries import asked_wait, brief
from session_classify.errors import UsageError

_APIS = "datadog_api_client.v2.api"


def called(api: Api, module: str, name: str, operation: str, arguments: dict[str, Any]) -> bytes:
    """Call an operation of the class `name` in a module of the client's APIs.

    The answer is not read into the client's models, which lack fields that servers send. Raises
    FailedCallError for a refusal or no answer, UsageError for arguments that the client refuses.
    """
    from datadog_api_client import ApiClient, Configuration
    from datadog_api_client.exceptions import ApiException, ApiTypeError, ApiValueError
    from urllib3.exceptions import HTTPError
    from urllib3.util import Retry

    settings = Configuration(  # type: ignore[no-untyped-call]
        host=api.url, api_key={"apiKeyAuth": api.api_key, "appKeyAuth": api.app_key}
    )
    # A redirect would send the keys to another host, and waits are counted by who calls.
    settings.retry_policy = Retry(total=False)
    settings.preload_content = False
    settings.request_timeout = api.seconds
    settings.unstable_operations[operation] = True
    try:
        with warnings.catch_warnings(), ApiClient(settings) as client:
            # The reference tells that an API is a preview; once a call is too often.
            warnings.filterwarnings("ignore", "Using unstable operation")
            methods = getattr(import_module(f"{_APIS}.{module}"), name)(client)
            data: bytes = getattr(methods, operation)(**arguments).read(decode_content=True)
    except (ApiTypeError, ApiValueError) as error:
        raise UsageError(f"the official client refuses {operation}: {brief(str(error))}") from error
    except ApiException as error:
        if not error.status:
            raise FailedCallError(str(error.reason), NO_ANSWER) from error
        wait = asked_wait(error.headers or {}, time.time(), error.status)
        raise FailedCallError(_text(error), of_status(error.status), wait=wait) from error
    except HTTPError as error:
        raise FailedCallError(type(error).__name__, NO_ANSWER) from error
    return data


def _text(error: Any) -> str:
    """Return the server's message, of a body that the client may have read already."""
    errors = error.body.get("errors") if isinstance(error.body, dict) else None
    if isinstance(errors, list):
        return "; ".join(map(str, errors))
    return str(error.body or error.reason)
