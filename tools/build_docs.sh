#!/usr/bin/env bash
# Build the documentation site into docs/_build/html; a warning is an error. Links inside it are checked.
#
#   bash tools/build_docs.sh
#   DOCS_NOTEBOOKS=off bash tools/build_docs.sh    # without running the notebook, which takes minutes
#   bash tools/build_docs.sh --online    # with links into other projects' documentation; external links are checked
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

if ! python -c 'import sphinx, furo, myst_nb, ipykernel' 2> /dev/null; then
    echo "== Installing what the documentation is built with"
    python -m pip install --quiet --disable-pip-version-check --constraint tools/constraints.txt --editable '.[docs]'
fi
# Of the hosts, while their modules are imported for the API reference.
export PYTHONWARNINGS=ignore

echo "== Documentation"
rm -rf docs/api/generated  # pages of modules that have moved since
[ "${1:-}" = --online ] && export DOCS_ONLINE=1
python -m sphinx --quiet --fail-on-warning --keep-going -b html docs docs/_build/html
if [ "${1:-}" = --online ]; then
    python -m sphinx --quiet --keep-going -b linkcheck docs docs/_build/linkcheck
fi
echo "docs/_build/html/index.html"
