# Sourced by tools/demo, tools/test and tools/bench_peers: installs what the build needs, and says so.
# Debian 12 or Ubuntu 22.04 and later; as root, or as a user who may use sudo.

FUSEPACK_PACKAGES=(
  g++ bazel-bootstrap bazel-rules-java bazel-rules-proto
  libflatbuffers-dev flatbuffers-compiler libzstd-dev zlib1g-dev libxxhash-dev
  libjpeg-dev libpng-dev
  libdnnl-dev nlohmann-json3-dev libcli11-dev
  libgtest-dev libgmock-dev libbenchmark-dev
)

stop() {
  echo "$(basename "$0"): error: $*" >&2
  exit 69
}

# install_missing PACKAGE...: apt-get install of those that are not there.
install_missing() {
  command -v dpkg-query >/dev/null || stop "no dpkg found, expected Debian or Ubuntu (README.md lists the packages to install by hand)"
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || stop "missing packages: ${missing[*]}; run as root, or install sudo"
    sudo=(sudo)
  fi
  echo "installing with apt: ${missing[*]}" >&2
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null ||
    stop "apt-get update failed (see above)"
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null ||
    stop "apt-get could not install: ${missing[*]}"
}

# python_with REQUIREMENTS_FILE NAME: prints the interpreter of a virtual environment in the user's cache folder that
# has these packages; made on first use, remade when the file changes.
python_with() {
  local requirements=$1 venv=${XDG_CACHE_HOME:-$HOME/.cache}/fusepack/venv-$2
  if ! cmp -s "$requirements" "$venv/requirements.txt"; then
    command -v python3 >/dev/null && python3 -c 'import ensurepip, venv' 2>/dev/null || install_missing python3 python3-venv
    echo "installing into $venv: $(grep -v '^#' "$requirements" | tr '\n' ' ')" >&2
    rm -rf "$venv"
    python3 -m venv "$venv" >&2 || stop "python3 -m venv $venv failed"
    "$venv/bin/pip" install -q --disable-pip-version-check -r "$requirements" >&2 || stop "pip could not install $requirements"
    cp "$requirements" "$venv/requirements.txt"
  fi
  echo "$venv/bin/python"
}

build_fusepack() {
  install_missing "${FUSEPACK_PACKAGES[@]}"
  echo "building //tools:fusepack" >&2
  bazel build //tools:fusepack || stop "the build failed (see above)"
}
