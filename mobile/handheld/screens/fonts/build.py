"""Build the fonts into `dist/`: Noto Sans SC cut to the characters of GBK, with the few icons that the screens name.

Kivy's text has no fallback font, so a missing character is a box: GBK holds what
names of goods and people in use are written with, GB2312 does not (镕). The
packages are pinned in package-lock.json; the licences go with the fonts. Does
nothing when `dist/` is newer than its sources.
"""

import logging
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

HERE = Path(__file__).resolve().parent
DIST = HERE / "dist"
NPM = HERE.parents[3] / "deploy" / "npm.py"
ICONS = HERE.parent / "icons.py"
NOTO = "node_modules/@expo-google-fonts/noto-sans-sc"
MDI = "node_modules/@mdi/font"
MADE = {
    "NotoSansSC-Regular.ttf": f"{NOTO}/400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC-Bold.ttf": f"{NOTO}/700Bold/NotoSansSC_700Bold.ttf",
}
PICTURES = f"{MDI}/fonts/materialdesignicons-webfont.ttf"
LICENCES = {"OFL.txt": f"{NOTO}/LICENSE_FONT", "Icons-LICENSE.txt": f"{MDI}/LICENSE"}
RANGES = (
    (0x20, 0x7F),
    (0xA0, 0x250),  # Latin with accents
    (0x2010, 0x2050),
    (0x20A0, 0x20C0),
    (0x2100, 0x2200),
    (0x2460, 0x2700),
    (0x3000, 0x3020),
    (0xFF00, 0xFFF0),
)


def letters() -> set[int]:
    """Return the characters that names and words may be written with."""
    found = {each for first, end in RANGES for each in range(first, end)}
    for high in range(0x81, 0xFF):
        for low in range(0x40, 0xFF):
            found.update(map(ord, bytes([high, low]).decode("gbk", errors="ignore")))
    return found


def fresh() -> bool:
    """Return whether `dist/` is newer than what it is made of."""
    sources = [HERE / "package.json", HERE / "package-lock.json", HERE / "build.py", ICONS]
    newest = max(path.stat().st_mtime for path in sources)
    return all((DIST / name).exists() and (DIST / name).stat().st_mtime >= newest for name in (*MADE, *LICENCES))


def build() -> None:
    """Build, unless that was done."""
    if fresh():
        return
    with tempfile.TemporaryDirectory(prefix="fonts") as folder:
        work = Path(folder)
        runpy.run_path(str(NPM))["install"](HERE, work)
        (work / "dist").mkdir()
        for name, source in MADE.items():
            with TTFont(work / source) as font, TTFont(work / PICTURES) as pictures:
                cut(font)
                draw(font, pictures)
                font.save(work / "dist" / name)
        for name, source in LICENCES.items():
            shutil.copy(work / source, work / "dist" / name)
        shutil.rmtree(DIST, ignore_errors=True)
        shutil.copytree(work / "dist", DIST)
        for path in DIST.iterdir():
            os.utime(path)


def cut(font: TTFont) -> None:
    """Leave out what GBK doesn't hold, and the hints: the screens ask for light hinting."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "locl"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters())
    cutter.subset(font)


def draw(font: TTFont, pictures: TTFont) -> None:
    """Add the icons as letters."""
    icons = runpy.run_path(str(ICONS))
    scale_upem(pictures, font["head"].unitsPerEm)
    for name, picture in icons["DRAWINGS"].items():
        font["glyf"][picture] = pictures["glyf"][picture]
        font["hmtx"][picture] = pictures["hmtx"][picture]
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[ord(icons["ICONS"][name])] = picture


if __name__ == "__main__":
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    try:
        build()
    except (OSError, subprocess.CalledProcessError) as fault:
        sys.exit(f"The handheld's fonts could not be built, they are fetched by npm: {fault}")
    print(f"{sum(path.stat().st_size for path in DIST.iterdir()) // 1024} KiB in {DIST}")
