"""
Single things that give a view its subject: boats, a lighthouse, a pagoda, a balloon.
"""

from __future__ import annotations

import math
from random import Random

from ..colour import mix
from ..sheet import Frame, Point, Sheet

__all__ = [
    "balloon",
    "birds",
    "castle",
    "fishing_boat",
    "gate",
    "lighthouse",
    "pagoda",
    "sailing_boat",
    "tent",
]


def sailing_boat(at: Frame, *, hull: str, sail: str) -> None:
    """
    A small boat under two sails.
    """
    at.polygon("-.5,-.1 .56,-.12 .36,.06 -.38,.06", hull)
    at.line("0,-.1 0,-1.3", 0.025, hull)
    at.polygon("-.03,-1.26 -.1,-.7 -.46,-.18 -.03,-.18", sail)
    at.polygon(".04,-1.16 .2,-.6 .48,-.18 .04,-.18", mix(sail, "#3a3560", 0.16))


def fishing_boat(at: Frame, *, hull: str, trim: str) -> None:
    """
    A painted wooden boat with a raised bow and a little wheelhouse.
    """
    at.box(-0.3, -0.42, 0.3, 0.32, "#f4efe2")
    at.box(-0.33, -0.45, 0.36, 0.05, trim)
    for share in (-0.26, -0.13):
        at.box(share, -0.36, 0.09, 0.12, "#33506b")
    at.line(".12,-.1 .12,-.86", 0.02, "#5b4534")
    at.line(".12,-.84 .58,-.33", 0.006, "#5b4534")
    at.polygon("-.5,-.16 -.2,-.13 .25,-.16 .6,-.34 .44,.06 -.42,.06", hull)
    at.polygon("-.5,-.16 -.2,-.13 .25,-.16 .6,-.34 .58,-.28 .25,-.1 -.2,-.07 -.49,-.1", trim)
    at.polygon("-.44,.02 .46,.02 .44,.06 -.42,.06", mix(hull, "#101030", 0.5))


def lighthouse(at: Frame, *, stripe: str, wall: str = "#f5efe4") -> None:
    """
    A tapering tower with stripes, a lit lantern and the keeper's house.
    """
    for band in range(6):
        wide, narrow = 0.11 - 0.0075 * band, 0.1025 - 0.0075 * band
        low, top = -0.8 * band / 6, -0.8 * (band + 1) / 6
        tone = stripe if band % 2 else wall
        at.polygon(f"{-wide},{low} {-narrow},{top} {narrow},{top} {wide},{low}", tone)
        dark = mix(tone, "#2b2a55", 0.24)
        at.polygon(f"{wide / 4},{low} {narrow / 4},{top} {narrow},{top} {wide},{low}", dark)
    at.box(-0.0975, -0.82, 0.195, 0.025, "#2d3047")
    at.box(-0.049, -0.91, 0.0975, 0.09, "#ffe9a8")
    for x in (-0.049, -0.004, 0.041):
        at.box(x, -0.91, 0.008, 0.09, "#2d3047")
    at.polygon("-.065,-.91 0,-1 .065,-.91", stripe)
    at.line("0,-.99 0,-1.04", 0.008, "#2d3047")
    at.box(0.14, -0.19, 0.34, 0.22, "#efe6d6")
    at.polygon(".12,-.188 .18,-.29 .44,-.29 .5,-.188", stripe)
    for x in (0.18, 0.3, 0.4):
        at.box(x, -0.14, 0.036, 0.06, "#4d5b77")


def pagoda(at: Frame, *, wood: str, roof: str, lit: str) -> None:
    """
    Five storeys with sweeping roofs and a spire.
    """
    at.box(-0.006, -1, 0.012, 0.22, roof)
    for ring in range(5):
        at.box(-0.014, -0.83 - 0.026 * ring, 0.028, 0.007, roof)
    for storey in reversed(range(5)):
        _storey(at.at(0, -0.155 * storey - 0.095, 1), 0.125 - 0.013 * storey, (wood, roof, lit))


def _storey(eave: Frame, half: float, inks: tuple[str, str, str]) -> None:
    wood, roof, lit = inks
    eave.box(-half * 0.72, 0, half * 1.44, 0.1, wood)
    for part in (-0.55, -0.17, 0.21):
        eave.box(half * part, 0.035, half * 0.34, 0.045, lit)
    reach = half * 1.75
    side = f"0,-.06 {half * 0.6},-.06 {reach * 0.66},-.018 {reach},-.004 {reach * 0.9},.012 0,.012"
    eave.both(side, roof)
    eave.box(-reach * 0.84, 0.012, reach * 1.68, 0.007, mix(wood, lit, 0.35))


def gate(at: Frame, colour: str) -> None:
    """
    A red gate that stands in the water.
    """
    dark = mix(colour, "#1d0c1e", 0.35)
    at.both("-.445,0 -.395,-.85 -.325,-.85 -.355,0", colour)
    at.polygon("-.388,0 -.35,-.85 -.325,-.85 -.355,0", dark)
    at.polygon(".412,0 .37,-.85 .395,-.85 .445,0", dark)
    at.box(-0.46, -0.68, 0.92, 0.06, colour)
    at.box(-0.03, -0.84, 0.06, 0.2, dark)
    at.both("-.6,-.93 0,-.88 0,-.8 -.56,-.83", colour)
    at.both("-.64,-1.01 0,-.94 0,-.87 -.6,-.92", mix(dark, "#1a1424", 0.5))


def castle(at: Frame, *, wall: str, roof: str) -> None:
    """
    Towers and battlements on a hilltop.
    """
    parts = ((-0.5, 0.3, 0.35), (-0.25, 0.16, 0.75), (-0.1, 0.4, 0.48), (0.24, 0.2, 0.95))
    for left, wide, tall in (*parts, (0.4, 0.3, 0.3)):
        at.box(left, -tall, wide, tall + 0.3, wall)
        at.box(left + wide * 0.7, -tall, wide * 0.3, tall + 0.3, mix(wall, "#1d2145", 0.25))
        for tooth in range(4):
            at.box(left + wide * (0.02 + tooth * 0.27), -tall - 0.04, wide * 0.15, 0.05, wall)
    at.polygon("-.27,-.77 -.17,-1.09 -.07,-.77", roof)
    at.polygon(".22,-.97 .34,-1.29 .46,-.97", roof)


def balloon(at: Frame, colours: tuple[str, str]) -> None:
    """
    A striped hot air balloon around its middle.
    """
    for gore in range(9, 0, -1):
        half = 0.5 * gore / 9
        tone = mix(colours[gore % 2], "#241a3d", 0.03 * gore)
        at.ellipse(0, 0, half, 0.52, tone)
        at.both(f"0,.39 {half * 0.77},.39 {half * 0.2},.68 0,.68", tone)
    for side in (-0.08, 0.08):
        at.line(f"{side},.67 {side * 0.8},.8", 0.008, "#3b2a2a")
    at.box(-0.08, 0.79, 0.16, 0.11, "#6b4630")


def tent(at: Frame) -> None:
    """
    A small tent with a lamp inside.
    """
    at.polygon("-.7,.15 0,-.62 .7,.15", "#f2a95a")
    at.polygon("0,-.62 .7,.15 .3,.15", "#dd8238")
    at.polygon("-.14,.15 0,-.36 .14,.15", "#fff1c4")


def birds(sheet: Sheet, rng: Random, place: Point, spread: float, colour: str) -> None:
    """
    A few birds, far off.
    """
    for _ in range(7):
        x, y = place[0] + rng.gauss(0, 1) * spread, place[1] + rng.gauss(0, 0.45) * spread
        size = spread * rng.uniform(0.08, 0.14)
        wings = "-1,-.35 -.4,-.3 0,0 .4,-.3 1,-.35"
        sheet.at(x, y, size).line(wings, math.sqrt(0.8 / size) * 0.2, colour)
