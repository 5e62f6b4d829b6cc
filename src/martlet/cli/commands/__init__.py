"""The commands, one module each; `martlet.cli.dispatch` says what such a module has."""
