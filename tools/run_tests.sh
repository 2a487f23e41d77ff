#!/usr/bin/env bash
# Install into .venv (once) and run the tests. Arguments go to pytest: bash tools/run_tests.sh -m 'not slow' -k lateral
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

echo "== Style"
ruff check .
echo "== Tests"
# Two processes; each file in one of them, as its tests share what they made.
python -m pytest --numprocesses 2 --dist loadfile "$@"
