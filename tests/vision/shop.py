"""A little shop of painted goods: a folder of the form that training reads."""

import csv

import numpy as np
from PIL import Image, ImageDraw

COLOURS = ("red", "green", "blue", "orange", "purple", "teal")


def painted(item, number, size=64):
    """A square of the item's colour with a dark bar at its top, on a floor that differs."""
    rng = np.random.default_rng([item, number])
    image = Image.fromarray(rng.integers(90, 160, (size, size + 8, 3)).astype(np.uint8))
    left, top = (int(each) for each in rng.integers(8, 20, 2))
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, left + 36, top + 36), fill=COLOURS[item % len(COLOURS)])
    draw.rectangle((left, top, left + 36, top + 6), fill="black")
    return image


def listed(file, columns, rows):
    with file.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows(rows)


def shop(folder, items=3, pictures=9, held_back=3):
    """Write the pictures and the lists of a shop; every second item has a top."""
    listed(
        folder / "classes.csv",
        ("class_id", "name", "coarse_name", "upright"),
        [(f"SKU-{item}", f"Goods {item}", "Goods", item % 2) for item in range(items)],
    )
    rows = {"train.csv": [], "test.csv": []}
    for item in range(items):
        for number in range(pictures):
            name = f"{item}-{number}.png"
            painted(item, number).save(folder / name)
            kept = number >= pictures - held_back
            rows["test.csv" if kept else "train.csv"].append((name, f"SKU-{item}"))
    for name, lines in rows.items():
        listed(folder / name, ("path", "class_id"), lines)
    return folder
