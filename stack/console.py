"""What a person sees: steps with their seconds, and the lines of the processes that matter."""

import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

STILL_SECONDS = 15.0
COLOURS = (36, 33, 35, 32, 34, 31)
SERIOUS = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|\"level\": ?\"(warning|error|critical)\"")
TRACEBACK = "Traceback (most recent call last)"


class Console:
    """Writes whole lines to standard output, coloured when that is a terminal and NO_COLOR is not set."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._names: list[str] = []
        self._in_traceback: set[str] = set()

    def say(self, text: str) -> None:
        """One or more lines, unless quiet."""
        if not self._quiet:
            self.insist(text)

    def insist(self, text: str) -> None:
        """One or more lines, quiet or not."""
        print(text, flush=True)

    @contextmanager
    def progress(self, doing: str) -> Iterator[None]:
        """Says what is being done, every 15 s that it still is and, when it worked, its seconds."""
        started = time.monotonic()
        self.say(f"- {doing} …")
        over = threading.Event()

        def say_still() -> None:
            while not over.wait(STILL_SECONDS):
                self.say(f"  {doing}: {time.monotonic() - started:.0f} s so far")

        still = threading.Thread(target=say_still, daemon=True)
        still.start()
        try:
            yield
        finally:
            over.set()
            still.join()
        self.say(f"  {doing}: done in {time.monotonic() - started:.0f} s")

    def overhear(self, name: str, line: str) -> None:
        """A line of a process: shown when it is a warning, an error or part of a traceback."""
        continued = name in self._in_traceback
        if TRACEBACK in line:
            self._in_traceback.add(name)
        elif continued and line[:1].strip():
            self._in_traceback.discard(name)
        if continued or TRACEBACK in line or SERIOUS.search(line):
            self.say(f"{self._tag(name)} {line}")

    def _tag(self, name: str) -> str:
        if name not in self._names:
            self._names.append(name)
        label = f"{name:>9} |"
        if not self._coloured:
            return label
        return f"\033[{COLOURS[self._names.index(name) % len(COLOURS)]}m{label}\033[0m"
