"""How a command is run: its exit code, and what people are told when it fails."""

from collections.abc import Callable
from typing import NoReturn

import typer

from api.exits import EXIT_BAD_INPUT, EXIT_NO
from dispatch.commands.plan_errors import BrokenRulesError
from dispatch.domain.errors import DispatchError
from dispatch.texts import Language


def run(lang: Language, command: Callable[[], int]) -> NoReturn:
    """Runs a command and exits with its code; errors for people become messages.

    Rules that are broken without a reason are an answer, not wrong input.
    """
    try:
        code = command()
    except DispatchError as error:
        typer.echo(lang.pick(error.message_en, error.message_zh), err=True)
        code = EXIT_NO if isinstance(error, BrokenRulesError) else EXIT_BAD_INPUT
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        typer.echo(f"{where}{error.strerror or error}", err=True)
        code = EXIT_BAD_INPUT
    raise typer.Exit(code)
