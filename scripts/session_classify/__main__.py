"""Let `python -m session_classify` be the console script."""

from session_classify.cli import main

main()
