"""The table of the configuration, as pydantic checks it; its JSON Schema is published in the docs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from cnnspec.config.reading import ConfigProblem
from cnnspec.config.selection import check_words
from cnnspec.language import say


def _known(words: list[str]) -> list[str]:
    check_words(words)
    return words


def _ignorable(words: list[str]) -> list[str]:
    check_words(words, ignored=True)
    return words


Codes = Annotated[list[str], AfterValidator(_known)]
Ignored = Annotated[list[str], AfterValidator(_ignorable)]


class Table(BaseModel):
    """`[tool.cnnspec]` of pyproject.toml, or the whole of cnnspec.toml."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        title="Configuration of cnnspec",
        alias_generator=lambda name: name.replace("_", "-"),
    )

    select: Codes | None = Field(None, description="findings to look for, in place of the usual ones: W301, W3, ALL")
    extend_select: Codes = Field([], description="findings to look for besides")
    ignore: Ignored = Field([], description="findings not to look for")
    per_file_ignores: dict[str, Ignored] = Field({}, description="findings not to look for, by pattern of file names")
    exclude: list[str] = Field([], description="files and folders to leave out, as in .gitignore")
    unsafe_fixes: bool = Field(False, description="whether `--fix` makes unsafe changes too")
    root: str | None = Field(None, description="folder that `use` stays inside, relative to this file")
    lang: Literal["en", "fr"] | None = Field(None, description="language of the messages")


KEYS = tuple(name.replace("_", "-") for name in Table.model_fields)


def validated(path: str, document: Any) -> Table:
    """The table of a file. Raises ConfigProblem with everything that is wrong in it."""
    try:
        return Table.model_validate(document)
    except ValidationError as error:
        raise ConfigProblem(path, *(_sentence(one) for one in error.errors())) from None


def _sentence(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        from cnnspec.suggest import did_you_mean

        near = did_you_mean(place, KEYS) or say("the keys are {keys}", keys=", ".join(KEYS))
        return say("unknown key `{key}`, {hint}", key=place, hint=near)
    return say("{name}: {text}", name=f"`{place}`", text=_reason(error))


def _reason(error: Any) -> str:
    """What is wrong with a value, in the words of pydantic."""
    if error["type"] == "string_type":
        return say("input should be a valid string")
    if error["type"] == "list_type":
        return say("input should be a valid list")
    if error["type"] == "bool_type":
        return say("input should be a valid boolean")
    if error["type"] == "dict_type":
        return say("input should be a valid dictionary")
    if error["type"] == "literal_error":
        return say("input should be 'en' or 'fr'")
    text = str(error["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
