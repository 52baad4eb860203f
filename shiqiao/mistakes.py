"""Say in the house's words what click found wrong with the arguments."""

from __future__ import annotations

import click

from shiqiao.frame import SOME_TEXT
from shiqiao.words.sentences import Words


def say_mistake(error: click.ClickException, words: Words) -> str:  # noqa: PLR0911 - a table, one line each
    """Give the sentence for a mistake in the arguments; a value is named by its option and never repeated."""
    match error:
        case click.NoSuchOption():
            return words.say("use_no_such_option", name=error.option_name) + _near(error.possibilities, words)
        case click.NoSuchCommand():
            return words.say("use_no_such_verb", name=error.command_name) + _near(error.possibilities, words)
        case click.BadOptionUsage():
            return words.say("use_option_value", name=error.option_name)
        case click.MissingParameter():
            return words.say("use_missing", name=_name(error))
        case click.BadParameter() if error.param is not None and error.param.type is SOME_TEXT:
            return words.say("option_empty", option=_name(error))
        case click.BadParameter():
            return words.say("use_bad_value", name=_name(error)) + _choices(error, words)
        case click.UsageError() if error.ctx is not None and isinstance(error.ctx.command, click.Group):
            return words.say("use_verb_missing")
        case click.UsageError():
            return words.say("use_extra_arguments")
        case _:
            return words.say("use_wrong")


def _near(possibilities: list[str] | None, words: Words) -> str:
    return words.say("use_near", names=", ".join(possibilities)) if possibilities else ""


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "?")
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.make_metavar(error.ctx or click.Context(click.Command(None)))


def _choices(error: click.BadParameter, words: Words) -> str:
    kind = error.param and error.param.type
    return words.say("use_choices", names=", ".join(map(str, kind.choices))) if isinstance(kind, click.Choice) else ""
