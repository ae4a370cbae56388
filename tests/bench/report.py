"""What a run says: a line for every bar, and every other figure that was measured on the way.

bar NAME VALUE OP TARGET ok|short
figure NAME VALUE UNIT
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Op = Literal[">=", "<="]


@dataclass
class Report:
    """The lines of one run; a bar that falls short is said, never asserted."""

    bars: dict[str, tuple[float, Op, float]] = field(default_factory=dict)
    figures: dict[str, tuple[float, str]] = field(default_factory=dict)

    def bar(self, name: str, value: float, op: Op, target: float) -> None:
        """A bar of DATAPATH, and whether it is reached."""
        self.bars[name] = (value, op, target)
        print(f"bar {name} {value:.3f} {op} {target:g} {verdict(value, op, target)}", flush=True)

    def figure(self, name: str, value: float, unit: str) -> None:
        """A figure beside the bars: a baseline, or what a ratio was made of."""
        self.figures[name] = (value, unit)
        print(f"figure {name} {value:.3f} {unit}", flush=True)

    def absent(self, name: str, why: str) -> None:
        """A bar that couldn't be measured here."""
        print(f"absent {name}: {why}", flush=True)

    def keep(self, file: Path) -> None:
        """The same as JSON, for charts and comparisons; what earlier parts said stays."""
        known = json.loads(file.read_text("utf-8")) if file.exists() else {}
        bars = {**known.get("bars", {}), **self.bars}
        figures = {**known.get("figures", {}), **self.figures}
        file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"bars": bars, "figures": figures}, indent=1)
        file.write_text(text + "\n", "utf-8")


def verdict(value: float, op: Op, target: float) -> str:
    """ "ok" or "short"."""
    good = value >= target if op == ">=" else value <= target
    return "ok" if good else "short"
