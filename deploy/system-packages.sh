#!/usr/bin/env bash
# What the tests need of the system: mosquitto (a broker) and systemd-analyze (checks the unit).
# Installs what is missing where that is possible without asking; else says what to install and ends well: those tests are
# skipped with the reason.
set -euo pipefail
PATH="$PATH:/usr/sbin:/sbin"

missing=()
command -v mosquitto >/dev/null || missing+=(mosquitto)
command -v systemd-analyze >/dev/null || missing+=(systemd)
[ ${#missing[@]} -eq 0 ] && exit 0

say() { echo "system-packages: $*" >&2; }
give_up() {
  say "$1; install ${missing[*]} yourself (Debian: sudo apt-get install ${missing[*]}); the tests that need them are skipped"
  exit 0
}

command -v apt-get >/dev/null || give_up "no apt-get here"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  { command -v sudo >/dev/null && sudo -n true 2>/dev/null; } || give_up "neither root nor sudo without a password"
  as_root=(sudo -n)
fi

# No service is to be started by the installation: a broker on port 1883 is nobody's wish here.
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}
say "installing ${missing[*]}"
install 2>/dev/null || { "${as_root[@]}" apt-get update -q >/dev/null && install; } || give_up "apt-get could not install them"
