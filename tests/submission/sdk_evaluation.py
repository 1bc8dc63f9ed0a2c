"""Submit the evaluation on stdin with the real SDK; runs in the SDK's Python."""

import json
import sys

from ddtrace.llmobs import LLMObs

LLMObs.enable(ml_app="another-app", agentless_enabled=False)
LLMObs.submit_evaluation(**json.load(sys.stdin))
LLMObs.flush()
