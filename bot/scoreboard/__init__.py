"""How well the assistant understands, as numbers that are printed on every run: ``make score``."""
