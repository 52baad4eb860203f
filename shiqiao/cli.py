"""The command ``shiqiao``: finds the verb, words what went wrong, gives the exit code.

0 done · 1 done, but a person must act · 2 wrong use or settings · 3 failed · 130 interrupted.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

import click

from domain.errors import OperatorError, PlatformError, ShiqiaoError, UsageError
from shiqiao.frame import Door, WordedOption
from shiqiao.front import ACT, DONE, FAILED, INTERRUPTED, WRONG_USE, Front
from shiqiao.memory import collect_rarely
from shiqiao.mistakes import say_mistake
from shiqiao.trouble import write_trouble
from shiqiao.words.sentences import LANGUAGES, chosen_language, read_words


def main() -> None:
    """Run the command with this process's arguments."""
    collect_rarely()
    for library in ("sqlalchemy", "psycopg"):  # of a connection that breaks off they would log beside our sentence
        logging.getLogger(library).addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Chinese shows codes rather than fail
    sys.exit(run(sys.argv[1:], os.environ))


def run(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command and give its exit code; words go to stderr, results to stdout."""
    front = Front(read_words(LANGUAGES[0]), environ, Path(environ.get("SHIQIAO_CONFIG") or "shiqiao.toml"))
    try:
        front = Front(read_words(chosen_language(arguments, environ)), environ, front.config)
        code = _door().main([*arguments], prog_name="shiqiao", standalone_mode=False, obj=front)
    except click.ClickException as error:
        _tell_mistake(error, front)
        return WRONG_USE
    except (click.Abort, KeyboardInterrupt):
        front.tell("interrupted")
        return INTERRUPTED
    except ShiqiaoError as error:
        front.tell_error(error)
        return exit_code(error)
    except Exception as error:  # noqa: BLE001 - the last door: what nobody foresaw must not reach a person as a traceback
        front.tell("error_unexpected", kind=type(error).__name__, file=str(write_trouble(error)))
        return FAILED
    return code or DONE


def exit_code(error: ShiqiaoError) -> int:
    """Give the exit code for an error by who must act on it."""
    match error:
        case UsageError():
            return WRONG_USE
        case PlatformError() | OperatorError(code="rules_changed" | "rules_impact_moved"):
            return ACT  # what waits for a person has not failed
        case _:
            return FAILED


def _tell_mistake(error: click.ClickException, front: Front) -> None:
    context = getattr(error, "ctx", None)
    if context is not None:
        click.echo(context.get_usage(), err=True)
    front.tell("error", sentence=say_mistake(error, front.words))
    if context is not None:
        front.tell("use_hint", command=context.command_path)


def _door() -> Door:
    version = WordedOption(["--version"], is_flag=True, is_eager=True, expose_value=False, help="option_version",
                           callback=_show_version)  # fmt: skip
    return Door("shiqiao", package="shiqiao.verbs", params=[version], callback=_greet, invoke_without_command=True)


def _greet() -> None:
    """Show the help where no verb was given."""
    context = click.get_current_context()
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def _show_version(context: click.Context, _: click.Parameter, is_asked: bool) -> None:  # noqa: FBT001 - click calls it so
    if is_asked:
        click.echo(f"shiqiao {metadata.version('shiqiao')}")
        context.exit()
