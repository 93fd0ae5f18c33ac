#!/bin/sh
# Proves the emulated switch itself, without the agent: a probe in its place reports what Linux
# reads, and every size and CRC-32 must be that of the file outside.
#
#   test_switch.sh [KEYDIR]     default build/keys/demo
# shellcheck disable=SC2317 # check() calls them
set -eu
SWITCH_TIMEOUT=${SWITCH_TIMEOUT:-120}
export SWITCH_TIMEOUT
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
keys=${1:-$root/build/keys/demo}
work=$(mktemp -d)
. "$root/tests/suite.sh"
tidy() {
    for name in a b; do
        [ ! -d "$work/pair/$name" ] || "$here/switch.sh" stop "$work/pair/$name" || true
    done
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM

not() { ! "$@"; }
crc() { gzip -1c "$1" | tail -c 8 | od -An -tx4 -N4 --endian=little | tr -d ' '; }
says() { tr -d '\r' < "$work/pair/$1/console.log" | grep -aq "$2"; }
reads() { # SWITCH WHAT-THE-PROBE-NAMES FILE: size and CRC-32
    says "$1" "^$2 $(wc -c < "$3") $(crc "$3") "
}
ended() { # SWITCH: no process works in its folder
    for process in /proc/[0-9]*; do
        [ "$(readlink "$process/cwd" 2> /dev/null)" != "$work/pair/$1" ] || return 1
    done
}
echoes() { # SWITCH: a datagram comes back
    perl -MIO::Socket::INET -e '
        my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:$ARGV[0]") or die;
        for (1 .. 5) {
            send $s, "knock", 0;
            my $ready = "";
            vec($ready, fileno $s, 1) = 1;
            next unless select $ready, undef, undef, 1;
            recv $s, my $reply, 100, 0;
            exit($reply eq "knock" ? 0 : 1);
        }
        exit 1' "$(cat "$work/pair/$1/port")"
}
tell() { # SWITCH WORD: types it on the console
    (cd "$work/pair/$1" && perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => "console.sock") or die;
        print $s "$ARGV[0]\n"; $s->flush; sleep 1' "$2")
}

"${ARMHF_CC:-arm-linux-gnueabihf-gcc}" -std=gnu11 -Wall -Wextra -Werror -Os -static -s \
    -o "$work/probe" "$here/probe.c"
"$here/pieces.sh" -o "$work/pieces" -k "$keys"
mkdir -p "$work/data"
echo "from outside" > "$work/data/note"
"$here/pair.sh" -o "$work/pair" -p "$work/pieces" -k "$keys" -a "$work/probe" -d "$work/data" \
    -- --from-initramfs "two words"

cp "$work/pair/a/flash0.img" "$work/flash0.img"
SWITCH_READY='^ready' "$here/switch.sh" start "$work/pair/a" --from-start &
first=$!
SWITCH_READY='^ready' "$here/switch.sh" start "$work/pair/b" &
second=$!
started=0
wait "$first" || started=1
wait "$second" || started=1
check "two switches start side by side" [ "$started" -eq 0 ]
check "they have ports of their own" not cmp -s "$work/pair/a/port" "$work/pair/b/port"
check "the first chip reads as its file" reads a "mtd 5 flash0" "$work/flash0.img"
for part in chassis=30-0050 psu1=16-0051 psu2=17-0051 pim1=81-0050 port1=85-0050 port2=86-0050; do
    for name in a b; do
        check "${part%%=*} of $name reads as its file" \
            reads "$name" "part ${part#*=}" "$work/pair/$name/parts/${part%%=*}.bin"
    done
done
check "an empty cage has no EEPROM" not says a '^part 87-0050'
check "the arguments of the initramfs arrive whole" says a '^argument two words$'
check "the arguments of the start arrive" says a '^argument --from-start$'
check "and only where they were given" not says b '^argument --from-start$'
check "files given for /data are in /data" says a '^note from outside$'
check "a datagram reaches the first switch and its answer the sender" echoes a
check "a datagram reaches the second switch and its answer the sender" echoes b
check "a running switch is not started twice" not "$here/switch.sh" start "$work/pair/a"
check "and goes on running" "$here/switch.sh" status "$work/pair/a"
check "the console takes a line" tell a end
check "a switch whose agent ends is off" ended a
check "stopping it then is no error" "$here/switch.sh" stop "$work/pair/a"
check "a running switch can be stopped" "$here/switch.sh" stop "$work/pair/b"
check "and leaves no process" ended b
# shellcheck disable=SC2016 # expanded by the inner shell
check "what was written to /data is there after a restart" sh -c '
    SWITCH_READY="^ready" "$1/switch.sh" start "$2/pair/a" && grep -aq "^starts 2" "$2/pair/a/console.log"' \
    sh "$here" "$work"
check "a switch that never gets ready is told and ended" not env SWITCH_READY='^never' \
    SWITCH_TIMEOUT=2 "$here/switch.sh" start "$work/pair/b"
check "and leaves no process either" ended b
check "a piece larger than its region is refused" not "$here/flash.sh" -o "$work/big" -c 16 \
    -e "$work/flash0.img"
check "an unknown part is refused" not "$here/flash.sh" -o "$work/big" -c 16 -p "none=$work/data/note"
finish
