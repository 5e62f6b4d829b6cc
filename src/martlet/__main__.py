"""`python -m martlet`: the command line."""

from martlet.cli import main

if __name__ == "__main__":  # (processes that `multiprocessing` starts import this under another name)
    main()
