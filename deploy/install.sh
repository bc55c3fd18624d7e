#!/usr/bin/env bash
# Installs, upgrades, rolls back or removes the sensorscribe service. Safe to run twice.
set -euo pipefail
umask 022

usage() {
  cat <<'TEXT'
usage: deploy/install.sh [options]
  (none)            install, or upgrade what is installed; the configuration is kept
  --rollback        go back to the version that ran before the last upgrade
  --uninstall       remove service and program; configuration and state are kept
  --purge           with --uninstall: remove configuration, state and user too
  --source PATH     source tree or wheel to install (default: the tree of this script)
  --python FILE     Python 3.11 or later (default: python3)
  --prefix DIR      install below DIR, without user and systemd: for images and tests
  --dry-run         say what would be done, do nothing
  --help
Examples: sudo deploy/install.sh
          sudo deploy/install.sh --source sensorscribe-0.2.0-py3-none-any.whl
TEXT
}

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
action=install source="$(dirname "$here")" python=python3 prefix="" dry_run=no purge=no
fail() { echo "install.sh: $*" >&2; exit 1; }
misused() { echo "install.sh: $*" >&2; usage >&2; exit 2; }
value() { [ $# -ge 2 ] && [ -n "$2" ] || misused "$1 needs a value"; }

while [ $# -gt 0 ]; do
  case "$1" in
    --rollback) action=rollback ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    --source) value "$@"; source="$2"; shift ;;
    --python) value "$@"; python="$2"; shift ;;
    --prefix) value "$@"; prefix="${2%/}"; shift ;;
    --dry-run) dry_run=yes ;;
    --help | -h) usage; exit 0 ;;
    *) misused "unknown option $1" ;;
  esac
  shift
done
[ "$purge" = no ] || [ "$action" = uninstall ] || misused "--purge goes with --uninstall"

home="$prefix/opt/sensorscribe"
etc="$prefix/etc/sensorscribe"
state="$prefix/var/lib/sensorscribe"
unit="$prefix/etc/systemd/system/sensorscribe.service"
command="$prefix/usr/local/bin/sensorscribe"

run() {
  if [ "$dry_run" = yes ]; then echo "would run: $*"; else "$@"; fi
}
with_system() {  # what makes no sense below a prefix
  if [ -z "$prefix" ]; then run "$@"; fi
}
report() { if [ "$dry_run" = yes ]; then echo "nothing was done (--dry-run)"; else echo "$@"; fi; }
own_name() {  # the agent is called after the machine: two of one name on a broker would throw each other out
  local name
  name="$(uname -n | tr -cd 'A-Za-z0-9_-' | cut -c1-64)"
  echo "${name:-agent}"
}
switch_to() {  # a release becomes the one that runs, with its own unit; fails where the service does not start
  set_link "$1" "$home/current" &&
    run install -m 0644 "$1/sensorscribe.service" "$unit" &&
    with_system systemctl daemon-reload &&
    with_system systemctl enable --quiet sensorscribe.service &&
    with_system systemctl restart sensorscribe.service
}
reads_a_message() {  # the model came along and loads on this machine: found out before anything is replaced
  "$1/bin/sensorscribe" extract --config "$etc/sensorscribe.toml" home/attic/temperature 21.5 >/dev/null
}
set_link() { run ln -sfn "$1" "$2.new" && run mv -T "$2.new" "$2"; }  # atomic: no moment without a link

if [ -z "$prefix" ] && [ "$dry_run" = no ]; then
  [ "$(id -u)" -eq 0 ] || fail "needs root: sudo $0"
  command -v systemctl >/dev/null || fail "no systemd here; use --prefix and start '$home/current/bin/sensorscribe run' your own way"
fi

install_release() {
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || fail "$python is no Python 3.11 or later; name one with --python"
  "$python" -c 'import venv, ensurepip' 2>/dev/null || fail "$python cannot make virtual environments: apt-get install python3-venv"
  [ -e "$source" ] || fail "$source does not exist"
  local release
  release="$home/releases/$(date -u +%Y%m%dT%H%M%SZ)-$$"

  if [ -z "$prefix" ] && ! id sensorscribe >/dev/null 2>&1; then
    run useradd --system --user-group --home-dir /var/lib/sensorscribe --shell /usr/sbin/nologin sensorscribe
  fi
  run mkdir -p "$home/releases" "$etc" "$(dirname "$unit")" "$(dirname "$command")"
  run "$python" -m venv "$release"
  if ! run "$release/bin/python" -m pip install --quiet --disable-pip-version-check "$source"; then
    run rm -rf "$release"
    fail "pip could not install $source; what was installed before is untouched"
  fi

  if [ ! -e "$etc/sensorscribe.toml" ]; then
    run install -m 0640 "$here/sensorscribe.toml" "$etc/sensorscribe.toml"
    run sed -i "s/^#agent = .*/agent = \"$(own_name)\"/" "$etc/sensorscribe.toml"
  fi
  if [ ! -e "$etc/environment" ]; then
    run install -m 0600 /dev/null "$etc/environment"
  fi
  with_system chgrp sensorscribe "$etc/sensorscribe.toml"
  # Names are checked here, secrets at the start of the service, which has them.
  if ! run "$release/bin/sensorscribe" check-config --quiet --config "$etc/sensorscribe.toml"; then
    run rm -rf "$release"
    fail "$etc/sensorscribe.toml does not suit this version (see above); what was installed before is untouched"
  fi

  if ! run reads_a_message "$release"; then
    run rm -rf "$release"
    fail "the new version cannot read a message with its model (see above); what was installed before is untouched"
  fi

  run install -m 0644 "$here/sensorscribe.service" "$release/sensorscribe.service"
  run install -m 0644 "$here/RUNBOOK.md" "$release/RUNBOOK.md"
  run ln -sfn "$home/current/bin/sensorscribe" "$command"
  local before=""
  if [ -L "$home/current" ]; then before="$(readlink "$home/current")"; fi
  if ! switch_to "$release"; then
    if [ -z "$before" ]; then
      fail "installed, but the service does not start yet: 'journalctl -u sensorscribe -n 50' says why. Set the broker in
  $etc/sensorscribe.toml and its password in $etc/environment, then: systemctl restart sensorscribe"
    fi
    switch_to "$before" || fail "neither this version nor the one before starts: 'journalctl -u sensorscribe -n 50' says why"
    fail "this version does not start ('journalctl -u sensorscribe -n 50' says why); the one before runs again"
  fi
  if [ -n "$before" ]; then set_link "$before" "$home/previous"; fi
  prune
  report "installed: $release; configuration: $etc/sensorscribe.toml; operation: $home/current/RUNBOOK.md"
}

prune() {  # keep the release that runs and the one before
  local folder
  for folder in "$home"/releases/*; do
    [ -d "$folder" ] || continue
    [ "$folder" = "$(readlink "$home/current" 2>/dev/null)" ] && continue
    [ "$folder" = "$(readlink "$home/previous" 2>/dev/null)" ] && continue
    run rm -rf "$folder"
  done
}

roll_back() {
  [ -L "$home/previous" ] || fail "there is no previous version in $home"
  local before now
  before="$(readlink "$home/previous")"
  now="$(readlink "$home/current")"
  [ -x "$before/bin/sensorscribe" ] || fail "$before is not complete; install the version that you want with --source"
  set_link "$now" "$home/previous"
  switch_to "$before" || fail "$before does not start: 'journalctl -u sensorscribe -n 50' says why; '$0 --rollback' goes forward again"
  report "runs again: $before"
}

uninstall() {
  if [ -e "$unit" ]; then with_system systemctl disable --now --quiet sensorscribe.service; fi
  run rm -f "$unit"
  if [ "$(readlink "$command")" = "$home/current/bin/sensorscribe" ]; then run rm -f "$command"; fi
  run rm -rf "$home"
  with_system systemctl daemon-reload
  if [ "$purge" = yes ]; then
    run rm -rf "$etc" "$state"
    if [ -z "$prefix" ] && id sensorscribe >/dev/null 2>&1; then run userdel sensorscribe; fi
    report "removed with configuration and state"
  else
    report "removed; configuration ($etc) and state ($state) are kept"
  fi
}

case "$action" in
  install) install_release ;;
  rollback) roll_back ;;
  uninstall) uninstall ;;
esac
