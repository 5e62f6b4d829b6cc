"""What cannot work is refused where it is declared: what is wrong, what to do, and where."""

import sys
from types import ModuleType
from typing import Annotated, Any

import pytest

from martlet import Depends, Header, Path, Query, Request
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.forms import NOT_INSTALLED, WRONG_INSTALLED, check_multipart_installed
from martlet._engine.read.signature import make_slot, read_dependant, read_depends, read_into
from martlet._engine.words.errors import (
    DeclarationError,
    InvalidFieldTypeError,
    InvalidParameterError,
    MissingPackageError,
    PydanticV1NotSupportedError,
)
from tests.engine.read.reading import MARTLET, Item, Plain, defined


def refusal(source: str, path: str = "/") -> str:
    """Return the text with which a signature is refused, the file's line left out."""
    with pytest.raises(DeclarationError) as refused:
        read_dependant(path, defined(MARTLET, f"def endpoint({source}): ..."))
    text, _, where = str(refused.value).rpartition("\n  ")
    assert where == 'File "<signature>", line 1, in endpoint'
    return text


SENTENCES = {
    ("q: Annotated[int, Query(3)]", "/"): (
        "`Query` default value cannot be set in `Annotated` for 'q'. Set the default value with `=` instead."
    ),
    ("q: Annotated[int, Query()] = Query()", "/"): (
        "Cannot specify FastAPI annotations in `Annotated` and default value together for 'q'\n"
        "  Keep the one in `Annotated`, and give a plain default value."
    ),
    ("q: Annotated[int, Query()] = Field()", "/"): (
        "Cannot specify FastAPI annotations in `Annotated` and default value together for 'q'\n"
        "  Keep the one in `Annotated`, and give a plain default value."
    ),
    ("q: Annotated[int, Query()] = Depends()", "/"): (
        "Cannot specify a FastAPI annotation in `Annotated` and `Depends` as a default value together for 'q'\n"
        "  A parameter is either a dependency or a value from the request."
    ),
    ("q: Annotated[int, Depends()] = Depends()", "/"): (
        "Cannot specify `Depends` in `Annotated` and default value together for 'q'\n  Keep one of the two."
    ),
    ("q: Annotated[int, Path()] = 3", "/{q}"): (
        "Path parameters cannot have default values\n  Take the default of 'q' away."
    ),
    ("q: Annotated[int, Query()]", "/{q}"): (
        "Cannot use `Query` for path param 'q'\n  Use Path(), or rename the parameter."
    ),
    ("q: list[int]", "/{q}"): (
        "Path params must be of one of the supported types\n"
        "  'q' stands for one part of the path: a str, int, float, UUID, enum or the like."
    ),
    ("q: Annotated[dict, Query()]", "/"): (
        "Query parameter 'q' must be one of the supported types\n"
        "  A query carries plain values, lists of them, or a model with such fields."
    ),
    ("q: Annotated[Request, Query()]", "/"): (
        "Cannot specify FastAPI annotation for type <class 'starlette.requests.Request'>\n"
        "  'q' is filled by the framework: take the marker away."
    ),
    ("q: int = Field(3)", "/"): (
        "non-body parameters must be in path, query, header or cookie: q\n"
        "  Field() is for models: use Query(), Header(), Cookie() or Body() here."
    ),
    ("q=Depends()", "/"): (
        "Depends() of parameter 'q' has nothing to call\n"
        "  Give it a function, or annotate the parameter with a class: typing.Any cannot be called."
    ),
    ("q: None = Depends()", "/"): (
        "Depends() of parameter 'q' has nothing to call\n"
        "  Give it a function, or annotate the parameter with a class: None cannot be called."
    ),
    ("q=Depends('text')", "/"): (
        "Depends() of parameter 'q' has nothing to call\n"
        "  Give it a function, or annotate the parameter with a class: 'text' cannot be called."
    ),
}  # fmt: skip


@pytest.mark.parametrize(("declared", "expected"), SENTENCES.items(), ids=[" at ".join(each) for each in SENTENCES])
def test_a_refusal_says_what_is_wrong_and_what_to_do(declared: tuple[str, str], expected: str) -> None:
    assert refusal(*declared) == expected


def test_a_refusal_names_the_dependency_that_is_wrong() -> None:
    def faulty(q: Annotated[int, Query(3)]) -> None: ...
    def endpoint(x: Annotated[None, Depends(faulty)]) -> None: ...

    with pytest.raises(InvalidParameterError, match=r"in .*<locals>\.faulty"):
        read_dependant("/", endpoint)


def test_a_type_without_a_schema_is_refused_with_its_callable() -> None:
    def endpoint(q: Plain) -> None: ...

    with pytest.raises(InvalidFieldTypeError, match="Invalid args for response field!") as refused:
        read_dependant("/", endpoint)
    assert "in test_a_type_without_a_schema_is_refused_with_its_callable.<locals>.endpoint" in str(refused.value)
    assert refused.value.advice == "The parameter is 'q'."


def test_a_dependency_of_a_decorator_must_be_callable() -> None:
    not_callable: Any = 3
    for depends in (Depends(not_callable), Depends()):
        with pytest.raises(InvalidParameterError, match="A parameter-less dependency must have a callable dependency"):
            read_depends("/", depends)


def test_a_dependency_of_a_decorator_must_be_a_depends() -> None:
    def check_token() -> None: ...

    bare: Any = check_token
    with pytest.raises(InvalidParameterError, match="has to be a Depends") as refused:
        read_depends("/", bare)
    assert refused.value.advice == "Write Depends(check_token)."


def test_a_callable_without_a_signature_is_refused() -> None:
    def endpoint(q: int = Depends()) -> None: ...

    with pytest.raises(InvalidParameterError, match="The signature of <class 'int'> cannot be read"):
        read_dependant("/", endpoint)


def test_a_use_without_a_callable_cannot_be_read() -> None:
    with pytest.raises(TypeError, match="without a callable"):
        read_into(Dependant())


def test_a_model_of_pydantic_v1_is_refused() -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydantic import v1

    class Old(v1.BaseModel):
        pass

    with pytest.raises(PydanticV1NotSupportedError, match=r"Please update the response model .*Old"):
        make_slot("x", Old)


def test_one_marker_in_several_places_stays_as_it_was() -> None:
    shared = Query(ge=2)
    as_default = Header(3)

    def endpoint(
        a: Annotated[int, shared], b: Annotated[int, shared] = 3, c: int = as_default, d: str = as_default
    ) -> None: ...

    read = read_dependant("/", endpoint)

    assert (shared.alias, shared.annotation, shared.is_required()) == (None, None, True)
    assert (as_default.alias, as_default.annotation) == (None, None)
    assert [slot.alias for slot in read.query_params] == ["a", "b"]
    assert [(slot.alias, slot.field_info.annotation) for slot in read.header_params] == [("c", int), ("d", str)]


def test_injected_parameters_are_noted_by_name() -> None:
    def endpoint(one: Request, two: int = Path()) -> None: ...

    read = read_dependant("/{two}", endpoint)

    assert read.request_param_name == "one"
    assert [slot.name for slot in read.path_params] == ["two"]


class TestMultipart:
    """Forms are parsed by python-multipart, and a package by the name of multipart may be there in its place."""

    @staticmethod
    def install(monkeypatch: pytest.MonkeyPatch, **modules: dict[str, Any] | None) -> None:
        """Let imports find modules with these attributes, and none for None."""
        for name, held in modules.items():
            module = None if held is None else ModuleType(name)
            if module is not None:
                vars(module).update(held or {})
            monkeypatch.setitem(sys.modules, name.replace("__", "."), module)

    def test_is_accepted_as_it_is_installed(self) -> None:
        check_multipart_installed()

    def test_is_accepted_under_its_former_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ours: dict[str, Any] = {"parse_options_header": print}
        self.install(monkeypatch, python_multipart=None, multipart={"__version__": "0.0.12"}, multipart__multipart=ours)

        check_multipart_installed()

    @pytest.mark.parametrize("inner", [None, {}])
    def test_is_told_from_the_other_package(
        self, monkeypatch: pytest.MonkeyPatch, inner: dict[str, Any] | None
    ) -> None:
        old: dict[str, Any] = {"__version__": "0.0.12"}
        self.install(monkeypatch, python_multipart=old, multipart={"__version__": "1.2"}, multipart__multipart=inner)

        with pytest.raises(MissingPackageError) as refused:
            check_multipart_installed()
        assert str(refused.value) == WRONG_INSTALLED

    @pytest.mark.parametrize("other", [None, {}])
    def test_is_missed(self, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any] | None) -> None:
        self.install(monkeypatch, python_multipart=None, multipart=other)

        with pytest.raises(MissingPackageError) as refused:
            read_dependant("/", defined(MARTLET, "def endpoint(q: Annotated[Item, Form()]): ..."))
        assert str(refused.value) == NOT_INSTALLED
        assert isinstance(refused.value, RuntimeError)


def test_a_body_needs_no_multipart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("python_multipart.__version__")

    def endpoint(item: Item) -> None: ...

    assert len(read_dependant("/", endpoint).body_params) == 1
