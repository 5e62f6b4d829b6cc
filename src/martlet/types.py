"""The type aliases that packages built on FastAPI import."""

import types
from enum import Enum

from pydantic import BaseModel

from martlet._engine.words.types import DecoratedCallable as DecoratedCallable
from martlet._engine.words.types import DependencyCacheKey as DependencyCacheKey
from martlet._engine.words.types import IncEx as IncEx

UnionType = types.UnionType
ModelNameMap = dict[type[BaseModel] | type[Enum], str]
