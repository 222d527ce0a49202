"""The icons that the screens name: characters of the private use area, drawn into both weights of the font.

An icon is thus a letter: it stands in any text, has the text's colour and size,
and costs no picture. Read by fonts/build.py too.
"""

FIRST = 0xE000
DRAWINGS = {
    "check": "check-bold",
    "cross": "close-thick",
    "warn": "alert",
    "stop": "close-octagon",
    "info": "information-outline",
    "online": "cloud-check-outline",
    "offline": "cloud-off-outline",
    "sending": "cloud-sync-outline",
    "scan": "barcode-scan",
    "qr": "qrcode-scan",
    "receive": "tray-arrow-down",
    "put_away": "warehouse",
    "pick": "cart-outline",
    "transfer": "swap-horizontal-bold",
    "count": "counter",
    "quality": "shield-check-outline",
    "hand_over": "handshake-outline",
    "search": "magnify",
    "undo": "undo-variant",
    "back": "arrow-left",
    "settings": "cog-outline",
    "plus": "plus-thick",
    "minus": "window-minimize",
    "erase": "backspace-outline",
    "person": "badge-account-outline",
    "place": "map-marker-outline",
    "lock": "lock-outline",
    "clock": "clock-outline",
    "sound": "volume-high",
    "night": "weather-night",
    "day": "white-balance-sunny",
    "language": "translate",
    "next": "chevron-right",
    "expiry": "calendar-clock",
    "flag": "flag-outline",
    "tasks": "format-list-checks",
    "left": "hand-back-left-outline",
    "right": "hand-back-right-outline",
    "goods": "package-variant-closed",
    "lot": "tag-outline",
    "queue": "timer-sand",
    "sync": "sync",
    "more": "dots-horizontal",
}
"""Our name of an icon, and its name among the Material Design Icons."""
ICONS = {name: chr(FIRST + index) for index, name in enumerate(DRAWINGS)}
