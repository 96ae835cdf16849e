# Installs the Debian packages that a step needs. Sourced by demo.sh, test.sh and .ci/run:
#
#   . tools/setup.sh && podium_setup build test
#
# Says what is missing before it installs anything, does nothing where nothing is missing, and where it has
# no right to install says which command to run.

# What the program and its library are built with.
PODIUM_PACKAGES_BUILD="g++ cmake ninja-build pkg-config libcli11-dev libfmt-dev libpcre2-dev libsimdjson-dev
  libspdlog-dev libstemmer-dev libutf8proc-dev libxapian-dev libzstd-dev nlohmann-json3-dev zlib1g-dev"
# What its tests and benchmarks need on top.
PODIUM_PACKAGES_TEST="binutils groff-base libbenchmark-dev libgmock-dev libgtest-dev python3 universal-ctags zsh"
# What only the continuous integration and its formatting check need.
PODIUM_PACKAGES_CI="clang-format-14"

# podium_missing PACKAGE…: those that are not installed, one a line.
podium_missing() {
  dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '
      $1 == "installed" { have[$2] = 1 }
      END { n = split(wanted, names, " "); for (i = 1; i <= n; i++) if (!(names[i] in have)) print names[i] }'
}

# podium_install PACKAGE…: as root, or through sudo; 1 where neither is possible.
podium_install() {
  local as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
      printf 'Installing packages needs root. Run this as root, then start again:\n\n  apt-get update && apt-get install --no-install-recommends -y %s\n\n' "$*" >&2
      return 1
    fi
    as_root=sudo
  fi
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

# podium_setup GROUP…: of build, test, ci.
podium_setup() {
  local group packages="" missing
  for group in "$@"; do
    case "$group" in
      build) packages="$packages $PODIUM_PACKAGES_BUILD" ;;
      test) packages="$packages $PODIUM_PACKAGES_TEST" ;;
      ci) packages="$packages $PODIUM_PACKAGES_CI" ;;
      *) echo "podium_setup: no group '$group'" >&2; return 1 ;;
    esac
  done
  packages=$(echo $packages)  # one line
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    printf 'This is no Debian system. Podium needs what these Debian 12 packages hold:\n\n  %s\n\nInstall their equivalents, then: cmake --preset release && cmake --build --preset release\n' "$packages" >&2
    return 1
  fi
  missing=$(echo $(podium_missing $packages))
  if [ -z "$missing" ]; then
    return 0
  fi
  echo "Installing missing Debian packages: $missing"
  if ! podium_install $missing; then
    echo "The packages could not be installed." >&2
    return 1
  fi
}
