# Takes a stack off a host, and with the last stack all that was done to the host. Besides those of common.sh, the
# variable KEEP_DATA (true or false) says whether volumes stay.

remove_containers() {
  docker_works || return 0
  local own ids
  own=$(lab_labels)
  ids=$(docker ps -aq $own)
  if [[ -n $ids ]]; then
    step "stopping $(wc -w <<<"$ids") containers"
    # All at once, each within its own grace period.
    xargs -P 16 -n 1 docker stop <<<"$ids" >/dev/null
    xargs docker rm --force --volumes <<<"$ids" >/dev/null
  fi
  if [[ $KEEP_DATA != true ]]; then
    docker volume ls -q $own | xargs -r docker volume rm >/dev/null
  fi
  docker network ls -q $own | xargs -r docker network rm >/dev/null
  docker image ls --format '{{.Repository}}:{{.Tag}}' --filter dangling=false $own | xargs -r docker image rm --force >/dev/null
}

undo_firewall() {
  [[ -d $HOST_NOTES ]] || return 0
  rm -f "$STACK_NOTES/firewall" $HOST_NOTES/firewall.candidate.*
  has nft || return 0
  firewall_rules >$HOST_NOTES/firewall.nft
  nft -f $HOST_NOTES/firewall.nft
}

undo_firewall_unit() {
  [[ -e $HOST_NOTES/firewall-unit ]] || return 0
  if with_systemd; then
    systemctl disable --quiet $FIREWALL_UNIT || true
    rm -f /etc/systemd/system/$FIREWALL_UNIT.service
    systemctl daemon-reload
  else
    update-rc.d -f $FIREWALL_UNIT remove >/dev/null 2>&1 || true
    rm -f /etc/init.d/$FIREWALL_UNIT
  fi
}

undo_sshd() {
  [[ -e $HOST_NOTES/sshd ]] || return 0
  rm -f $SSHD_DROP_IN
  service_do "$(ssh_service)" reload >/dev/null || warn "sshd does not take its limits back before it is restarted"
}

# Why the Docker that was installed for the lab must stay; nothing when it may go.
use_of_docker() {
  grep -qsx docker.io $HOST_NOTES/packages.ours || return 0
  if docker_works; then
    [[ -z $(docker ps -aq) ]] || printf 'containers that are not of the lab'
    [[ -n $(docker ps -aq) || -z $(docker volume ls -q) ]] || printf 'volumes (%s)' "$(docker volume ls -q | paste -sd ' ')"
  elif [[ -n $(ls -d /var/lib/docker/volumes/*/ 2>/dev/null) ]]; then
    printf 'volumes, and does not run'
  fi
}

undo_docker() {
  [[ ! -e $HOST_NOTES/docker-enabled ]] || systemctl disable --quiet docker
  [[ ! -e $HOST_NOTES/docker-started ]] || service_do docker stop >/dev/null 2>&1 || warn "Docker could not be stopped"
  if [[ -e $HOST_NOTES/group-members ]]; then
    sort -u $HOST_NOTES/group-members | while read -r user; do gpasswd -d "$user" docker >/dev/null 2>&1 || true; done
  fi
}

remove_packages() {
  note_packages
  [[ -s $HOST_NOTES/packages.ours ]] || return 0
  local ours=() others='' with_docker=false
  # Asked of the notes: a removal that was cut off may have taken the package already.
  ! grep -qx docker.io $HOST_NOTES/packages.ours || with_docker=true
  mapfile -t ours < <(comm -12 $HOST_NOTES/packages.ours <(packages))
  if ((${#ours[@]})); then
    others=$(apt-get -s purge "${ours[@]}" | awk '/^(Remv|Purg) / { print $2 }' | sort -u | comm -13 $HOST_NOTES/packages.ours - | paste -sd ' ')
  fi
  if [[ -n $others ]]; then
    warn "packages that were installed for the lab stay, as $others need them: ${ours[*]}"
    return
  fi
  if $with_docker && has dockerd; then service_do docker stop >/dev/null 2>&1 || true; fi
  if ((${#ours[@]})); then
    step "removing ${#ours[@]} packages"
    apt-get -o DPkg::Lock::Timeout=300 -qq purge --yes "${ours[@]}" >/dev/null 2>&1 ||
      fail "apt-get cannot remove what was installed for the lab (${ours[*]}): see \`apt-get purge\` on the host"
  fi
  if $with_docker; then remove_docker_data; fi
}

remove_docker_data() {
  umount /run/docker/netns/* 2>/dev/null || true
  rm -rf /run/docker /run/containerd
  local folder
  for folder in docker containerd; do
    # A mount point stays, what is in it goes.
    [[ -e $HOST_NOTES/$folder-data ]] || rm -rf /var/lib/"$folder"/*
    if [[ ! -e $HOST_NOTES/$folder-mode ]]; then rmdir --ignore-fail-on-non-empty /var/lib/"$folder" 2>/dev/null || true
    elif [[ -d /var/lib/$folder ]]; then chmod "$(<"$HOST_NOTES/$folder-mode")" /var/lib/"$folder"
    else install -d -m "$(<"$HOST_NOTES/$folder-mode")" /var/lib/"$folder"; fi
  done
  rmdir --ignore-fail-on-non-empty /opt/containerd/{bin,lib,} 2>/dev/null || true
  remove_logs
  [[ -e $HOST_NOTES/docker-group ]] || ! getent group docker >/dev/null || groupdel docker
}

# Logs that came with what was installed, unless they tell of something else by now.
remove_logs() {
  [[ -e $HOST_NOTES/docker-log ]] || rm -f /var/log/docker.log
  local log=/var/log/alternatives.log
  [[ -e $HOST_NOTES/alternatives-log || ! -e $log ]] || grep -qvE '(ip6?|arp|eb)tables' $log || rm $log
}

undo_host() {
  undo_firewall_unit
  undo_sshd
  local use
  use=$(use_of_docker)
  if [[ -n $use ]]; then
    warn "Docker, which was installed for the lab, stays, as it has $use; remove those, then run: apt-get purge $(paste -sd ' ' $HOST_NOTES/packages.ours); rm -r $NOTES"
    return
  fi
  undo_docker
  remove_packages
  [[ ! -e $HOST_NOTES/daemon-json ]] || rm -f $DAEMON_JSON
  [[ ! -e $HOST_NOTES/etc-docker ]] || rmdir --ignore-fail-on-non-empty /etc/docker 2>/dev/null || true
  rm -rf $HOST_NOTES $LOCK
  rmdir --ignore-fail-on-non-empty $NOTES
}

main() {
  local other
  other=$(other_lab)
  if [[ -n $other ]]; then
    [[ -z $LAB ]] || remove_containers
    warn "it has the stack $STACK of $other by now, which is left as it is"
    return 0
  fi
  remove_containers
  [[ -d $NOTES ]] || { rm -f $LOCK; return 0; }
  undo_firewall
  rm -rf "$STACK_NOTES"
  rmdir --ignore-fail-on-non-empty $NOTES/stacks 2>/dev/null || true
  [[ -d $NOTES/stacks ]] || undo_host
}
locked main
