"""The page in ``docs`` that says what was measured, where and when: a section for each benchmark."""

import contextlib
import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from stack.settings import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"


def write(title: str, lines: Sequence[str]) -> None:
    """Puts a section on the page, in the place of the one of this title if there is one."""
    text = PAGE.read_text() if PAGE.exists() else "# Benchmarks\n"
    section = "\n".join([f"## {title}", "", *lines]).rstrip() + "\n"
    parts = re.split(r"(?m)^(?=## )", text)
    found = [place for place, part in enumerate(parts) if part.startswith(f"## {title}\n")]
    if found:
        parts[found[0]] = section
    else:
        parts.append(section)
    PAGE.write_text("\n\n".join(part.strip() for part in parts) + "\n")
    print(f"written to {PAGE.relative_to(ROOT)}")


def circumstances(versions: str, command: str) -> list[str]:
    """The lines that say on what, with what, when and how it was measured."""
    pretty = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"- Machine: {os.cpu_count()} × {processor()}, {memory:.0f} GB of memory, {pretty}",
        f"- Versions: {versions}",
        f"- Date: {datetime.now(UTC):%Y-%m-%d}",
        f"- Command: `{command}`",
    ]


def processor() -> str:
    """The processor's name, as Linux tells it; its architecture elsewhere."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
