"""
A bamboo grove.
"""

from __future__ import annotations

from ..brushes import land, plants, sky
from ..canvas import Canvas
from ..colour import mix

__all__ = ["bamboo_grove"]

EYE = 0.62


def bamboo_grove(canvas: Canvas) -> None:
    """
    A path between tall green stems.
    """
    h = canvas.h
    sky.sky(canvas, "#5f9a57", "#b9d98a", "#e9f3b8", "#8fb765")
    sky.glow(canvas, canvas.at(0.5, 0.46), h * 0.5, "#fffde0", 0.9)
    for step, (count, width) in enumerate(((44, 0.006), (30, 0.011), (20, 0.019))):
        plants.bamboo(canvas, count, mix("#c4de92", "#4f8f45", step / 2), h * width)
        sky.mist(canvas, 0.5, 0.9, "#eaf6c4", 0.4 - 0.1 * step)
    sky.glow(canvas, canvas.at(0.5, 0.5), h * 0.42, "#fbffdc", 0.75)
    _path(canvas)
    for side in (-1, 1):
        _fence(canvas, side)
        _near_stem(canvas, 0.5 + side * 0.47)
        _near_stem(canvas, 0.5 + side * 0.37)
    _leaves(canvas)
    sky.rays(canvas, canvas.at(0.5, -0.1), "#fdffd6", 0.3)


def _path(canvas: Canvas) -> None:
    banks = [(-0.01, 0.8), (0.44, EYE), (0.56, EYE), (1.01, 0.8), (1.01, 1.01), (-0.01, 1.01)]
    canvas.shape([canvas.at(*spot) for spot in banks], "#9db35c", "#4a6a35", "#2f4a2b")
    path = [(0.47, EYE), (0.53, EYE), (0.8, 1.01), (0.14, 1.01)]
    canvas.shape([canvas.at(*spot) for spot in path], "#f0e6b4", "#cdb985", "#9f8e66")
    land.shade(canvas, canvas.h * EYE, "#2b4a2a", 0.35, 8)


def _fence(canvas: Canvas, side: int) -> None:
    w, h = canvas.size
    tops = []
    with canvas.sheet() as sheet:
        for post in range(14):
            depth = (post / 13) ** 1.7
            x, foot = canvas.at(0.5 + side * (0.036 + 0.36 * depth), EYE + 0.4 * depth)
            tall, wide = h * (0.012 + 0.09 * depth), w * (0.003 + 0.012 * depth)
            sheet.box((x, foot - tall), wide, tall, mix("#a58d54", "#5f4a2c", depth))
            tops.append((x + wide / 2, foot - tall * 0.85))
        sheet.line(tops, h * 0.004, "#8a7142")


def _near_stem(canvas: Canvas, x: float) -> None:
    tone = mix("#3f7d3a", "#16301b", canvas.rng.uniform(0.1, 0.4))
    with canvas.sheet() as sheet:
        stem = sheet.at(*canvas.at(x, 1.0), canvas.h)
        lean = canvas.rng.uniform(-0.01, 0.01)
        stem.line(f"{lean},-1.01 0,.01", 0.03, tone)
        stem.line(f"{lean - 0.008},-1.01 -.008,.01", 0.006, mix(tone, "#d9f09a", 0.35))


def _leaves(canvas: Canvas) -> None:
    rng = canvas.rng
    with canvas.sheet() as sheet:
        for _ in range(700):
            spot = rng.uniform(0, canvas.w), canvas.h * 0.4 * rng.random() ** 1.7
            leaf = sheet.at(*spot, canvas.h * rng.uniform(0.012, 0.026))
            dx, dy = rng.uniform(-0.8, 0.8), rng.uniform(0.3, 1)
            outline = f"0,0 {dx / 2 + 0.1},{dy / 2} {dx},{dy} {dx / 2 - 0.1},{dy / 2}"
            leaf.polygon(outline, mix("#4f8f42", "#cbe58a", rng.random()))
