#!/bin/sh
# Queries a second of `privdns serve` beside NSD and dnsmasq, with the same names in one run.
# Needs dnsperf, nsd and dnsmasq. NAMES (10000) and SECONDS_EACH (5) may be set.
set -eu
names=${NAMES:-10000}
seconds=${SECONDS_EACH:-5}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'kill $served $authoritative $forwarding 2>/dev/null || true; rm -rf "$work"' EXIT
served='' authoritative='' forwarding=''
PATH=$PATH:/usr/sbin

cargo build --release --quiet --manifest-path "$root/Cargo.toml"
privdns=${CARGO_TARGET_DIR:-$root/target}/release/privdns

soa='azureprivatedns.net azureprivatedns-host.microsoft.com 1 3600 300 2419200 10'
{
    echo 'vnet hub dns azure'
    echo 'zone corp.internal link hub'
    echo "  @ SOA 3600 $soa"
    seq "$names" | awk '{ printf "  n%d A 300 10.%d.%d.%d\n", $1, $1/65536, $1/256%256, $1%256 }'
} >"$work/e.estate"
"$privdns" convert "$work/e.estate" --to zonefile -o "$work/zones" >/dev/null
# Three of four names exist.
seq "$names" | awk '{ printf "%s%d.corp.internal A\n", $1 % 4 ? "n" : "gone", $1 }' |
    sort -R --random-source="$0" >"$work/queries"

"$privdns" serve "$work/e.estate" --vnet hub=127.0.0.1:0 2>"$work/serve.log" &
served=$!
cat >"$work/nsd.conf" <<END
server:
  ip-address: 127.0.0.1@53531
  username: ""
  chroot: ""
  zonesdir: "$work"
  pidfile: "$work/nsd.pid"
  xfrdfile: "$work/xfrd.state"
  zonelistfile: "$work/zone.list"
  database: ""
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: corp.internal
  zonefile: "$work/zones/corp.internal.txt"
END
nsd -d -c "$work/nsd.conf" >/dev/null 2>&1 &
authoritative=$!
awk '$2 == "A" { print $4, $1 ".corp.internal" }' "$work/e.estate" >"$work/hosts"
dnsmasq --no-daemon --port=53532 --listen-address=127.0.0.1 --bind-interfaces --no-resolv \
    --no-hosts --addn-hosts="$work/hosts" --local=/corp.internal/ >/dev/null 2>&1 &
forwarding=$!
sleep 3

port=$(sed -n 's/.*127.0.0.1:\([0-9]*\),.*/\1/p' "$work/serve.log")
for server in "serve $port" "nsd 53531" "dnsmasq 53532"; do
    set -- $server
    dnsperf -s 127.0.0.1 -p "$2" -d "$work/queries" -l "$seconds" -c 4 -q 200 >"$work/result"
    sed -n "s/^ *Queries per second: */$1 /p; s/^ *Response codes: */    /p; s/^ *Queries lost: */    lost /p" \
        "$work/result"
done
