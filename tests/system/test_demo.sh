#!/bin/sh
# The demo is what it says: one emulated switch is held by its gate and asked over a serial line and
# over the network, another is started and its foreign kernel's agent asked. Every row of the reports
# is looked at.
# shellcheck disable=SC2317 # check() calls them
set -eu
cd "$(dirname "$0")/../.."
here=tests/system
. tests/suite.sh

work=$(mktemp -d)
tidy() {
    for name in bad good; do
        [ ! -d "$work/$name" ] || "$here/switch.sh" stop "$work/$name" || true
    done
    rm -rf "$work"
}
trap tidy EXIT
trap 'exit 1' INT TERM
export SWITCH_TIMEOUT=180

step() { # a part of the preparation, silent when it works
    "$@" > "$work.log" 2>&1 || { cat "$work.log"; rm -f "$work.log"; exit 1; }
    rm -f "$work.log"
}
command -v arm-none-eabi-gcc >/dev/null || {
    echo "  SKIP  arm-none-eabi-gcc is not installed"
    finish
    exit
}
step make --no-print-directory BOARD=bench
step make --no-print-directory BOARD=fuji-bmc CHIP=16m
step make --no-print-directory BOARD=linux ARCH=armhf
check "the demo ends well" "$here/demo.sh" "$work"

holds() { # FILE JQ-EXPRESSION
    jq -e -f "$here/report.jq" "$work/$1.json" > /dev/null || { echo "not the contract of --json"; return 1; }
    jq -e "$2" "$work/$1.json" > /dev/null || { jq -c '.subjects[0] | .findings, .notes, (.components[] | [.name, .verdict, .rule])' "$work/$1.json"; return 1; }
}
row() { echo "any(.subjects[0].components[]; .name == \"$1\" and .verdict == \"$2\" and .rule == \"$3\")"; }
no_process() {
    for process in /proc/[0-9]*; do
        case $(readlink "$process/cwd" 2> /dev/null || true) in
        "$work"*) return 1 ;;
        esac
    done
}
says() { tr -d '\r' < "$work/$1/console.log" | grep -aq "$2"; }
not() { ! "$@"; }

check "the first switch is held, and its console says so" says bad '^gate: HELD, REJECT: '
check "what is at fault" says bad '^smb-fpga/fpga-1  *unverified  *FMT-004'
check "and what to do" says bad '^next: sekisho check shows all'
check "nothing of its system starts" not says bad 'the system starts\|Linux'
# The first switch, the same over both ways.
for way in serial network; do
    check "over $way: the first is REJECTed, by evidence of its gate" holds first-$way \
        '.outcome == "REJECT" and .exit == 1 and .subjects[0].assurance == "gate"'
    for image in agent agent-backup env meta env-backup meta-backup; do
        check "over $way: a good $image" holds first-$way "$(row $image approved REF-001)"
    done
    for image in kernel-1 fdt-1 ramdisk-1; do
        check "over $way: a good $image" holds first-$way "$(row fit/$image approved SIG-001)
            and $(row fit-backup/$image approved SIG-001)"
    done
    check "over $way: one image that nobody signed" holds first-$way "$(row smb-fpga/fpga-1 unverified FMT-004)"
    check "over $way: one that was altered" holds first-$way "$(row pim-fpga/fpga-1 tampered SIG-003)"
    check "over $way: a transceiver of the excluded vendor" holds first-$way "$(row port2 excluded VND-002)
        and any(.subjects[0].components[]; .name == \"port2\" and .policy.rule == \"no-yamabiko\")"
    check "over $way: a blank part" holds first-$way "$(row psu2 unattributed VND-006)
        and any(.subjects[0].components[]; .name == \"psu2\" and (.detail | test(\"blank\")))"
    check "over $way: an empty cage" holds first-$way "$(row port3 absent RD-004)"
    check "over $way: and nothing else is wrong" holds first-$way '([.subjects[0].components[] |
        select(.verdict | IN("approved", "identified", "unattributed", "absent") | not) | .name] | sort)
        == ["data0", "pim-fpga/fpga-1", "port2", "smb-fpga/fpga-1"]
        and (.subjects[0].findings | length) == 0'
    check "over $way: it was measured twice" holds first-$way 'any(.subjects[0].notes[]; test("measured twice"))'
done
check "both ways tell the same bytes" sh -c "
    for way in serial network; do
        jq -S '.subjects[0].components' '$work/first-'\$way.json > '$work/rows-'\$way
    done
    cmp '$work/rows-serial' '$work/rows-network'"

check "the second is released, and Linux comes up" says good '^sekisho: released; the system starts'
check "with a kernel that is not ours" says good '^init: Linux [1-9][0-9.]*-.*-armmp on armv7l'
check "it is ACCEPTed" holds second-network '.outcome == "ACCEPT" and .exit == 0
    and (.subjects[0] | .device.enrolled and .assurance == "service" and (.findings | length) == 0)'
check "with both bit streams approved" holds second-network "$(row smb-fpga/fpga-1 approved SIG-001)
    and $(row pim-fpga/fpga-1 approved SIG-001)"
check "what runs is what was measured: the kernel" holds second-network "any(.subjects[0].components[];
    .name == \"fit/kernel-1\" and .digests.sha256 == \"$(sha256sum < build/system/vmlinuz | cut -c1-64)\")"
check "beside it stands what its gate saw" holds second-network '.subjects[0] | .gate.assurance == "gate"
    and (.gate.components | length) == 22
    and ([.gate.components[] | [.name, .verdict]] | sort) == ([.components[] | [.name, .verdict]] | sort)'
check "no process is left" no_process
finish
