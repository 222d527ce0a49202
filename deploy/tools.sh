#!/bin/sh
# Debian packages that only tests want. Installed when root; else named, and those tests skip saying so.
set -eu
missing=
has() { for name in "$@"; do command -v "$name" >/dev/null && return 0; done; return 1; }
has chromium chromium-browser google-chrome || missing="$missing chromium"
has Xvfb || missing="$missing xvfb xauth libmtdev1"
has xdotool || missing="$missing xdotool"
has espeak-ng || missing="$missing espeak-ng"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    printf '\033[2mInstalling for the tests of pages and screens:%s\033[0m\n' "$missing"
    export DEBIAN_FRONTEND=noninteractive
    # the names are a list on purpose
    # shellcheck disable=SC2086
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends $missing; } >/dev/null 2>&1 && exit 0
fi
echo "Not here, so what needs them is skipped (Debian: apt-get install$missing)"
