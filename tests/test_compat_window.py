"""`martlet._compat` has the names of `fastapi._compat`, and they do what theirs do."""

import warnings
from collections import deque
from collections.abc import Sequence
from enum import Enum
from types import ModuleType
from typing import Annotated, Any, ForwardRef

import fastapi._compat as genuine
import fastapi._compat.shared as genuine_shared
import fastapi._compat.v2 as genuine_v2
import fastapi.params as genuine_params
import pytest
from pydantic import BaseModel, ConfigDict, Field, computed_field
from pydantic.fields import FieldInfo

import martlet._compat as ours
import martlet._compat.shared as our_shared
import martlet._compat.v2 as our_v2
from martlet._engine.words import markers
from tests.engine.read.reading import plain
from tests.ids import shown


class Color(Enum):
    RED = "red"


class Inner(BaseModel):
    color: Color = Color.RED


class Model(BaseModel):
    inner: list[Inner]
    x: int = Field(1, alias="X")


class Computed(BaseModel):
    x: int

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own documentation ignores it
    @property
    def double(self) -> int:
        return 2 * self.x


# What they import for themselves.
MODULES = {"shared", "v2"}
# Helpers of helpers, that nothing outside FastAPI has a use for.
INNER = {
    *("WithArgsTypes", "asdict", "get_flat_models_from_annotation", "get_flat_models_from_field"),
    *("get_flat_models_from_model", "normalize_name", "TypeModelOrEnum", "TypeModelSet"),
}


def own_names(module: ModuleType) -> set[str]:
    """Return the public names that a module defines, or re-exports on purpose."""
    if module is genuine:
        return {name for name in vars(module) if not name.startswith("_")} - MODULES
    defined = (name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__)
    return {name for name in defined if not name.startswith("_")}


@pytest.mark.parametrize(
    ("mine", "theirs"), [(ours, genuine), (our_shared, genuine_shared), (our_v2, genuine_v2)], ids=["", "shared", "v2"]
)
def test_every_name_is_there(mine: ModuleType, theirs: ModuleType) -> None:
    assert own_names(theirs) - set(vars(mine)) - INNER == set()


ANNOTATIONS = (int, str, list[int], dict, Inner, Inner | None, Color, list[bytes], tuple[Inner, ...], None, ...)


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=shown)
def test_annotations_are_questioned_as_there(annotation: Any) -> None:
    for name in (
        *("field_annotation_is_complex", "field_annotation_is_scalar", "field_annotation_is_sequence"),
        *("is_bytes_sequence_annotation", "annotation_is_pydantic_v1", "is_pydantic_v1_model_class"),
    ):
        assert getattr(our_shared, name)(annotation) == getattr(genuine_shared, name)(annotation), name
    assert ours.lenient_issubclass(annotation, BaseModel) == genuine.lenient_issubclass(annotation, BaseModel)


@pytest.mark.parametrize("value", [[], (), {1}, frozenset(), deque([1]), "text", b"bytes", 1, {}, None], ids=shown)
def test_a_value_is_a_sequence_as_there(value: Any) -> None:
    assert ours.value_is_sequence(value) == genuine.value_is_sequence(value)
    assert ours.is_pydantic_v1_model_instance(value) == genuine.is_pydantic_v1_model_instance(value)


def test_models_of_pydantic_v1_are_told() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydantic import v1

    class Old(v1.BaseModel):
        pass

    assert ours.is_pydantic_v1_model_instance(Old())
    assert our_shared.is_pydantic_v1_model_class(Old)


def test_constants_are_theirs() -> None:
    assert ours.PYDANTIC_VERSION_MINOR_TUPLE == genuine.PYDANTIC_VERSION_MINOR_TUPLE
    assert set(ours.sequence_types) == set(genuine.sequence_types)
    assert our_shared.sequence_annotation_to_type == genuine_shared.sequence_annotation_to_type
    for name in ("Undefined", "RequiredParam", "Url", "PydanticSchemaGenerationError"):
        assert getattr(ours, name) is getattr(genuine, name)


class Later:
    pass


@pytest.mark.parametrize(
    "value",
    [
        *(int, None, "int", "None", "Later", ForwardRef("Later"), list["Later"], "list[Later]", Annotated["Later", 1]),
        *("Undefined", ForwardRef("Undefined"), list["Undefined"]),  # type: ignore[name-defined]  # noqa: F821 - so it is
    ],
    ids=shown,
)
def test_forward_references_are_evaluated_as_there(value: Any) -> None:
    assert ours.evaluate_forwardref(value, globals(), None) == genuine.evaluate_forwardref(value, globals(), None)
    assert ours.evaluate_forwardref("Local", globals(), {"Local": Later}) is Later


def test_a_field_info_is_copied_with_its_annotation() -> None:
    annotation: Any = Annotated[int, Field(gt=3, description="D"), "a note"]
    mine = ours.copy_field_info(field_info=markers.Query(alias="q"), annotation=annotation)
    theirs = genuine.copy_field_info(field_info=genuine_params.Query(alias="q"), annotation=annotation)

    assert isinstance(mine, markers.Query)
    for name in ("annotation", "metadata", "description", "alias", "default", "_attributes_set"):
        assert plain(getattr(mine, name)) == plain(getattr(theirs, name))


def test_a_model_has_its_fields() -> None:
    for function in ("get_cached_model_fields", "get_model_fields"):
        mine, theirs = getattr(our_v2, function)(Model), getattr(genuine_v2, function)(Model)
        assert [(each.name, each.alias, each.config) for each in mine] == [
            (each.name, each.alias, each.config) for each in theirs
        ]


def test_a_body_model_is_made_of_fields() -> None:
    field = ours.ModelField(FieldInfo(annotation=int, gt=1), "x")
    made: Any = ours.create_body_model(fields=[field], model_name="Made", config=ConfigDict(extra="allow"))

    assert made.__name__ == "Made"
    assert made(x=2, y=3).model_extra == {"y": 3}


@pytest.mark.parametrize("place", ["Query", "Body", "Path"])
@pytest.mark.parametrize("annotation", [int, list[int], Inner], ids=shown)
def test_a_scalar_field_is_outside_the_body(place: str, annotation: Any) -> None:
    mine = ours.ModelField(getattr(markers, place)(annotation=annotation), "x")
    theirs = genuine.ModelField(getattr(genuine_params, place)(annotation=annotation), "x")

    assert ours.is_scalar_field(mine) == genuine.is_scalar_field(theirs)


@pytest.mark.parametrize(
    "annotation",
    [list[int], set[int], tuple[int, ...], frozenset[int], deque[int], Sequence[int], list, None | list[int]],
    ids=shown,
)
def test_a_sequence_becomes_what_its_field_is_of(annotation: Any) -> None:
    mine = ours.serialize_sequence_value(field=ours.ModelField(FieldInfo(annotation=annotation), "x"), value=[1, 2])
    theirs = genuine.serialize_sequence_value(
        field=genuine.ModelField(FieldInfo(annotation=annotation), "x"), value=[1, 2]
    )

    assert mine == theirs
    assert type(mine) is type(theirs)


def fields(module: Any) -> list[Any]:
    """Return fields of several kinds."""

    def field(name: str, type_: Any, mode: str, **said: Any) -> Any:
        return module.ModelField(FieldInfo(annotation=type_, **said), name, mode)

    return [
        field("number", int, "validation", alias="Number"),
        field("model", Model, "validation"),
        field("models", list[Model], "serialization"),
        field("computed", Computed, "serialization"),
        field("inner", Inner | None, "serialization", title="T"),
        field("octets", bytes, "validation", validation_alias="Octets"),
    ]


def test_models_are_found_and_named_as_there() -> None:
    known: set[Any] = {Computed}
    found = ours.get_flat_models_from_fields(fields(ours), known_models=known)

    assert found is known
    assert found == genuine.get_flat_models_from_fields(fields(genuine), known_models={Computed})
    assert ours.get_model_name_map(found) == genuine.get_model_name_map(found)


def test_names_of_models_are_made_plain() -> None:
    odd = type("Odd[int]", (BaseModel,), {})

    assert ours.get_model_name_map({odd}) == genuine.get_model_name_map({odd}) == {odd: "Odd_int_"}


@pytest.mark.parametrize("separate", [True, False])
def test_fields_are_described_as_there(separate: bool) -> None:
    described = []
    for module in (ours, genuine):
        each: Any = module
        mine = fields(each)
        said = {"model_name_map": {}, "separate_input_output_schemas": separate}
        mapping, definitions = each.get_definitions(fields=mine, **said)
        schemas = [
            each.get_schema_from_model_field(field=field, field_mapping=mapping, field_alias=alias, **said)
            for field in mine
            for alias in (None, "an_alias")
        ]
        described.append((schemas, definitions))

    assert described[0] == described[1]
