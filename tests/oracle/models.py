"""Models: pydantic classes with all that changes how they read, write and are described; dataclasses, TypedDicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.oracle.kinds import HOSTILE_JSON, Kind, body_kinds, one_in, optional, parameter_kinds

FIELD_NAMES = ("name", "price", "tags", "owner", "item_id", "camelCase", "x_rate")
CONFIGS = (
    *("", "", "", 'extra="forbid"', 'extra="allow"', "populate_by_name=True", "from_attributes=True"),
    *("str_strip_whitespace=True", "alias_generator=str.upper, populate_by_name=True", "frozen=True"),
    *(
        'json_schema_extra={"example": {"a": 1}}',
        'title="Titled"',
        "use_enum_values=True",
        'ser_json_timedelta="float"',
    ),
)
EXTRAS = ('title="T"', 'description="what it is"', 'examples=["e"]', "deprecated=True", "json_schema_extra={'x': 1}")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model.

    Args:
        name: its Python name.
        key: its name on the wire.
        text: its line of source.
        kind: what it takes.
        required: it has no default.
    """

    name: str
    key: str
    text: str
    kind: Kind
    required: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A drawn class.

    Args:
        name: the class's name.
        text: its source.
        kind: what may be sent for it.
        fields: its fields, for what is sent as a group of texts.
    """

    name: str
    text: str
    kind: Kind
    fields: tuple[Field, ...]


@st.composite
def fields(draw: st.DrawFn, name: str, kind: Kind, *, options: bool) -> Field:
    """Draw how a field is declared; `options` allows what only pydantic's own classes know."""
    default = draw(st.sampled_from((None, None, *kind.defaults))) if kind.defaults else None
    if not options and default == "[]":
        # A dataclass refuses what all its instances would share.
        default = None
    arguments: list[str] = []
    key = name
    if options and one_in(draw, 2):
        alias = draw(st.sampled_from((None, None, name.upper(), f"{name}-x")))
        if alias:
            key = alias
            arguments.append(f"{draw(st.sampled_from(('alias', 'alias', 'validation_alias')))}={alias!r}")
        if kind.limits and one_in(draw, 2):
            arguments.append(draw(st.sampled_from(kind.limits)))
        if one_in(draw, 4):
            arguments.append(draw(st.sampled_from(EXTRAS)))
        if default is not None:
            factory = {"[]": "list", "set()": "set"}.get(default)
            arguments.insert(0, f"default_factory={factory}" if factory else f"default={default}")
    text = f"{name}: {kind.text}"
    if arguments:
        text = f"{text} = Field({', '.join(arguments)})"
    elif default is not None:
        text = f"{text} = {default}"
    return Field(name, key, text, kind, required=default is None)


def sent(members: Sequence[Field], *, wrong: bool) -> SearchStrategy[Any]:
    """Draw a JSON object for the fields; a wrong one has a bad value, a missing or an unknown key, or is no object."""
    required = {field.key: field.kind.json for field in members if field.required}
    others = {field.key: field.kind.json for field in members if not field.required}
    fitting = st.fixed_dictionaries(required, optional=others)
    if not wrong:
        return fitting
    spoiled = [
        st.tuples(fitting, st.just(field.key), field.kind.wrong_json).map(lambda t: {**t[0], t[1]: t[2]})
        for field in members
    ]
    missing = [_without(fitting, field.key) for field in members]
    unknown = st.tuples(fitting, st.sampled_from(HOSTILE_JSON)).map(lambda t: {**t[0], "unknown": t[1]})
    return st.one_of(*spoiled, *missing, unknown, st.sampled_from(HOSTILE_JSON))


def _without(fitting: SearchStrategy[dict[str, Any]], key: str) -> SearchStrategy[dict[str, Any]]:
    return fitting.map(lambda given: {name: value for name, value in given.items() if name != key})


def as_kind(name: str, members: Sequence[Field]) -> Kind:
    """Return the kind that a class with these fields is."""
    return Kind(
        text=name,
        texts=st.just("{}"),
        wrong_texts=st.just("x"),
        json=sent(members, wrong=False),
        wrong_json=sent(members, wrong=True),
    )


@st.composite
def pydantic_models(draw: st.DrawFn, name: str, earlier: Sequence[Kind]) -> Model:
    """Draw a pydantic model whose fields may be of the models before it."""
    names = draw(st.lists(st.sampled_from(FIELD_NAMES), min_size=1, max_size=4, unique=True))
    members = []
    for each in names:
        kind = draw(st.one_of(parameter_kinds(), body_kinds(earlier, 1)))
        kind = optional(kind) if one_in(draw, 4) and "None" not in kind.text else kind
        members.append(draw(fields(each, kind, options=True)))
    lines = [f"class {name}(BaseModel):"]
    if one_in(draw, 4):
        lines.append(f'    """{draw(st.sampled_from(("What it is.", "First line.", "Seen.")))}"""')
    config = draw(st.sampled_from(CONFIGS))
    if config:
        lines.append(f"    model_config = ConfigDict({config})")
    lines += [f"    {member.text}" for member in members]
    lines += draw(st.sampled_from((_no_extra, _no_extra, _no_extra, _computed, _validated, _serialized)))(
        members[0].name
    )
    if "alias_generator" in config:
        members = [
            Field(m.name, m.name.upper() if m.key == m.name else m.key, m.text, m.kind, m.required) for m in members
        ]
    return Model(name, "\n".join(lines), as_kind(name, members), tuple(members))


def _no_extra(field: str) -> list[str]:
    return []


def _computed(field: str) -> list[str]:
    return [
        "    @computed_field",
        "    @property",
        "    def size(self) -> int:",
        f"        return len(str(self.{field}))",
    ]


def _validated(field: str) -> list[str]:
    check = [f"    @field_validator({field!r})", "    @classmethod", "    def check(cls, value: Any) -> Any:"]
    return [
        *check,
        "        LOG.append('validator')",
        "        if value in (7, 'abc'):",
        "            raise ValueError('not this one')",
        "        return value",
    ]


def _serialized(field: str) -> list[str]:
    return [
        f"    @field_serializer({field!r})",
        "    def show(self, value: Any) -> str:",
        "        return f'<{value}>'",
    ]


@st.composite
def plain_classes(draw: st.DrawFn, name: str) -> Model:
    """Draw a standard library dataclass or a TypedDict."""
    names = draw(st.lists(st.sampled_from(FIELD_NAMES), min_size=1, max_size=3, unique=True))
    base = draw(st.sampled_from(("dataclass", "typed")))
    members = [draw(fields(each, draw(parameter_kinds()), options=False)) for each in names]
    if base == "typed":
        members = [Field(m.name, m.key, m.text.partition(" = ")[0], m.kind, required=True) for m in members]
        lines = [f"class {name}(TypedDict):"]
    else:
        # Fields without a default come first.
        members.sort(key=lambda member: not member.required)
        lines = ["@dataclass", f"class {name}:"]
    lines += [f"    {member.text}" for member in members]
    return Model(name, "\n".join(lines), as_kind(name, members), tuple(members))


@st.composite
def group_models(draw: st.DrawFn, name: str) -> Model:
    """Draw a model of fields that texts can carry: for parameter models and forms."""
    names = draw(st.lists(st.sampled_from(FIELD_NAMES), min_size=1, max_size=3, unique=True))
    members = [draw(fields(each, draw(parameter_kinds()), options=True)) for each in names]
    lines = [f"class {name}(BaseModel):"]
    if one_in(draw, 4):
        lines.append('    model_config = ConfigDict(extra="forbid")')
    lines += [f"    {member.text}" for member in members]
    return Model(name, "\n".join(lines), as_kind(name, members), tuple(members))


@st.composite
def model_lists(draw: st.DrawFn) -> list[Model]:
    """Draw the models of a program, each of which may use those before it."""
    found: list[Model] = []
    for number in range(draw(st.integers(0, 3))):
        name = ("Item", "User", "Shop")[number]
        if one_in(draw, 5):
            found.append(draw(plain_classes(name)))
        else:
            found.append(draw(pydantic_models(name, [model.kind for model in found])))
    return found
