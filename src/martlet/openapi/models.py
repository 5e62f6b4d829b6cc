"""The objects of an OpenAPI 3.1 document as pydantic models, to check and to build documents with.

Names and order of the fields are those of the specification (https://spec.openapis.org/oas/v3.1.0), and of FastAPI's
models: `model_dump` writes them in that order. A field whose name Python reserves ends in an underscore and has the
real name as its alias. Most objects take keys beyond theirs, since the specification allows extensions.
The schemas of the models are built on first use (`defer_build`). The models of security schemes are in `schemes.py`.
"""

# ruff: noqa: N815 - the names are the specification's

from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, Optional, Union

from pydantic import AfterValidator, AnyUrl, BaseModel, ConfigDict, Field, WithJsonSchema, validate_email
from typing_extensions import deprecated as deprecated_field

from martlet._engine.words.param_options import Example as Example
from martlet.logger import logger
from martlet.openapi.schemes import APIKey as APIKey
from martlet.openapi.schemes import APIKeyIn as APIKeyIn
from martlet.openapi.schemes import BaseModelWithConfig as BaseModelWithConfig
from martlet.openapi.schemes import HTTPBase as HTTPBase
from martlet.openapi.schemes import HTTPBearer as HTTPBearer
from martlet.openapi.schemes import OAuth2 as OAuth2
from martlet.openapi.schemes import OAuthFlow as OAuthFlow
from martlet.openapi.schemes import OAuthFlowAuthorizationCode as OAuthFlowAuthorizationCode
from martlet.openapi.schemes import OAuthFlowClientCredentials as OAuthFlowClientCredentials
from martlet.openapi.schemes import OAuthFlowImplicit as OAuthFlowImplicit
from martlet.openapi.schemes import OAuthFlowPassword as OAuthFlowPassword
from martlet.openapi.schemes import OAuthFlows as OAuthFlows
from martlet.openapi.schemes import OpenIdConnect as OpenIdConnect
from martlet.openapi.schemes import SecurityBase as SecurityBase
from martlet.openapi.schemes import SecurityScheme as SecurityScheme
from martlet.openapi.schemes import SecuritySchemeType as SecuritySchemeType


def _check_email(address: str) -> str:
    """Return the address in its normal form, or as it is where nothing is installed that could tell."""
    try:
        return validate_email(address)[1]
    except ImportError:
        logger.warning(
            "email-validator not installed, email fields will be treated as str.\n"
            "To install, run: pip install email-validator"
        )
        return address


# Pydantic's own type imports email-validator with the schema; this one, with the first address.
EmailStr = Annotated[str, AfterValidator(_check_email), WithJsonSchema({"type": "string", "format": "email"})]


# ---------------------------------------------------------------------------------------- 4.8.2 to 4.8.6: what it is of


class Contact(BaseModelWithConfig):
    """Whom to ask about the API."""

    name: str | None = None
    url: AnyUrl | None = None
    email: EmailStr | None = None


class License(BaseModelWithConfig):
    """What one may do with the API."""

    name: str
    identifier: str | None = None
    url: AnyUrl | None = None


class Info(BaseModelWithConfig):
    """What the API is."""

    title: str
    summary: str | None = None
    description: str | None = None
    termsOfService: str | None = None
    contact: Contact | None = None
    license: License | None = None
    version: str


class ServerVariable(BaseModelWithConfig):
    """A variable part of a server's URL."""

    enum: Annotated[list[str] | None, Field(min_length=1)] = None
    default: str
    description: str | None = None


class Server(BaseModelWithConfig):
    """Where the API is served."""

    url: AnyUrl | str
    description: str | None = None
    variables: dict[str, ServerVariable] | None = None


# ----------------------------------------------------------------------------------------------------- 4.8.24: schemas


class Reference(BaseModel):
    """A pointer to another object of the document."""

    model_config: ClassVar[ConfigDict] = ConfigDict(defer_build=True)

    ref: str = Field(alias="$ref")


class Discriminator(BaseModel):
    """How a value says which of several schemas it follows."""

    model_config: ClassVar[ConfigDict] = ConfigDict(defer_build=True)

    propertyName: str
    mapping: dict[str, str] | None = None


class XML(BaseModelWithConfig):
    """How a property is written in XML."""

    name: str | None = None
    namespace: str | None = None
    prefix: str | None = None
    attribute: bool | None = None
    wrapped: bool | None = None


class ExternalDocumentation(BaseModelWithConfig):
    """A page elsewhere."""

    description: str | None = None
    url: AnyUrl


SchemaType = Literal["array", "boolean", "integer", "null", "number", "object", "string"]


class Schema(BaseModelWithConfig):
    """What values are valid: JSON Schema, draft 2020-12, with what OpenAPI adds."""

    # The core: https://json-schema.org/draft/2020-12/json-schema-core, section 8
    schema_: str | None = Field(default=None, alias="$schema")
    vocabulary: str | None = Field(default=None, alias="$vocabulary")
    id: str | None = Field(default=None, alias="$id")
    anchor: str | None = Field(default=None, alias="$anchor")
    dynamicAnchor: str | None = Field(default=None, alias="$dynamicAnchor")
    ref: str | None = Field(default=None, alias="$ref")
    dynamicRef: str | None = Field(default=None, alias="$dynamicRef")
    defs: dict[str, "SchemaOrBool"] | None = Field(default=None, alias="$defs")
    comment: str | None = Field(default=None, alias="$comment")
    # Applying schemas to parts of a value: section 10
    allOf: list["SchemaOrBool"] | None = None
    anyOf: list["SchemaOrBool"] | None = None
    oneOf: list["SchemaOrBool"] | None = None
    not_: Optional["SchemaOrBool"] = Field(default=None, alias="not")
    if_: Optional["SchemaOrBool"] = Field(default=None, alias="if")
    then: Optional["SchemaOrBool"] = None
    else_: Optional["SchemaOrBool"] = Field(default=None, alias="else")
    dependentSchemas: dict[str, "SchemaOrBool"] | None = None
    prefixItems: list["SchemaOrBool"] | None = None
    items: Optional["SchemaOrBool"] = None
    contains: Optional["SchemaOrBool"] = None
    properties: dict[str, "SchemaOrBool"] | None = None
    patternProperties: dict[str, "SchemaOrBool"] | None = None
    additionalProperties: Optional["SchemaOrBool"] = None
    propertyNames: Optional["SchemaOrBool"] = None
    unevaluatedItems: Optional["SchemaOrBool"] = None  # section 11
    unevaluatedProperties: Optional["SchemaOrBool"] = None
    # Validation: https://json-schema.org/draft/2020-12/json-schema-validation, section 6
    type: SchemaType | list[SchemaType] | None = None
    enum: list[Any] | None = None
    const: Any | None = None
    multipleOf: float | None = Field(default=None, gt=0)
    maximum: float | None = None
    exclusiveMaximum: float | None = None
    minimum: float | None = None
    exclusiveMinimum: float | None = None
    maxLength: int | None = Field(default=None, ge=0)
    minLength: int | None = Field(default=None, ge=0)
    pattern: str | None = None
    maxItems: int | None = Field(default=None, ge=0)
    minItems: int | None = Field(default=None, ge=0)
    uniqueItems: bool | None = None
    maxContains: int | None = Field(default=None, ge=0)
    minContains: int | None = Field(default=None, ge=0)
    maxProperties: int | None = Field(default=None, ge=0)
    minProperties: int | None = Field(default=None, ge=0)
    required: list[str] | None = None
    dependentRequired: dict[str, set[str]] | None = None
    format: str | None = None  # section 7
    contentEncoding: str | None = None  # section 8
    contentMediaType: str | None = None
    contentSchema: Optional["SchemaOrBool"] = None
    title: str | None = None  # section 9
    description: str | None = None
    default: Any | None = None
    deprecated: bool | None = None
    readOnly: bool | None = None
    writeOnly: bool | None = None
    examples: list[Any] | None = None
    # What OpenAPI adds
    discriminator: Discriminator | None = None
    xml: XML | None = None
    externalDocs: ExternalDocumentation | None = None
    example: Annotated[
        Any | None, deprecated_field("OpenAPI 3.1 prefers `examples`, the list that JSON Schema defines.")
    ] = None


SchemaOrBool = Schema | bool


# ---------------------------------------------------------------------------- 4.8.9 to 4.8.21: paths and what they take


class ParameterInType(Enum):
    """Where a parameter is."""

    query = "query"
    header = "header"
    path = "path"
    cookie = "cookie"


class Encoding(BaseModelWithConfig):
    """How one property of a form is written."""

    contentType: str | None = None
    headers: dict[str, Union["Header", Reference]] | None = None
    style: str | None = None
    explode: bool | None = None
    allowReserved: bool | None = None


class MediaType(BaseModelWithConfig):
    """What content of one media type looks like."""

    schema_: Schema | Reference | None = Field(default=None, alias="schema")
    example: Any | None = None
    examples: dict[str, Example | Reference] | None = None
    encoding: dict[str, Encoding] | None = None


class ParameterBase(BaseModelWithConfig):
    """What parameters and headers have in common."""

    description: str | None = None
    required: bool | None = None
    deprecated: bool | None = None
    style: str | None = None
    explode: bool | None = None
    allowReserved: bool | None = None
    schema_: Schema | Reference | None = Field(default=None, alias="schema")
    example: Any | None = None
    examples: dict[str, Example | Reference] | None = None
    content: dict[str, MediaType] | None = None


class Parameter(ParameterBase):
    """One value that a request carries outside its body."""

    name: str
    in_: ParameterInType = Field(alias="in")


class Header(ParameterBase):
    """A header of a response, or of a part of a form; its name is its key."""


class RequestBody(BaseModelWithConfig):
    """What a request carries in its body."""

    description: str | None = None
    content: dict[str, MediaType]
    required: bool | None = None


class Link(BaseModelWithConfig):
    """Which operation takes what this response says."""

    operationRef: str | None = None
    operationId: str | None = None
    parameters: dict[str, Any | str] | None = None
    requestBody: Any | str | None = None
    description: str | None = None
    server: Server | None = None


class Response(BaseModelWithConfig):
    """One answer that an operation may give."""

    description: str
    headers: dict[str, Header | Reference] | None = None
    content: dict[str, MediaType] | None = None
    links: dict[str, Link | Reference] | None = None


class Operation(BaseModelWithConfig):
    """One method of one path."""

    tags: list[str] | None = None
    summary: str | None = None
    description: str | None = None
    externalDocs: ExternalDocumentation | None = None
    operationId: str | None = None
    parameters: list[Parameter | Reference] | None = None
    requestBody: RequestBody | Reference | None = None
    responses: dict[str, Response | Any] | None = None
    callbacks: dict[str, dict[str, "PathItem"] | Reference] | None = None
    deprecated: bool | None = None
    security: list[dict[str, list[str]]] | None = None
    servers: list[Server] | None = None


class PathItem(BaseModelWithConfig):
    """What can be done at one path."""

    ref: str | None = Field(default=None, alias="$ref")
    summary: str | None = None
    description: str | None = None
    get: Operation | None = None
    put: Operation | None = None
    post: Operation | None = None
    delete: Operation | None = None
    options: Operation | None = None
    head: Operation | None = None
    patch: Operation | None = None
    trace: Operation | None = None
    servers: list[Server] | None = None
    parameters: list[Parameter | Reference] | None = None


# ---------------------------------------------------------------------------------------------------- 4.8.1: the whole


class Components(BaseModelWithConfig):
    """What the rest of the document points to."""

    schemas: dict[str, Schema | Reference] | None = None
    responses: dict[str, Response | Reference] | None = None
    parameters: dict[str, Parameter | Reference] | None = None
    examples: dict[str, Example | Reference] | None = None
    requestBodies: dict[str, RequestBody | Reference] | None = None
    headers: dict[str, Header | Reference] | None = None
    securitySchemes: dict[str, SecurityScheme | Reference] | None = None
    links: dict[str, Link | Reference] | None = None
    callbacks: dict[str, dict[str, PathItem] | Reference | Any] | None = None
    pathItems: dict[str, PathItem | Reference] | None = None


class Tag(BaseModelWithConfig):
    """What a tag of operations means."""

    name: str
    description: str | None = None
    externalDocs: ExternalDocumentation | None = None


class OpenAPI(BaseModelWithConfig):
    """A document. `paths` and the like may hold extensions, so their values may be anything."""

    openapi: str
    info: Info
    jsonSchemaDialect: str | None = None
    servers: list[Server] | None = None
    paths: dict[str, PathItem | Any] | None = None
    webhooks: dict[str, PathItem | Reference] | None = None
    components: Components | None = None
    security: list[dict[str, list[str]]] | None = None
    tags: list[Tag] | None = None
    externalDocs: ExternalDocumentation | None = None
