#!/usr/bin/env bash
# Install into .venv (once) and run the tests: those of a few minutes, or with --all the slow ones, too. All other
# arguments go to pytest: bash tools/run_tests.sh -m slow -k lateral
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

arguments=()
for argument in "$@"; do
    if [[ $argument == --all ]]; then arguments+=(-m ''); else arguments+=("$argument"); fi
done

echo "== Style"
ruff check .
echo "== Tests"
# Two processes; each file in one of them, as its tests share what they made.
python -m pytest --numprocesses 2 --dist loadfile ${arguments[@]+"${arguments[@]}"}
