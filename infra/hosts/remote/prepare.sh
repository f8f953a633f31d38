# Makes a host ready for services of the lab. Can be run again at any time. Besides those of common.sh, variables are
# PREPARE, FIREWALL, JOINS (true or false; the last: it was no host of the lab so far), NEED_MEMORY_MB, NEED_DISK_GB
# (0: not asked), LISTENERS (lines of address, port and the config key that moves it), RULES (lines of nftables), UNDO
# (the script that takes it all back, which stays on the host for when nobody else can run it).

# Notes, firewall rules and names of containers go by the stack's name, which one lab of a host can have.
check_owner() {
  local other
  other=$(other_lab)
  [[ -z $other ]] || fail "it has the stack $STACK already, of $other: nothing was changed here
  fix: ./scripts/down $STACK in that checkout, or a name and ports of its own for this lab; where that checkout is gone, as root on the host: $(way_out)"
}

# What takes another lab off this host: the script that it left, or the removal of volumes that it kept.
way_out() {
  if [[ -e $STACK_NOTES/undo ]]; then printf 'bash %s/undo' "$STACK_NOTES"
  else printf 'docker volume ls -q --filter label=edgelab.project=%s --filter label=edgelab.stack=%s | xargs docker volume rm' "$PROJECT" "$STACK"; fi
}

# Sets DISK, the free space in GB when the lab came.
check_room() {
  local memory
  memory=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
  ((memory >= NEED_MEMORY_MB)) ||
    fail "the services placed on this host may take $NEED_MEMORY_MB MB of memory with the system, and it has $memory MB: place fewer there (placement) or lower their limits (…memoryMB)"
  DISK=$(df --output=avail -BG "$(docker_root)" | tail -n 1 | tr -dc 0-9)
  # What the lab itself has written since then does not count against it.
  local first=0
  [[ ! -e $STACK_NOTES/disk ]] || first=$(<"$STACK_NOTES/disk")
  ((DISK >= first)) || DISK=$first
  ((DISK >= NEED_DISK_GB)) ||
    fail "topics and images may take $NEED_DISK_GB GB on this host, and $DISK GB are free under $(docker_root): lower disk.budgetGB, or place brokers elsewhere (placement)"
}

# Where services of the lab will listen, nothing else may, as they would only fail minutes later.
check_ports() {
  has ss || return 0
  local ours='' listening address port key taken pid name
  ! docker_works ||
    ours=$(docker ps -q --no-trunc $(lab_labels))
  # Lines of address, port, process and its name; of a process in another namespace neither is seen.
  listening=$(ss -Hltnp | sed -E 's/^\S+ +\S+ +\S+ +([^ %]*)\S*:([0-9]+) +\S+ *(users:\(\("([^"]*)",pid=([0-9]+).*)?$/\1 \2 \5 \4/')
  while read -r address port key; do
    [[ -n $port ]] || continue
    while read -r taken pid name; do
      [[ -z $ours ]] || ! grep -qsF "$ours" "/proc/$pid/cgroup" || continue
      fail "port $port is taken on this host by ${name:-something} (process ${pid:-unknown}, at $taken): stop it, or move the lab's ports (${key:-ports.offset})"
    done < <(awk -v port="$port" -v address="$address" \
      '$2 == port && ($1 == address || $1 == "0.0.0.0" || $1 == "*" || $1 == "[::]") { print $1, $3, $4 }' <<<"$listening")
  done <<<"$LISTENERS"
}

APT=(apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)

# Installs packages and notes which ones were not there before, dependencies included. None is removed for them.
install() {
  has apt-get || fail "this host has no apt-get: install $* by hand and set ssh.prepare to false"
  step "installing $*"
  : >$HOST_NOTES/apt.log
  try_install "$@" ||
    { dpkg --configure --pending >>$HOST_NOTES/apt.log 2>&1 &&
      "${APT[@]}" update >>$HOST_NOTES/apt.log 2>&1 &&
      try_install "$@"; } ||
    { note_packages
      fail "apt-get cannot install $*: $(grep -v '^E: Sub-process' $HOST_NOTES/apt.log | tail -n 3 | paste -sd ' '); see that the host reaches its package mirror, and try \`apt-get install $*\` there"; }
  note_packages
}

try_install() {
  local install=("${APT[@]}" install --yes --no-remove --no-install-recommends "$@") plan
  plan=$("${install[@]}" --simulate 2>>$HOST_NOTES/apt.log) || return
  # With a version in brackets behind its name it is there, and is brought up to date.
  awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }' <<<"$plan" >>$HOST_NOTES/packages.coming
  "${install[@]}" >>$HOST_NOTES/apt.log 2>&1
}

# Services of the lab use their host's network, so a Docker that is here for the lab alone needs no bridge and no
# rules in the host's packet filter. Written first, as the package starts it.
configure_docker() {
  [[ ! -e $DAEMON_JSON ]] || return 0
  [[ -d /etc/docker ]] || { touch $HOST_NOTES/etc-docker; mkdir /etc/docker; }
  touch $HOST_NOTES/daemon-json
  printf '%s\n' '{ "bridge": "none", "iptables": false, "ip6tables": false, "ip-forward": false }' >$DAEMON_JSON
}

# What is there before Docker is, so that no more is removed with it than came with it.
note_before_docker() {
  local folder name
  for folder in docker containerd; do
    [[ -z $(ls -A /var/lib/$folder 2>/dev/null) ]] || touch $HOST_NOTES/$folder-data
    [[ ! -d /var/lib/$folder || -e $HOST_NOTES/$folder-mode ]] || stat -c %a /var/lib/$folder >$HOST_NOTES/$folder-mode
  done
  for name in docker alternatives; do
    [[ ! -e /var/log/$name.log ]] || touch $HOST_NOTES/$name-log
  done
  ! getent group docker >/dev/null || touch $HOST_NOTES/docker-group
}

provide_docker() {
  if ! has docker || ! has dockerd; then
    [[ $PREPARE == true ]] || fail "there is no Docker on this host: install it, or set ssh.prepare to true"
    configure_docker
    # Once: what an installation that failed has left is not what was there before.
    [[ -e $HOST_NOTES/before-docker ]] || note_before_docker
    touch $HOST_NOTES/before-docker
    # Newer releases have the command in a package of its own.
    local packages=(docker.io)
    ! apt-cache show docker-cli >/dev/null 2>&1 || packages+=(docker-cli)
    install "${packages[@]}"
  fi
  if docker_works; then
    touch $HOST_NOTES/docker-ran
    return
  fi
  [[ $PREPARE == true ]] || fail "Docker does not run on this host: start it, or set ssh.prepare to true"
  step "starting Docker"
  if with_systemd && ! systemctl is-enabled --quiet docker; then
    touch $HOST_NOTES/docker-enabled
    systemctl enable --quiet docker
  fi
  # One that had run before is only mended here.
  [[ -e $HOST_NOTES/docker-ran ]] || touch $HOST_NOTES/docker-started
  service_do docker start >/dev/null || fail "Docker does not start: $(service_do docker status 2>&1 | tail -n 5)"
  timeout 60 bash -c 'until docker info >/dev/null 2>&1; do sleep 0.5; done' ||
    fail "Docker was started, but does not answer: see journalctl -u docker or /var/log/docker.log on the host"
  touch $HOST_NOTES/docker-ran
}

# A host that was dead, left out and is back has containers that run elsewhere by now, brokers of the same number among
# them. Volumes stay.
remove_strays() {
  local ids
  ids=$(docker ps -aq $(lab_labels))
  [[ -n $ids ]] || return 0
  step "removing containers from before"
  xargs docker rm --force --volumes <<<"$ids" >/dev/null
}

let_in() {
  [[ $LOGIN == root ]] || id -nG "$LOGIN" | tr ' ' '\n' | grep -qx docker && return
  printf '%s\n' "$LOGIN" >>$HOST_NOTES/group-members
  usermod -aG docker "$LOGIN"
}

# Docker over SSH opens many connections, and sshd's defaults drop some.
raise_sshd_limits() {
  [[ -e $SSHD_DROP_IN ]] && return
  grep -Eqi '^\s*Include\s+/etc/ssh/sshd_config\.d/' /etc/ssh/sshd_config || {
    step "sshd_config includes no drop-ins, its limits stay"
    return
  }
  step "raising sshd's limits"
  touch $HOST_NOTES/sshd
  mkdir -p "$(dirname $SSHD_DROP_IN)"
  printf 'MaxStartups 100:30:200\nMaxSessions 100\n' >$SSHD_DROP_IN
  if ! sshd -t; then
    rm $SSHD_DROP_IN
    fail "sshd refuses its configuration with raised limits: see \`sshd -t\` on the host"
  fi
  service_do "$(ssh_service)" reload >/dev/null
}

# A firewall that shuts SSH out must not stay: unless a new connection takes its candidate away within 30 s, what was
# there before comes back. Until then a reboot brings back what was there before, too.
apply_firewall() {
  has nft || install nftables
  printf '%s\n' "$RULES" | sed '/^$/d' >"$STACK_NOTES/firewall"
  local candidate=$HOST_NOTES/firewall.candidate.$$ before=$HOST_NOTES/firewall.before.$$
  # One that is still to be decided on is waited for; one that is left was cut off by a reboot.
  timeout 40 bash -c "while compgen -G '$HOST_NOTES/firewall.candidate.*'; do sleep 0.5; done" >/dev/null || true
  rm -f $HOST_NOTES/firewall.{candidate,before}.*
  printf 'table inet %s\ndelete table inet %s\n' $TABLE $TABLE >$before
  ! firewall_is_up || nft list table inet $TABLE >>$before
  firewall_rules >$HOST_NOTES/firewall.new
  nft --check -f $HOST_NOTES/firewall.new || fail "nftables refuses the lab's firewall ($HOST_NOTES/firewall.new on the host)"
  step "firewall"
  mv $HOST_NOTES/firewall.new $candidate
  setsid nohup bash -c "sleep 30; ! mv $candidate $HOST_NOTES/firewall.rejected || nft -f $before; rm -f $before" \
    >/dev/null 2>&1 </dev/null &
  nft -f $candidate
}

remove_firewall_rules() {
  [[ -e $STACK_NOTES/firewall ]] || return 0
  rm "$STACK_NOTES/firewall"
  firewall_rules >$HOST_NOTES/firewall.nft
  ! has nft || nft -f $HOST_NOTES/firewall.nft
}

# From here on the host has the lab, and how it is taken off again.
claim() {
  mkdir -p $HOST_NOTES "$STACK_NOTES"
  printf '%s\n' "$LAB" "$CHECKOUT" >"$OWNER"
  printf '%s\n' "$DISK" >"$STACK_NOTES/disk"
  printf '%s\n' "$UNDO" >"$STACK_NOTES/undo"
}

main() {
  if has cloud-init; then
    step "waiting for cloud-init"
    timeout 600 cloud-init status --wait >/dev/null 2>&1 || true
  fi
  check_owner
  check_room
  check_ports
  claim
  note_packages
  [[ -s $HOST_NOTES/id ]] || tr -d - </proc/sys/kernel/random/uuid >$HOST_NOTES/id
  provide_docker
  [[ $JOINS == false ]] || remove_strays
  if [[ $PREPARE == true ]]; then
    let_in
    raise_sshd_limits
  fi
  if [[ $FIREWALL == true ]]; then apply_firewall; else remove_firewall_rules; fi
  facts
}
locked main
