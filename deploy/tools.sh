#!/bin/sh
# Debian packages that only tests want. Installed when root; else named, and those tests skip saying so.
set -eu
for browser in chromium chromium-browser google-chrome; do
    command -v "$browser" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    printf '\033[2mInstalling Chromium for the playground test\033[0m\n'
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends chromium; } >/dev/null 2>&1 && exit 0
fi
echo "No Chromium (Debian: apt-get install chromium): the playground test will be skipped"
