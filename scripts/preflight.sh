#!/bin/sh
# What bank360 needs of a machine before anything is installed: says in one line what is missing and how to get it.
# Usage: sh scripts/preflight.sh PYTHON
python=${1:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "bank360 needs Python 3.11 or newer as '$python'. Install it, or name it: make PYTHON=python3.12 demo" >&2
  exit 2
fi
missing=""
"$python" -c 'import venv, ensurepip' 2>/dev/null || missing="$missing python3-venv"
# LightGBM's wheel does not bring the OpenMP runtime with it; slim images lack it.
if [ "$(uname -s)" = Linux ]; then
  "$python" -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || missing="$missing libgomp1"
fi
if [ -n "$missing" ]; then
  echo "bank360 needs these system packages:$missing. Run: sudo apt-get install -y$missing" >&2
  exit 2
fi
# Packages take 1.3 GB, the demonstration bank about 3 GB while it is built.
if ! "$python" -c 'import shutil, sys; sys.exit(shutil.disk_usage(".").free < 6e9)'; then
  echo "bank360 needs 6 GB of free disk in this folder. Free some, then run make again." >&2
  exit 2
fi
