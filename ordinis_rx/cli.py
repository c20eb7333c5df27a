"""The command line: ``ordinis-rx`` or ``python -m ordinis_rx``. What is asked for is read here and done in `commands`.

Exit codes: 0 well, 1 failed (a self-check, a wrong key, a port in use), 2 bad usage, 130 and 143 interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what *arguments* (by default those of the process) ask for, and return the exit code.

    Bad usage ends in `SystemExit` with code 2, as argparse has it.
    """
    try:
        return _done(arguments)
    except KeyboardInterrupt:
        return 130


def _done(arguments: Sequence[str] | None) -> int:
    # Imported here, since it takes a while, in which somebody may press Ctrl-C.
    from ordinis_rx.commands.usage import Parser, parser
    from ordinis_rx.commands.values import BadUsage
    from ordinis_rx.errors import OrdinisError

    whole = parser()
    options = whole.parse_args(arguments)
    command: Callable[[argparse.Namespace], Coroutine[Any, Any, int]] = options.command
    asked: Parser = options.parser
    try:
        return asyncio.run(command(options))
    except BadUsage as error:
        asked.error(str(error))
    except OrdinisError as error:
        print(f"{whole.prog}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        _let_go_of_stdout()
        return 0
    except OSError as error:  # a full disk behind our output, say
        print(f"{whole.prog}: {error.strerror or error}", file=sys.stderr)
        return 1


def _let_go_of_stdout() -> None:
    """Whoever read our output has gone; the interpreter must not fail on flushing it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
