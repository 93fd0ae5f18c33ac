#!/bin/sh
# Starts, stops and shows one emulated switch: QEMU's fuji-bmc running what lies in its flash.
#
#   switch.sh start DIR [AGENT-ARGUMENT...]    waits until it is ready
#   switch.sh stop DIR                         also when it is not running
#   switch.sh status DIR                       exit status 0: runs
#
# DIR is what flash.sh made. Kernel, device tree and initramfs are taken out of the FIT in flash, so
# that what is measured is what runs. If DIR has a file `gate`, the first chip's own reset vector is
# started instead, and if it has `visit.elf`, that program in memory; `flash2.img` is a chip on the second
# controller. In DIR appear, while it runs:
#   console.sock   the serial console (unix socket)       console.log   all it ever said
#   port           UDP port on 127.0.0.1 that reaches the switch's 5683
#   pid            of the process to end; it ends by itself after SWITCH_LIFETIME seconds
#
# Environment: SWITCH_READY     line of the console that means ready, as a basic regular expression
#                               (default "^init: agent started")
#              SWITCH_TIMEOUT   seconds to wait for it (60)     SWITCH_LIFETIME  seconds (900)
#              SWITCH_PORT      UDP port (default: a free one)  QEMU  (qemu-system-arm)
#              SWITCH_ADDRESS   the switch's own, if it does not take the one that it is offered
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ready=${SWITCH_READY:-^init: agent started}
timeout=${SWITCH_TIMEOUT:-60}
lifetime=${SWITCH_LIFETIME:-900}
ports_first=56830
ports_last=57829

usage() { sed -n '4,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
say() { echo "switch: $*" >&2; }

# A stale pid file must not end a stranger: the process must run in this folder.
runs() {
    [ -s pid ] && [ "$(readlink "/proc/$(cat pid)/cwd" 2> /dev/null)" = "$(pwd -P)" ]
}

stop() {
    if runs; then
        pid=$(cat pid)
        kill "$pid" 2> /dev/null || true
        tries=0
        while runs; do
            tries=$((tries + 1))
            [ "$tries" -lt 100 ] || { say "$PWD: does not end"; return 1; }
            sleep 0.1
        done
    fi
    rm -f pid port console.sock
}

# The FIT of the region fit: payloads 0, 1, 2 are kernel, device tree, initramfs.
unpack() {
    mkdir -p boot
    dd if=flash0.img of=boot/fit bs=1M skip=1 count=15 status=none
    number=0
    for name in vmlinuz board.dtb initramfs; do
        dumpimage -T flat_dt -p "$number" -o "boot/$name" boot/fit > boot/log 2>&1 ||
            { cat boot/log >&2; say "no bootable FIT in flash"; return 1; }
        number=$((number + 1))
    done
    rm -f boot/fit boot/log
}

free_port() { # from $1 on
    taken=$(awk '{ split($2, a, ":"); print a[2] }' /proc/net/udp)
    candidate=$1
    while echo "$taken" | grep -qi "$(printf '%04X' "$candidate")"; do
        candidate=$((candidate + 1))
    done
    echo "$candidate"
}

launch() { # PORT AGENT-ARGUMENT...
    port=$1
    shift
    machine=fuji-bmc
    [ "$(cat chip)" = 128 ] || machine=fuji-bmc,fmc-model=mx25l12805d,spi-model=mx25l12805d
    append="console=ttyS0,115200 rdinit=/init vmalloc=700M quiet panic=1"
    [ $# -eq 0 ] || append="$append -- $*"
    set -- -M "$machine" -display none -monitor none -no-reboot \
        -drive file=flash0.img,format=raw,if=mtd -drive file=flash1.img,format=raw,if=mtd \
        -nic "user,model=ftgmac100,hostfwd=udp:127.0.0.1:$port-${SWITCH_ADDRESS:-}:5683" \
        -chardev "socket,id=console,path=console.sock,server=on,wait=off,logfile=console.log" \
        -serial chardev:console
    [ ! -e flash2.img ] || set -- "$@" -drive file=flash2.img,format=raw,if=mtd
    if [ -e visit.elf ]; then
        set -- "$@" -kernel visit.elf
    elif [ ! -e gate ]; then
        set -- "$@" -kernel boot/vmlinuz -dtb boot/board.dtb -initrd boot/initramfs -append "$append"
    fi
    while read -r name _ size _ address bus; do
        [ -s "parts/$name.bin" ] || continue
        set -- "$@" -drive "file=parts/$name.bin,format=raw,if=none,id=$name" \
            -device "at24c-eeprom,bus=$bus,address=$address,rom-size=$size,drive=$name"
    done << END
$(grep -v '^#' "$here/parts.conf")
END
    : > console.log
    setsid timeout -k 5 "$lifetime" "${QEMU:-qemu-system-arm}" "$@" < /dev/null > qemu.log 2>&1 &
    echo $! > pid
}

wait_ready() {
    deadline=$(($(date +%s) + timeout))
    while ! grep -aq "$ready" console.log; do
        runs || return 1
        [ "$(date +%s)" -lt "$deadline" ] || { say "$PWD: not ready in $timeout s"; return 1; }
        sleep 0.1
    done
}

start() {
    runs && { say "$PWD: runs already"; return 1; }
    if [ ! -e gate ] && [ ! -e visit.elf ]; then unpack; fi
    trap 'stop' EXIT
    trap 'exit 1' INT TERM
    # Another process may take the port between the look and the use: then the next one.
    port=${SWITCH_PORT:-$ports_first}
    while :; do
        [ -n "${SWITCH_PORT:-}" ] || port=$(free_port "$port")
        launch "$port" "$@"
        wait_ready && break
        if [ -z "${SWITCH_PORT:-}" ] && [ "$port" -lt "$ports_last" ] &&
            grep -q 'host forwarding rule' qemu.log; then
            port=$((port + 1))
            continue
        fi
        grep -v 'has no peer' qemu.log >&2 || true
        tail -n 20 console.log >&2
        return 1
    done
    echo "$port" > port
    trap - EXIT INT TERM
}

[ $# -ge 2 ] || usage
command=$1
dir=$2
shift 2
case $command in
start | stop | status) cd "$dir" ;;
*) usage ;;
esac
case $command in
start) start "$@" ;;
stop) stop ;;
status) runs ;;
esac
