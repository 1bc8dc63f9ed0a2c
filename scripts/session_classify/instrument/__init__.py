"""For a web app: put the browser's RUM session and user on the spans of each request.

`asgi` and `wsgi` are middleware for ddtrace, `otel` is a span processor for OpenTelemetry. They
import nothing else of this package. Source: `references/instrumenting.md`.
"""
