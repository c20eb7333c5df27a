"""The wire: bytes of one connection, whether it lives, and when to try again. Knows no vendor."""
