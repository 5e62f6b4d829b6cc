"""`python -m martlet`: the command line."""

from martlet.cli import main

main()
