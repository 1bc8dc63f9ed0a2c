"""Instrumented apps on real servers, frameworks and SDKs."""
