"""What a step of a pipeline was called with: what `explain` shows of it."""

from __future__ import annotations

import functools
import reprlib
from collections.abc import Callable, Collection, Iterable
from types import FunctionType
from typing import Any, NamedTuple, ParamSpec, TypeVar

from reactivex import Observable

from ordinis_rx.errors import WrongKind

__all__ = ["Origin", "name_all", "named_operator", "named_source", "origin_of"]

P = ParamSpec("P")
S = TypeVar("S", bound=Observable[Any])
F = TypeVar("F", bound=Callable[..., Observable[Any]])

_ORIGIN = "_ordinis_origin"


class Origin(NamedTuple):
    """How a stream came about: the call that made it, and the streams it was made of.

    `keeps` says that the step hands on facts as they are, so that what does not come out was dropped.
    """

    call: str
    sources: tuple[Observable[Any], ...] = ()
    keeps: bool = False


def origin_of(stream: Observable[Any]) -> Origin | None:
    """How *stream* came about, as far as that was noted."""
    return getattr(stream, _ORIGIN, None)


def named_operator(make: Callable[P, F], *, keeps: bool = False) -> Callable[P, F]:
    """*make*, whose operators tell the streams that they make how they came about.

    >>> from reactivex import operators as ops
    >>> import reactivex
    >>> numbers = reactivex.of(1, 2, 3)
    >>> origin_of(numbers.pipe(named_operator(ops.take)(2))).call
    'take(2)'
    """

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            operator = make(*args, **kwargs)
        except TypeError as error:
            if len(args) == 1 and _is_stream(args[0]) and not kwargs:  # what pipe() hands over
                name = make.__name__
                raise TypeError(
                    f"{name} makes an operator when it is called: pipe({name}())"
                ) from error
            raise
        call = _call_of(make, args, kwargs)
        others = _streams_of(args)

        @functools.wraps(operator)
        def noted(source: Observable[Any]) -> Observable[Any]:
            try:
                out = operator(source)
            except WrongKind as error:
                raise WrongKind(error.reads, error.told, call) from None
            setattr(out, _ORIGIN, Origin(call, (source, *others), keeps))
            return out

        return noted

    return made


def named_source(make: Callable[P, S]) -> Callable[P, S]:
    """*make*, whose streams know how they came about; streams among its arguments are what they were made of."""

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> S:
        out = make(*args, **kwargs)
        rest = [arg for arg in args if not _is_stream(arg)]
        setattr(out, _ORIGIN, Origin(_call_of(make, rest, kwargs), _streams_of(args)))
        return out

    return made


def name_all(
    module: dict[str, Any],
    names: Collection[str],
    *,
    sources: Collection[str] = (),
    keeps: Collection[str] = (),
) -> None:
    """Let the functions *names* of a face tell what they were called with; those in *sources* make streams, not operators.

    Only the face: where our own modules use each other, what they build together is one step of the user's.
    """
    for name in names:
        make = module[name]
        if isinstance(make, FunctionType):
            of_sources = name in sources
            named = named_source(make) if of_sources else named_operator(make, keeps=name in keeps)
            module[name] = named


def _streams_of(args: Iterable[Any]) -> tuple[Observable[Any], ...]:
    return tuple(arg for arg in args if _is_stream(arg))


def _is_stream(arg: Any) -> bool:
    return isinstance(arg, Observable)


def _call_of(make: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> str:
    shown = [_shown(arg) for arg in args]
    shown += [f"{name}={_shown(value)}" for name, value in kwargs.items()]
    return f"{getattr(make, '__name__', make)}({', '.join(shown)})"


class _Short(reprlib.Repr):
    """Arguments in a few words, whatever they are."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxlist, self.maxtuple, self.maxdict = 2, 3, 3, 3
        self.maxstring = self.maxother = 60

    def repr_instance(self, x: Any, level: int) -> str:
        """An object by its class, where it is a fact: the numbers of each would hide the step."""
        return (
            f"{type(x).__name__}(...)"
            if hasattr(x, "ts_event")
            else super().repr_instance(x, level)
        )


_short = _Short()


def _shown(value: Any) -> str:
    if _is_stream(value):
        return "..."
    name = getattr(value, "__qualname__", None)
    if name is not None:
        return str(name).rpartition(".")[2]
    if type(value) is int:
        return f"{value:_}"  # a number of nanoseconds, more often than not
    return _short.repr(value)
