"""The classes behind `Path()`, `Query()`, `Depends()` and the other functions that declare parameters.

Use the functions in endpoints; subclass these, or ask `isinstance` of them. They are defined in the engine's
`words/markers.py`.
"""

from pydantic import AliasChoices as AliasChoices
from pydantic import AliasPath as AliasPath
from pydantic import Discriminator as Discriminator
from pydantic.fields import FieldInfo as FieldInfo

from martlet._engine.words.errors import FastAPIDeprecationWarning as FastAPIDeprecationWarning
from martlet._engine.words.lending import lend
from martlet._engine.words.markers import Body as Body
from martlet._engine.words.markers import Cookie as Cookie
from martlet._engine.words.markers import Depends as Depends
from martlet._engine.words.markers import File as File
from martlet._engine.words.markers import Form as Form
from martlet._engine.words.markers import Header as Header
from martlet._engine.words.markers import Param as Param
from martlet._engine.words.markers import ParamTypes as ParamTypes
from martlet._engine.words.markers import Path as Path
from martlet._engine.words.markers import Query as Query
from martlet._engine.words.markers import Security as Security

lend(
    __name__,
    {
        "Undefined": "pydantic_core:PydanticUndefined",
        "_Unset": "martlet.datastructures:",
        "_DependencyConcurrency": "martlet.concurrency:DependencyConcurrency",
        "Example": "martlet.openapi.models:",
    },
)
