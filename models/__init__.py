"""One classifier interface, and what implements it."""
