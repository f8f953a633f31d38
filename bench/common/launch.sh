#!/usr/bin/env bash
# Sourced by the `run` of each bench: Node 24 and the npm packages as for every command, then the bench's main.ts.

# shellcheck source=scripts/bootstrap.sh
source "$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)/scripts/bootstrap.sh"

launch() { # bench, arguments …
  local bench=$1
  shift
  check_machine
  packages_match || install_packages
  export PATH=$root/node_modules/node/bin:$root/node_modules/.bin:$PATH
  export NODE_USE_ENV_PROXY=1 NODE_USE_SYSTEM_CA=1
  exec "$node24" "$root/bench/$bench/main.ts" "$@"
}
