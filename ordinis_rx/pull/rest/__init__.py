"""The vendors' REST services as sources of a pull: needs httpx, the extra ``rest``."""
