"""The commands, one module each; `martlet.cli.main` says what such a module has."""
