"""``python -m ordinis_rx`` is the command line."""

from ordinis_rx.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
