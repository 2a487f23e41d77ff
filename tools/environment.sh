# Sourced by demo.sh and run_tests.sh: makes .venv and installs into it what setup.cfg names, once.
#
# PYTHON=python3.11 chooses the interpreter. The exact versions stand in tools/constraints.txt.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
stamp=.venv/.installed
wanted=$(cat setup.cfg pyproject.toml tools/constraints.txt tools/environment.sh | sha256sum)

if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ]; then
    python=${PYTHON:-python3}
    # SciPy's version in tools/constraints.txt has no wheel for 3.10, NumPy's none for 3.13.
    if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))'; then
        echo "error: $python is not Python 3.11 or 3.12, for which tools/constraints.txt has versions; name one by" \
            "PYTHON=..., such as PYTHON=python3.11" >&2
        exit 2
    fi
    echo "== Making .venv and installing (about 6 GB, mostly torch; done once)"
    if [ ! -x .venv/bin/python ] && ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "error: $python cannot make a virtual environment; on Debian install the package python3-venv" >&2
        exit 2
    fi
    .venv/bin/python -m pip install --disable-pip-version-check --constraint tools/constraints.txt \
        --editable '.[mmaction2,mmpretrain,mmcv-lite,test]'
    echo "$wanted" > "$stamp"
fi

export PATH="$PWD/.venv/bin:$PATH"
# Threads that wait by spinning slow each other down badly once DataLoader workers share their cores.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
