"""What the command line can do, a file a command; each is an ordinary function that returns an exit code."""
