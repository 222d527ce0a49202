#!/bin/sh
# `make android-check`: stage what goes into the APK and verify all that can be without Android's SDK.
set -eu
cd "$(dirname "$0")/../.."
venv=build/android-check
stamp=$(sha256sum deploy/android/requirements.txt | cut -d' ' -f1)
if [ "$(cat $venv/stamp 2>/dev/null)" != "$stamp" ]; then
    .venv/bin/uv venv --quiet --clear --seed --python .venv/bin/python $venv
    .venv/bin/uv pip install --quiet --python $venv/bin/python -r deploy/android/requirements.txt
    echo "$stamp" > $venv/stamp
fi
.venv/bin/python deploy/android/stage.py build/android
exec $venv/bin/python deploy/android/check.py build/android
