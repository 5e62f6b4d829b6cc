"""`martlet openapi`: the OpenAPI document, on standard output or in a file."""

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any, Final

from martlet.cli.arguments import Parser, add_app
from martlet.cli.console import Console
from martlet.cli.failures import DocumentFailure, ExitCode, MissingPackageFailure, PathFailure
from martlet.cli.looks.document import document_of
from martlet.cli.looks.subject import load_app

_YAML_ENDINGS: Final = (".yaml", ".yml")


def configure(parser: Parser) -> None:
    """Declare the arguments."""
    add_app(parser)
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="Write it to a file instead.")
    parser.add_argument(
        "--yaml", action="store_true", help="As YAML; a file that ends in .yaml or .yml is YAML anyway."
    )


def run(arguments: Namespace) -> int:
    """Print the document, or write it and say where.

    Raises:
        Failure: one of its subclasses, where there is no app, the document cannot be made, or the file not be written.
    """
    output: Path | None = arguments.output
    is_yaml: bool = arguments.yaml or (output is not None and output.suffix.lower() in _YAML_ENDINGS)
    app, loaded = load_app(arguments)
    document, warned = document_of(app)
    for warning in warned:
        Console(sys.stderr).line(f"Warning: {warning}")
    text = _yaml(document) if is_yaml else _json(document)
    if output is None:
        Console().line(text.removesuffix("\n"))
        return ExitCode.OK
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PathFailure(
            f"Cannot write {output}",
            details=(error.strerror or str(error),),
            advice="Name a file in a folder that exists.",
        ) from None
    operations = sum(len(item) for item in document.get("paths", {}).values())
    Console(sys.stderr).line(f"Wrote {output}: {operations} operations of {loaded.target}")
    return ExitCode.OK


def _json(document: dict[str, Any]) -> str:
    try:
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    except (TypeError, ValueError) as error:
        raise DocumentFailure(
            "The OpenAPI document cannot be made",
            details=(f"what `app.openapi` returns is no JSON: {error}",),
            advice="Have it return dicts, lists, texts, numbers, booleans and None.",
        ) from None


def _yaml(document: dict[str, Any]) -> str:
    try:
        import yaml  # noqa: PLC0415 - only who asks for YAML needs it
    except ImportError:
        raise MissingPackageFailure(
            "YAML needs the package pyyaml",
            advice=('Install it: pip install "martlet[standard]"', "Or take JSON: leave --yaml out."),
        ) from None
    # What is JSON is YAML; objects that are not, which YAML might dress up, are refused alike.
    return yaml.safe_dump(json.loads(_json(document)), sort_keys=False, allow_unicode=True)
