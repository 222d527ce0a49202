#!/bin/sh
# Build the APK where Android's SDK and NDK are, or may be fetched by buildozer (it asks hosts of Google).
# ANDROID_HOME and ANDROIDNDK name them when they are there already. Ends with what is in the APK.
set -eu
cd "$(dirname "$0")/../.."
make --no-print-directory android-check
cd build/android
[ -z "${ANDROID_HOME:-}" ] || sed -i "s|^android.ndk = .*|&\nandroid.sdk_path = $ANDROID_HOME|" buildozer.spec
[ -z "${ANDROIDNDK:-}" ] || sed -i "s|^android.ndk = .*|&\nandroid.ndk_path = $ANDROIDNDK|" buildozer.spec
../android-check/bin/python -m buildozer --verbose android "${1:-debug}"
for apk in bin/*.apk; do
    echo "$apk"
    # a library of another architecture crashes at start: every one must be for 64-bit ARM
    work=$(mktemp -d)
    unzip -q "$apk" 'lib/*' -d "$work"
    find "$work" -name '*.so' -exec file {} + | grep -v 'ARM aarch64' && { echo "a library is not for arm64" >&2; exit 1; }
    rm -rf "$work"
done
