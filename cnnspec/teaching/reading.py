"""The settings in the TOML file beside an exercise: what is wrong in them is told by key and reason."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnspec.files import FileProblem, explain, explain_toml
from cnnspec.language import say
from cnnspec.suggest import did_you_mean
from cnnspec.teaching.model import FAMILIES, Blank
from cnnspec.teaching.settings import Settings

if TYPE_CHECKING:
    from cnnspec.teaching.exercise import Exercise

LARGEST_SETTINGS = 2**20


def read_settings(path: str | os.PathLike[str]) -> Settings:
    """The settings in a TOML file. Raises FileProblem with everything that is wrong in it."""
    import tomllib

    try:
        data = _content(path)
        document = tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise FileProblem(path, explain(error)) from None
    except UnicodeDecodeError:
        raise FileProblem(path, say("this is not UTF-8 text"), help=say("save it as UTF-8")) from None
    except tomllib.TOMLDecodeError as error:
        raise FileProblem(path, say("this is not TOML: {error}", error=explain_toml(error))) from None
    return settings_of(document, path)


def language_of(exercise: str | os.PathLike[str]) -> str | None:
    """The language that the settings beside an exercise name, be they wrong otherwise; None where they name none."""
    import tomllib

    from cnnspec.language import LANGUAGES

    try:
        named = tomllib.loads(_content(Path(exercise).with_suffix(".toml")).decode("utf-8-sig")).get("language")
    except (OSError, ValueError, FileProblem):  # which the reading of the exercise tells
        return None
    return named if named in LANGUAGES else None


def _content(path: str | os.PathLike[str]) -> bytes:
    from cnnspec.syntax.reading import refuse_pipe

    refuse_pipe(os.fspath(path))
    with open(path, "rb") as file:
        data = file.read(LARGEST_SETTINGS + 1)
    if len(data) > LARGEST_SETTINGS:
        raise FileProblem(path, say("the settings are larger than {limit} MiB", limit=LARGEST_SETTINGS // 2**20))
    return data


def settings_of(document: Any, path: str | os.PathLike[str] = "") -> Settings:
    """The settings of a table, as TOML or JSON have it. Raises FileProblem that names keys and reasons."""
    from pydantic import ValidationError

    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise FileProblem(path, *_problems(error.errors())) from None


def _problems(errors: Iterable[Any]) -> Iterable[str]:
    for one in errors:
        key = ".".join(str(part) for part in one["loc"])
        if one["type"] == "extra_forbidden":
            yield _unknown(key, list(Settings.model_fields))
        else:
            yield say("`{key}`: {reason}", key=key, reason=_reason(one["type"], one.get("ctx", {}), str(one["msg"])))


def _reason(kind: str, limits: Any, otherwise: str) -> str:
    """What pydantic refuses, in the language of the reader."""
    if kind in ("float_type", "float_parsing", "int_type", "int_parsing", "finite_number"):
        return say("a number is wanted here")
    if kind == "greater_than":
        return say("this has to be more than {limit}", limit=f"{limits['gt']:g}")
    if kind == "greater_than_equal":
        return say("this has to be at least {limit}", limit=f"{limits['ge']:g}")
    if kind == "less_than":
        return say("this has to be less than {limit}", limit=f"{limits['lt']:g}")
    if kind == "less_than_equal":
        return say("this can be at most {limit}", limit=f"{limits['le']:g}")
    if kind in ("literal_error", "enum"):
        return say("this can be {words}", words=str(limits["expected"]).replace("' or '", "', '"))
    if kind.startswith(("string_type", "bool_", "dict_", "list_", "datetime_", "date_")):
        return _wanted(kind.partition("_")[0])
    return otherwise[:1].lower() + otherwise[1:]


def _wanted(what: str) -> str:
    if what == "string":
        return say("a text is wanted here, in quotes")
    if what == "bool":
        return say("`true` or `false` is wanted here")
    if what == "dict":
        return say("a table is wanted here")
    if what == "list":
        return say("a list is wanted here, in brackets")
    return say("a date is wanted here, such as 2026-12-01T12:00:00")


def _unknown(key: str, known: list[str]) -> str:
    near = did_you_mean(key, known)
    if near:
        return say("there is no key `{key}`: {near}", key=key, near=near)
    return say("there is no key `{key}`; there are {known}", key=key, known=", ".join(f"`{one}`" for one in known))


def check_keys(exercise: Exercise) -> None:
    """That points, hints and mistakes speak of blanks and mistakes that there are. Raises FileProblem."""
    from cnnspec.teaching.mistakes import NAMES
    from cnnspec.teaching.values.judge import NAMES as OF_VALUES

    settings = exercise.settings
    blanks = [*FAMILIES, *(name for blank in exercise.blanks for name in (blank.key, str(blank.number)))]
    problems = []
    for table, keys, known in (
        ("points_of", settings.points_of, blanks),
        ("hints", settings.hints, blanks),
        ("mistakes", settings.mistakes, [*NAMES, *OF_VALUES]),
    ):
        problems += [f"`{table}`: {_unknown(key, known)}" for key in keys if key not in known]
    if settings.points is not None and all(_weighs_nothing(settings, blank) for blank in exercise.blanks):
        problems.append(say("`points_of`: every blank has the weight 0, so that there are no points to share out"))
    if problems:
        raise FileProblem(Path(exercise.path).with_suffix(".toml"), *problems)


def _weighs_nothing(settings: Settings, blank: Blank) -> bool:
    from cnnspec.teaching.judging import setting_of

    return bool(setting_of(settings.points_of, blank) == 0)


def mistake_names() -> list[str]:
    """Every mistake that is known by name, the likelier first."""
    from cnnspec.teaching.mistakes import NAMES
    from cnnspec.teaching.values.judge import NAMES as OF_VALUES

    return list(dict.fromkeys((*NAMES, *OF_VALUES)))
