"""The shape of a rule file: every key that may stand in it, and what may stand behind it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from domain.hours import SECONDS_PER_HOUR

ACTUAL = "actual"
_CENT = Decimal("0.01")


def _hours(most: int) -> PlainValidator:
    """Take hours of at most two decimals; a float never comes, for the reader asks TOML for decimals."""

    def checked(value: object) -> Decimal:
        exact = Decimal(value) if type(value) is int else value
        if not isinstance(exact, Decimal) or not exact.is_finite():
            raise PydanticCustomError("not_hours", "not a number of hours")
        if not 0 < exact <= most or exact != exact.quantize(_CENT):
            raise PydanticCustomError("hours_out_of_range", "out of range, or more than two decimals")
        return exact.quantize(_CENT)

    return PlainValidator(checked)


def _credit(value: object, checked: ValidatorFunctionWrapHandler) -> object:
    return value if value == ACTUAL else checked(value)


def _hours_schema(most: int) -> dict[str, object]:
    return {"type": "number", "exclusiveMinimum": 0, "maximum": most, "multipleOf": 0.01}


Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
DayHours = Annotated[Decimal, _hours(24), WithJsonSchema(_hours_schema(24))]
TotalHours = Annotated[Decimal, _hours(100_000), WithJsonSchema(_hours_schema(100_000))]
Credit = Annotated[DayHours, WrapValidator(_credit), WithJsonSchema({"anyOf": [_hours_schema(24), {"const": ACTUAL}]})]
Confirmer = Literal["station", "community"]


def seconds_of(hours: Decimal) -> int:
    """Turn hours of at most two decimals into whole seconds, without a remainder."""
    return int(hours * SECONDS_PER_HOUR)


class _Part(BaseModel):
    """A table of the file: strict, without unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Limits(_Part):
    """Bounds and waits."""

    cap_hours: TotalHours
    grace_days: Annotated[int, Field(ge=0, le=366)]
    tolerance_seconds: Annotated[int, Field(ge=0, le=86_400)] = 0
    day_note_hours: DayHours
    day_hold_hours: DayHours
    minimum_age: Annotated[int, Field(ge=0, le=120)]


class PlatformPart(_Part):
    """How one platform's records are read, and from when entries are delivered to it."""

    names: Annotated[tuple[Text, ...], Field(min_length=1)]
    number_headings: tuple[Text, ...] = ()
    objects: tuple[Text, ...] = ()
    general_prefixes: tuple[Text, ...] = ()
    tells_honours: bool = False
    deliver_from: date | None = None


class PeriodPart(_Part):
    """Some days, the platforms that suffice on them and the one that decides."""

    first_day: date
    last_day: date | None = None
    suffices: Annotated[tuple[Code, ...], Field(min_length=1)]
    decides: Code


class CategoryPart(_Part):
    """A kind of service: its credit, and what it looks like at each platform."""

    code: Code
    name: Text
    aliases: tuple[Text, ...] = ()
    credit_hours: Credit
    needs_licence: bool = False
    codes: dict[Code, tuple[Text, ...]] = Field(default_factory=dict)
    words: dict[Code, tuple[Text, ...]] = Field(default_factory=dict)


class TeamPart(_Part):
    """A team or organisation of a station on one platform, with its days."""

    platform: Code
    organisation: Code
    area: Text | None = None
    first_day: date | None = None
    last_day: date | None = None


class ProjectPart(_Part):
    """The project or activity to which one station's visits of one category are delivered."""

    platform: Code
    category: Code
    project: Code


class StationPart(_Part):
    """A service station, its other names and its teams."""

    code: Code
    name: Text
    aliases: tuple[Text, ...] = ()
    teams: Annotated[tuple[TeamPart, ...], Field(min_length=1)]
    projects: tuple[ProjectPart, ...] = ()


class RuleFile(_Part):
    """A whole rule file (规则文件)."""

    document: Text
    valid_from: date
    valid_to: date | None = None
    confirmations: tuple[Confirmer, ...]
    excluded_words: tuple[Text, ...] = ()
    special_words: tuple[Text, ...] = ()
    ordinary_words: tuple[Text, ...] = ()
    limits: Limits
    platforms: Annotated[dict[Code, PlatformPart], Field(min_length=1)]
    periods: Annotated[tuple[PeriodPart, ...], Field(min_length=1)]
    categories: Annotated[tuple[CategoryPart, ...], Field(min_length=1)]
    stations: Annotated[tuple[StationPart, ...], Field(min_length=1)]
