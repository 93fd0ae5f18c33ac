#!/bin/sh
# Our CoAP against others': libcoap's client and server, npm's client. Bounded in time; loopback only.
# CC and CFLAGS as usual; SEKISHO_NPM: a folder with node_modules (default build/npm).
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

build=build/interop
npm=${SEKISHO_NPM:-build/npm}
mkdir -p "$build"
work=$(mktemp -d)
pids=
tidy()
{
    for started in $pids; do kill "$started" 2>/dev/null || :; done
    rm -rf "$work"
}
trap tidy EXIT

compile()
{
    # shellcheck disable=SC2086
    ${CC:-cc} ${CFLAGS:--O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all} -std=c11 -Wall -Wextra -Ifirmware -I. \
        -o "$build/$1" "tests/interop/$1.c" firmware/channel/*.c firmware/base/*.c
}
skip() # why
{
    echo "  SKIP  $1"
}
# free_port: a UDP port that nobody holds; tried from one that differs per run
free_port()
{
    port=$((20000 + $$ % 20000))
    while ss -lun 2>/dev/null | grep -q ":$port "; do port=$((port + 1)); done
    echo "$port"
}
serve() # starts our server afresh: every test meets one that knows nobody
{
    "$build/coap_server" "$port" 60 >"$work/ready" &
    server=$!
    pids="$pids $server"
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        grep -q ready "$work/ready" && return 0
        sleep 0.1
    done
    return 1
}
unserve()
{
    kill "$server"
    wait "$server" 2>/dev/null || :
}
evidence_is_good() # FILE: 1,736 bytes that begin with the nonce
{
    [ "$(wc -c <"$1")" -eq 1736 ] || return 1
    tail -c 32 "$work/challenge" >"$work/nonce"
    head -c 32 "$1" | cmp - "$work/nonce"
}

compile coap_server
compile coap_client
port=$(free_port)
printf '\241\012\130\040abcdefghijklmnopqrstuvwxyz012345' >"$work/challenge"
head -c 1500 /dev/urandom >"$work/cert"
head -c 20000 /dev/urandom >"$work/store"

client=$(command -v coap-client-notls || :)
libcoap_get()
{
    timeout 20 "$client" -m get -B 10 -o "$work/out" "coap://127.0.0.1:$port/$1" &&
        [ "$(wc -c <"$work/out")" -eq "$2" ]
}
libcoap_list()
{
    timeout 20 "$client" -m get -B 10 "coap://127.0.0.1:$port/.well-known/core" 2>&1 |
        grep -q '</sekisho/info>;ct=60,</sekisho/attest>;ct=263'
}
libcoap_echo()
{
    timeout 20 "$client" -v 7 -m get -B 10 "coap://127.0.0.1:$port/sekisho/info" >"$work/trace" 2>&1
    grep -q 'c:4.01.*252\|c:4.01.*Echo' "$work/trace" && grep -q 'c:2.05' "$work/trace"
}
libcoap_fetch() # method, block size
{
    rm -f "$work/out"
    timeout 20 "$client" -m "$1" -b "$2" -B 10 -t 60 -A 263 -f "$work/challenge" -o "$work/out" \
        "coap://127.0.0.1:$port/sekisho/attest" && evidence_is_good "$work/out"
}
libcoap_lossy()
{
    rm -f "$work/out"
    timeout 60 "$client" -m fetch -b 256 -B 50 -l 2,4 -t 60 -A 263 -f "$work/challenge" \
        -o "$work/out" "coap://127.0.0.1:$port/sekisho/attest" && evidence_is_good "$work/out"
}
libcoap_put() # block size
{
    timeout 20 "$client" -m put -b "$1" -B 10 -f "$work/cert" \
        "coap://127.0.0.1:$port/sekisho/cert" &&
        timeout 20 "$client" -m get -b "$1" -B 10 -o "$work/out" \
            "coap://127.0.0.1:$port/sekisho/cert" && cmp "$work/out" "$work/cert"
}
libcoap_store()
{
    timeout 20 "$client" -m put -b 512 -B 10 -f "$work/store" \
        "coap://127.0.0.1:$port/sekisho/store" &&
        timeout 20 "$client" -m get -B 10 -o "$work/out" \
            "coap://127.0.0.1:$port/sekisho/store" &&
        [ "$(od -An -tu1 "$work/out" | tr -d ' ')" -eq $((20000 % 256)) ]
}
libcoap_refused()
{
    timeout 20 "$client" -m get -B 10 "coap://127.0.0.1:$port/sekisho/none" 2>&1 | grep -q 4.04
}
if [ -n "$client" ]; then
    serve
    check "libcoap reads info" libcoap_get sekisho/info 150
    check "libcoap lists the resources" libcoap_list
    check "libcoap answers our Echo" libcoap_echo
    check "libcoap is told 4.04" libcoap_refused
    for size in 64 128 512 1024; do
        sleep 1.1 # one signature per second
        check "libcoap FETCHes evidence in blocks of $size" libcoap_fetch fetch "$size"
    done
    sleep 1.1
    check "libcoap POSTs for evidence" libcoap_fetch post 256
    check "libcoap PUTs and GETs a certificate in blocks of 64" libcoap_put 64
    check "libcoap PUTs and GETs a certificate in blocks of 1024" libcoap_put 1024
    check "libcoap PUTs a store of 20,000 bytes" libcoap_store
    sleep 1.1
    check "libcoap FETCHes evidence over a link that loses" libcoap_lossy
    unserve
else
    skip "libcoap's client: no coap-client-notls here (Debian: libcoap3-bin)"
fi

foreign=$(command -v coap-server-notls || :)
ours() # method, path, szx, file or nothing
{
    timeout 30 "$build/coap_client" "$port" "$@" >"$work/out"
}
ours_put_get()
{
    ours put example_data "$1" "$work/cert" && ours get example_data "$1" &&
        cmp "$work/out" "$work/cert"
}
if [ -n "$foreign" ]; then
    "$foreign" -A 127.0.0.1 -p "$port" -d 10 >"$work/foreign" 2>&1 &
    pids="$pids $!"
    sleep 0.5
    check "our client lists what libcoap serves" ours get .well-known/core 2
    check "our client PUTs and GETs at libcoap in blocks of 64" ours_put_get 2
    check "our client PUTs and GETs at libcoap in blocks of 1024" ours_put_get 6
    kill "$!"
    wait "$!" 2>/dev/null || :
else
    skip "libcoap's server: no coap-server-notls here (Debian: libcoap3-bin)"
fi

npm_run() # operation, file or nothing
{
    NODE_PATH=$npm/node_modules timeout 30 node tests/interop/coap_client.js "$port" "$@" >"$work/out"
}
npm_info() { npm_run info && [ "$(wc -c <"$work/out")" -eq 150 ]; }
npm_attest() { npm_run "$1" "$work/challenge" && evidence_is_good "$work/out"; }
npm_cert() { npm_run put "$work/cert" && npm_run get && cmp "$work/out" "$work/cert"; }
case $npm in /*) ;; *) npm=$(pwd)/$npm ;; esac
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    skip "npm's coap: no node or npm here"
elif ! [ -d "$npm/node_modules/coap" ] && ! {
    mkdir -p "$npm"
    timeout 120 npm install --no-audit --no-fund --prefix "$npm" coap@1.5.0 >"$work/npm" 2>&1
}; then
    skip "npm's coap cannot be had: $(tail -n 1 "$work/npm")"
else
    serve
    check "npm's coap reads info" npm_info
    check "npm's coap FETCHes evidence" npm_attest attest
    sleep 1.1
    check "npm's coap POSTs for evidence" npm_attest post
    check "npm's coap PUTs and GETs a certificate" npm_cert
    unserve
fi

finish
