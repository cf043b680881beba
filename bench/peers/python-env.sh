#!/usr/bin/env bash
# Makes the Python environment of the peers (Polars, Dask, Ray Data, PySpark) in a cache folder, once for each
# list of requirements, and prints the path of its python. PySpark also needs a Java of version 17 or later.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MILLRACE_BENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace-bench}
env=$cache/python-$(cksum <"$here/requirements.txt" | cut -d' ' -f1)

if [ ! -f "$env/complete" ]; then
  rm -rf "$env"
  mkdir -p "$cache"
  python3 -m venv "$env" >&2
  "$env/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
  touch "$env/complete"
fi
echo "$env/bin/python"
