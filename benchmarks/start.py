"""How long it takes to begin: an import, the first decoder, the first kernel, the largest one; with and without a cache."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Row, show

IMPORT = "import ordinis_rx"
KERNEL = (
    "import ordinis_rx as ox; from ordinis_rx import operators as oo; "
    "ox.from_events([ox.Quote(symbol='A', ts_event=1, bid=1.0, ask=2.0)]).pipe(oo.mid()).subscribe(print)"
)
DECODER = (
    "import ordinis_rx as ox; "
    """raw = b'[{"ev":"T","sym":"A","p":1.0,"s":1,"t":1700000000000}]'; """
    "print(ox.polygon('key').decoder({})(raw, 1, 1))"
)
CONSENSUS = KERNEL.replace("oo.mid()", "ox.consensus()")
FIRST = {"decoder, Polygon's": DECODER, "kernel": KERNEL, "consensus": CONSENSUS}


def cpu_ns(code: str, env: dict[str, str], rounds: int = 5) -> float:
    """The CPU time of the code in a fresh interpreter, the best of *rounds*."""
    timed = (
        "import time, contextlib, io\nbegan = time.process_time_ns()\n"
        f"with contextlib.redirect_stdout(io.StringIO()):\n    {code.replace('; ', chr(10) + '    ')}\n"
        "print(time.process_time_ns() - began)"
    )
    return min(
        float(
            subprocess.run(
                [sys.executable, "-c", timed], env=env, capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(rounds)
    )


def installed(folder: Path) -> dict[str, str]:
    """Build a wheel and unpack it in *folder* as pip does; the environment in which Python finds it there."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    project = str(Path(__file__).parent.parent)
    wheels, site = folder / "wheels", folder / "site"
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(wheels), project], check=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return {**kept, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}


def main() -> None:
    """The table of this page, in nanoseconds of CPU."""
    rows = [Row("import ordinis_rx", cpu_ns(IMPORT, dict(os.environ)))]
    for name, code in FIRST.items():
        rows.append(Row(f"first {name}, from the cache", cpu_ns(code, dict(os.environ))))
        with tempfile.TemporaryDirectory() as empty:
            uncached = cpu_ns(code, {**os.environ, "NUMBA_CACHE_DIR": empty}, rounds=1)
        rows.append(Row(f"first {name}, compiled", uncached))
    with tempfile.TemporaryDirectory() as folder:
        env = installed(Path(folder))
        rows.append(Row("an installed wheel, first process", cpu_ns(KERNEL, env, rounds=1)))
        rows.append(Row("an installed wheel, second process", cpu_ns(KERNEL, env)))
    show("To begin with", rows, base="import ordinis_rx")
