"""SVG path data in few bytes."""


def number(value: float) -> str:
    """A coordinate with one decimal, without a needless ".0"."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def box(x: float, y: float, width: float, height: float, radius: float = 0) -> str:
    """A rectangle, its corners rounded if a radius is given."""
    left, top = number(x + radius), number(y)
    if not radius:
        return f"M{left} {top}h{number(width)}v{number(height)}h{number(-width)}z"
    across, down = number(width - 2 * radius), number(height - 2 * radius)
    back, up = number(2 * radius - width), number(2 * radius - height)
    r, s = number(radius), number(-radius)
    turn = f"a{r} {r} 0 0 1"
    return (
        f"M{left} {top}h{across}{turn} {r} {r}v{down}{turn} {s} {r}"
        f"h{back}{turn} {s} {s}v{up}{turn} {r} {s}z"
    )


def disc(x: float, y: float, radius: float) -> str:
    """A circle around a point."""
    r = number(radius)
    turn = f"a{r} {r} 0 0 1"
    return f"M{number(x - radius)} {number(y)}{turn} {number(2 * radius)} 0{turn}" + (
        f" {number(-2 * radius)} 0z"
    )
