"""What the environment says."""

from functools import lru_cache
from typing import Annotated

from fastapi import Depends
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings, read from variables that begin with `NOTES_`."""

    model_config = SettingsConfigDict(env_prefix="NOTES_")

    database: str = "sqlite:///notes.db"
    secret: SecretStr = SecretStr("only for trying it out, never for others to use")
    token_minutes: int = Field(default=30, gt=0)


@lru_cache
def get_settings() -> Settings:
    """Return the settings, read once."""
    return Settings()


SettingsDep = Annotated[Settings, Depends(get_settings)]
