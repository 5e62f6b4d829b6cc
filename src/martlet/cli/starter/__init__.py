"""The files of a new project, as templates: `$name`, `$package`, `$title` and `$version` are filled in.

They bear the ending `.txt`, so that no tool takes them for code of Martlet's.
"""
