#!/usr/bin/env bash
# Install into .venv (once) and run the tests. Arguments go to pytest: bash tools/run_tests.sh -m 'not slow' -k lateral
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

echo "== Style"
ruff check .
echo "== Tests"
python -m pytest "$@"
