"""The frame of a verb: a click command whose help, and whose options' help, is worded in the person's language.

A verb is one module of ``shiqiao.verbs`` with a ``command``, and the sentence ``verb_<name>`` in both word files.
Options are made with ``option("--name", help="<code of a sentence>")``; ``--config``, ``--lang`` and ``--help`` come by
themselves. A command's function takes a ``Front`` first (``@click.pass_obj``) and gives its exit code.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from shiqiao.front import Front
from shiqiao.words.sentences import LANGUAGES, Words


def words_of(context: click.Context) -> Words:
    """Give the words of the front that the command was called with."""
    return context.find_object(Front).words  # type: ignore[union-attr] # the door always sets it


class WordedOption(click.Option):
    """An option whose ``help`` is the code of a sentence."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Give the option's names and its sentence."""
        record = super().get_help_record(ctx)
        return record and (record[0], words_of(ctx).say(self.help or ""))


class _SomeText(click.ParamType[str]):
    """Text that says something: a name or a reason must not be blank."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the text without outer blanks."""
        return value.strip() or self.fail("", param, ctx)


SOME_TEXT = _SomeText()
option = functools.partial(click.option, cls=WordedOption)
json_option = option("--json", "as_json", is_flag=True, help="option_json")


def _take_config(context: click.Context, _: click.Parameter, config: Path | None) -> None:
    if config is not None:
        context.obj = context.obj.at(config)


def _show_help(context: click.Context, _: click.Parameter, is_asked: bool) -> None:  # noqa: FBT001 - click calls it so
    if is_asked and not context.resilient_parsing:
        click.echo(context.get_help())
        context.exit()


def _shared_options() -> list[click.Parameter]:
    path = click.Path(path_type=Path)
    hidden: dict[str, Any] = {"expose_value": False}
    return [
        WordedOption(["--config"], type=path, metavar="PATH", help="option_config", callback=_take_config, **hidden),
        WordedOption(["--lang"], type=click.Choice(LANGUAGES), metavar="zh|en", help="option_lang", **hidden),
        WordedOption(["--help"], is_flag=True, is_eager=True, help="option_help", callback=_show_help, **hidden),
    ]  # fmt: skip


class Verb(click.Command):
    """A verb: takes the options that all share, and words its help."""

    def __init__(self, name: str | None, **attributes: Any) -> None:  # noqa: ANN401 - handed on to click as they are
        """Add the shared options behind the verb's own."""
        attributes["params"] = [*(attributes.get("params") or []), *_shared_options()]
        attributes["add_help_option"] = False
        attributes["help"] = None
        super().__init__(name, **attributes)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        words = words_of(ctx)
        own = [piece for each in self.get_params(ctx) for piece in each.get_usage_pieces(ctx)]
        below = [words.say("help_command")] if isinstance(self, click.Group) else []
        pieces = [words.say("help_options"), *own, *below]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=words.say("help_usage") + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the verb does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(words_of(ctx).say(_sentence_code(ctx)))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        records = [each.get_help_record(ctx) for each in self.get_params(ctx) if isinstance(each, click.Option)]
        with formatter.section(words_of(ctx).say("help_section_options")):
            formatter.write_dl([record for record in records if record])


class VerbGroup(Verb, click.Group):
    """A verb with verbs below it, such as ``people import``."""

    command_class = Verb

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the verbs below; their sentences are known without loading them."""
        Verb.format_options(self, ctx, formatter)
        words, prefix = words_of(ctx), _sentence_code(ctx)
        with formatter.section(words.say("help_section_verbs")):
            formatter.write_dl([(name, words.say(f"{prefix}_{name}")) for name in self.list_commands(ctx)])


class Door(VerbGroup):
    """The command itself: its verbs are the modules of one package, each loaded when it is called."""

    def __init__(self, name: str | None, *, package: str, **attributes: Any) -> None:  # noqa: ANN401 - as above
        """Remember where the verbs are."""
        super().__init__(name, **attributes)
        self.package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the modules in the package of verbs."""
        del ctx
        return sorted(module.name for module in pkgutil.iter_modules(importlib.import_module(self.package).__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"{self.package}.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the verb; one that there is not is refused with the names that come near."""
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            raise click.NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)


def verb(name: str) -> Callable[[Callable[..., int]], Verb]:
    """Make a command of a function that gives an exit code."""
    return click.command(name, cls=Verb)


def verb_group(name: str, **attributes: Any) -> Callable[[Callable[..., int | None]], VerbGroup]:  # noqa: ANN401 - as above
    """Make a command that has verbs below it."""
    return click.group(name, cls=VerbGroup, **attributes)


def _sentence_code(context: click.Context) -> str:
    """Give ``verb_people_import`` for ``shiqiao people import``."""
    return "_".join(["verb", *context.command_path.split()[1:]])
