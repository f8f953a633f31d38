# What every script on a host starts with. Variables that the caller sets: PROJECT, STACK, LAB (the lab's id; empty where it
# was made before labs had ids), CHECKOUT (where it was brought up from), LOGIN (the user who logs in).
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
umask 022

# What was done to the host, so that it can be undone: `host` by any stack, `stacks/<project>-<stack>` by this one.
NOTES=/var/lib/edgelab
HOST_NOTES=$NOTES/host
STACK_NOTES=$NOTES/stacks/$PROJECT-$STACK
# Lines with id and checkout of the lab that has the stack's name on this host.
OWNER=$STACK_NOTES/lab
SSHD_DROP_IN=/etc/ssh/sshd_config.d/60-edgelab.conf
DAEMON_JSON=/etc/docker/daemon.json
LOCK=/run/edgelab.lock
FIREWALL_UNIT=edgelab-firewall
TABLE=edgelab

step() { printf 'step: %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*"; }
fail() {
  printf '%s\n' "$*" >&2
  exit 3
}
has() { command -v "$1" >/dev/null 2>&1; }
with_systemd() { [[ -d /run/systemd/system ]]; }

# start|stop|reload|restart a service, whichever init the host has.
service_do() {
  if with_systemd; then systemctl "$2" "$1"; else service "$1" "$2"; fi
}

ssh_service() {
  if with_systemd && systemctl cat ssh.service >/dev/null 2>&1; then echo ssh
  elif with_systemd; then echo sshd
  else echo ssh; fi
}

# One at a time: stacks share a host, and a script may still run whose connection is gone. Services that are started
# must not inherit the lock. Nobody but root can open it: a lock can be held by whoever may read its file.
locked() {
  (umask 077; : >>$LOCK)
  exec 9>>$LOCK
  flock --nonblock 9 || { step "waiting for another one at work on this host"; flock --timeout 900 9; } ||
    fail "something else of the lab has been at work on this host for 15 minutes: see \`fuser -v $LOCK\` there"
  "$@" 9>&-
}

# Filters of Docker's lists for what is this lab's.
lab_labels() {
  if [[ -n $LAB ]]; then printf '%s\n' --filter "label=edgelab.lab=$LAB"
  else printf '%s\n' --filter "label=edgelab.project=$PROJECT" --filter "label=edgelab.stack=$STACK"; fi
}

# Who has the stack's name on this host, where that is another lab; nothing where the name is free or this lab's. Volumes
# that were kept outlive the notes.
other_lab() {
  local id='' checkout='' first
  if [[ -d $STACK_NOTES ]]; then
    [[ ! -e $OWNER ]] || { read -r id && read -r checkout; } <"$OWNER"
    [[ $id != "$LAB" ]] || return 0
  else
    docker_works || return 0
    first=$(stack_labels | awk -v own="$LAB " 'index($0, own) != 1 && !seen++')
    [[ -n $first ]] || return 0
    id=${first%% *} checkout=${first#* }
  fi
  if [[ -n $id ]]; then printf 'the lab %s%s' "$id" "${checkout:+, brought up from $checkout}"
  else printf 'a lab of the stack %s that was made before labs had ids' "$STACK"; fi
}

# Lines of id and checkout, of whatever is there under the stack's name.
stack_labels() {
  local list filters=(--filter "label=edgelab.project=$PROJECT" --filter "label=edgelab.stack=$STACK")
  for list in 'container ls --all' 'volume ls'; do
    docker $list "${filters[@]}" --format '{{.Label "edgelab.lab"}} {{.Label "edgelab.checkout"}}'
  done
}

# Ports of the configuration, whose Match blocks some releases want a connection for, and those that are listened on.
sshd_ports() {
  { sshd -T 2>/dev/null || sshd -T -C user=root,host=localhost,addr=127.0.0.1; } | awk '$1 == "port" { print $2 }'
  ! has ss || ss -Hltnp | awk '/"sshd"/ { sub(/.*:/, "", $4); print $4 }'
}

# The folder that Docker's data are in or will be.
docker_root() {
  local path=/var/lib/docker
  while [[ ! -d $path ]]; do path=$(dirname "$path"); done
  printf '%s' "$path"
}

docker_works() { has docker && timeout 20 docker info >/dev/null 2>&1; }
firewall_is_up() { has nft && nft list table inet $TABLE >/dev/null 2>&1; }

# Docker's bridges may come and go, so they are known by their names; a LAN card may be in a bridge of a name like them.
docker_bridges() {
  local others
  others=$(ls /sys/class/net | grep '^br-' | grep -vxE 'br-[0-9a-f]{12}' | sed 's/.*/"&"/' | paste -sd ,) || true
  printf 'iifname "br-*" %saccept' "${others:+iifname != { $others \} }"
}

# The lab's one firewall table, made of the rules of every stack: a packet must pass all tables, so two would close
# each other's ports. Empty when no stack has rules.
firewall_rules() {
  shopt -s nullglob
  local files=("$NOTES"/stacks/*/firewall)
  printf 'table inet %s\ndelete table inet %s\n' $TABLE $TABLE
  ((${#files[@]})) || return 0
  local port ports
  ports=$(sshd_ports | sort -un)
  [[ -n $ports ]] || fail "sshd does not say what port it listens on (sshd -T), so no firewall can be made that lets it through"
  cat <<TABLE_START
table inet $TABLE {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif lo accept
    meta l4proto { icmp, ipv6-icmp } accept
    udp sport 67 udp dport 68 accept
    udp sport 547 udp dport 546 accept
    iifname "docker0" accept
    $(docker_bridges)
TABLE_START
  for port in $ports; do printf '    tcp dport %s accept\n' "$port"; done
  sort -u "${files[@]}" | sed 's/^/    /'
  printf '  }\n}\n'
}

packages() {
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' |
    awk '$1 != "config-files" && $1 != "not-installed" { print $2 }' | sort -u
}

# Takes down which of the packages that an installation was to bring are there, also where it failed or was cut off. What
# somebody else has installed since is not among them.
note_packages() {
  [[ -e $HOST_NOTES/packages.coming ]] || return 0
  touch $HOST_NOTES/packages.ours
  sort -u $HOST_NOTES/packages.coming | comm -12 - <(packages) | sort -u - $HOST_NOTES/packages.ours >$HOST_NOTES/packages.new
  mv $HOST_NOTES/packages.new $HOST_NOTES/packages.ours
  rm $HOST_NOTES/packages.coming
}

facts() {
  local root memory disk synced=unknown
  root=$(docker_root)
  memory=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
  disk=$(df --output=avail -BG "$root" | tail -n 1 | tr -dc 0-9)
  if has timedatectl && with_systemd; then synced=$(timedatectl show -p NTPSynchronized --value 2>/dev/null || echo unknown)
  elif has chronyc; then chronyc -n tracking 2>/dev/null | grep -q '^Leap status *: Normal' && synced=yes || synced=no; fi
  printf 'facts: {"machineId":"%s","os":"%s","cpus":%s,"memoryMB":%s,"diskGB":%s,"docker":"%s","firewall":%s,"timeSynced":"%s"}\n' \
    "$(cat $HOST_NOTES/id 2>/dev/null || true)" "$(. /etc/os-release && printf '%s' "$PRETTY_NAME")" "$(nproc)" "$memory" "$disk" \
    "$(docker_works && docker version --format '{{.Server.Version}}' || true)" \
    "$(firewall_is_up && echo true || echo false)" "$synced"
}
