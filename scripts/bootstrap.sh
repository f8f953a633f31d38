#!/usr/bin/env bash
# Sourced by the commands beside it: sees to Node 24 and the npm packages, then runs the command's TypeScript.
# Any Node with npm will do to begin with; Node 24 itself comes from npm.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cache=${EDGELAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edgelab}
marker=$root/node_modules/.edgelab-lock
node24=$root/node_modules/node/bin/node

fail() { # what is wrong, what mends it
  printf 'error: %s\n  fix: %s\n' "$1" "$2" >&2
  exit 1
}

as_root() { # a command as this user would type it
  if ((EUID == 0)); then printf '%s' "$1"; else printf 'sudo %s' "$1"; fi
}

check_machine() {
  [[ $(uname -s) == Linux ]] || fail "this is $(uname -s); the lab runs on Linux" "use a Linux machine, a VM, or WSL 2"
  command -v node >/dev/null || fail "there is no node on PATH" "$(as_root 'apt-get install -y nodejs npm')   # or https://nodejs.org"
  command -v npm >/dev/null || fail "there is no npm on PATH" "$(as_root 'apt-get install -y npm')"
}

# What node_modules must match: the lock file, and the kind of machine the binaries in it are for.
wanted_lock() {
  { cat "$root/package-lock.json" && uname -sm; } | sha256sum | cut -d ' ' -f 1
}

packages_match() {
  [[ -x $node24 && -f $marker && $(<"$marker") == "$(wanted_lock)" ]]
}

# Shows that a long command is at work: an updating line on a terminal, a line every 15 s elsewhere.
ticker() {
  local what=$1 start=$SECONDS
  if [[ -t 2 ]]; then
    while sleep 1 >/dev/null 2>&1; do printf '\r  %s … %d s' "$what" $((SECONDS - start)) >&2; done
  else
    printf '  %s …\n' "$what" >&2
    while sleep 15 >/dev/null 2>&1; do printf '  %s … %d s\n' "$what" $((SECONDS - start)) >&2; done
  fi
}

# shown <what> <log file> <command …>: runs it with its output in the log; what it says of errors is shown if it fails.
shown() {
  local what=$1 log=$2 start=$SECONDS code=0 ticking
  shift 2
  # Neither may hold the lock (descriptor 9) beyond our own end.
  ticker "$what" 9>&- &
  ticking=$!
  # shellcheck disable=SC2064 # the pid of now is meant
  trap "kill $ticking 2>/dev/null || true" EXIT
  "$@" >"$log" 2>&1 </dev/null 9>&- || code=$?
  kill "$ticking" 2>/dev/null || true
  wait "$ticking" 2>/dev/null || true
  trap - EXIT
  [[ ! -t 2 ]] || printf '\r\033[2K' >&2
  if ((code != 0)); then
    { grep -m 12 -iE 'error|fail' "$log" || tail -n 12 "$log"; } | sed 's/^/    /' >&2
    return "$code"
  fi
  printf '  %s … done in %d s\n' "$what" $((SECONDS - start)) >&2
}

# The marker is removed first and written last: an interrupted installation is never taken for a whole one.
install_packages() {
  local log=$cache/logs/npm.log
  mkdir -p "$cache/logs"
  exec 9>>"$cache/lock"
  if ! flock -n 9; then
    printf 'waiting for %s, which is setting things up\n' "$(cat "$cache/lock.holder" 2>/dev/null || echo 'another process')" >&2
    flock 9
  fi
  if ! packages_match; then
    printf '%s (pid %d)' "$0" $$ >"$cache/lock.holder"
    rm -f "$marker"
    trap 'rm -f "$cache/lock.holder"' EXIT
    (cd "$root" && ONNXRUNTIME_NODE_INSTALL=skip shown "installing npm packages" "$log" npm ci --no-audit --no-fund) ||
      fail "npm could not install the packages" "check that npm reaches its registry (whole log: $log), then run the same command again"
    # npm may be told, or decide by itself, not to run the script by which the package brings its binary.
    [[ -x $node24 ]] || (cd "$root" && shown "fetching Node 24" "$log" npm rebuild node) || true
    [[ -x $node24 ]] || fail "npm installed the package 'node' without its binary" "(cd $root/node_modules/node && node installArchSpecificPackage)   # then run the same command again"
    wanted_lock >"$marker.new"
    mv "$marker.new" "$marker"
    rm -f "$cache/lock.holder"
    trap - EXIT
  fi
  exec 9>&-
}

# The doctor changes nothing, so before the packages are there it says what a Node without them can.
doctor_before_setup() {
  printf '%-14s %-10s %s\n' part version state \
    node "$(node --version)" "on PATH; the lab's own Node 24 is not there yet → ./scripts/setup" \
    'npm packages' – "not installed, or not those of package-lock.json → ./scripts/setup" \
    everything – "cannot be looked at before the npm packages are there"
  printf '\nRun:\n./scripts/setup\n'
  exit 1
}

bootstrap() { # command, arguments …
  local command=$1
  shift
  check_machine
  if ! packages_match; then
    [[ $command != doctor ]] || doctor_before_setup
    install_packages
  fi
  export PATH=$root/node_modules/node/bin:$root/node_modules/.bin:$PATH
  # Downloads go the way of the rest of this machine: its proxy, its certificate authorities.
  export NODE_USE_ENV_PROXY=1 NODE_USE_SYSTEM_CA=1
  # A pulumi command starts half a dozen Node processes, which would all compile the same modules again.
  export NODE_COMPILE_CACHE=${NODE_COMPILE_CACHE:-$cache/compiled}
  exec "$node24" "$root/scripts/commands/$command.ts" "$@"
}
