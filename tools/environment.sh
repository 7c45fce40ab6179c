#!/bin/sh
# Makes .venv, with the pinned packages in it and belowline itself as an editable install.
#
#   tools/environment.sh run    what the server needs
#   tools/environment.sh dev    what the tests and checks need as well
#
# Needs Python 3.11 or newer; PYTHON=… names one. As root on Debian it installs a missing venv module.
set -eu
cd "$(dirname "$0")/.."
kind=$1
venv=.venv

fail() {
    echo "$*" >&2
    exit 1
}

find_python() {
    for candidate in ${PYTHON:-python3.11 python3 python3.13 python3.12}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed: install it (on Debian 12: apt-get install python3)" \
        "or name one with PYTHON=/path/to/python."
}

# Debian keeps venv's installer in a package of its own.
ensure_venv_module() {
    if "$1" -c 'import ensurepip, venv' 2>/dev/null; then
        return
    fi
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "Python's venv module is missing: run \`apt-get install $package\` as root, then make again."
    fi
    echo "Installing $package"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$package"; } >/dev/null ||
        fail "apt-get could not install $package: install it by hand, then make again."
}

if ! $venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    ensure_venv_module "$python"
    rm -rf $venv
    "$python" -m venv $venv
fi

case $kind in
    run) files="-r requirements/run.txt -r requirements/build.txt" ;;
    dev) files="-r requirements/dev.txt" ;;
    *) fail "Usage: tools/environment.sh run|dev" ;;
esac

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
echo "Installing the pinned packages into $venv"
# shellcheck disable=SC2086 # two words on purpose
$venv/bin/python -m pip install -qq --require-hashes $files
$venv/bin/python -m pip install -qq --no-deps --no-build-isolation --editable .
