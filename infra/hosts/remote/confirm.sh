# Lets the firewall stay, now and at boot. It is run over a connection that was made after the firewall stood.

keep_firewall() {
  [[ ! -e $HOST_NOTES/firewall-unit ]] || return 0
  touch $HOST_NOTES/firewall-unit
  local nft
  nft=$(command -v nft)
  if with_systemd; then
    cat >/etc/systemd/system/$FIREWALL_UNIT.service <<UNIT
[Unit]
Description=Firewall of edgelab
DefaultDependencies=no
RequiresMountsFor=$HOST_NOTES
After=nftables.service
Before=network-pre.target
Wants=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=$nft -f $HOST_NOTES/firewall.nft
[Install]
WantedBy=sysinit.target
UNIT
    systemctl enable --quiet $FIREWALL_UNIT
  else
    cat >/etc/init.d/$FIREWALL_UNIT <<UNIT
#!/bin/sh
### BEGIN INIT INFO
# Provides: $FIREWALL_UNIT
# Required-Start: \$local_fs
# Required-Stop:
# Default-Start: 2 3 4 5
# Default-Stop:
# Short-Description: Firewall of edgelab
### END INIT INFO
[ "\$1" != start ] || exec $nft -f $HOST_NOTES/firewall.nft
UNIT
    chmod 755 /etc/init.d/$FIREWALL_UNIT
    update-rc.d $FIREWALL_UNIT defaults
  fi
}

mv $HOST_NOTES/firewall.candidate.* $HOST_NOTES/firewall.nft 2>/dev/null || fail "it had taken itself back already"
keep_firewall
