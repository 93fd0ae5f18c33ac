#!/bin/sh
# Races between processes and rows of their figures, for the scripts beside this one. What is measured
# goes to build/measure; its file `words` collects which goals were met.
set -eu

data=$PWD/build/measure

race() # rounds; contenders on standard input
{
    rounds=$1
    [ -z "${QUICK:-}" ] || rounds=$(((rounds + 3) / 4))
    "$data/race" "$rounds" >>"$data/times"
}

field() # name, number: seconds (2) or KiB (3) of a contender
{
    awk -v name="$1" -v number="$2" '$1 == name {print $number}' "$data/times"
}

row() # text, value, goal ("" for none), format of both
{
    word=$(awk -v value="$2" -v goal="$3" 'BEGIN {print goal == "" ? "-" : value <= goal ? "met" : "MISSED"}')
    echo "$word" >>"$data/words"
    # shellcheck disable=SC2059 # a format on purpose
    printf "  %-58s $4  %-9s %s\n" "$1" "$2" "${3:+<= $3}" "$word"
}

ratio() # text, contender, yardstick, goal
{
    row "$1" "$(awk -v a="$(field "$2" 2)" -v b="$(field "$3" 2)" 'BEGIN {printf "%.3f", a / b}')" \
        "$4" %9s
}

copies() # FOLDER COUNT FILE
{
    mkdir -p "$1"
    for n in $(seq "$2"); do
        cp "$3" "$1/$n.itb"
    done
}

# The authority signs with RSA-3072: it is verified at every start, everywhere, and RSA is the kind
# of signature that costs a verifier least. The store of the demo (ECDSA P-256) is measured beside.
authority()
{
    [ -e "$data/authority.pub.pem" ] && return
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out "$data/authority.key" 2>/dev/null
    openssl pkey -in "$data/authority.key" -pubout -out "$data/authority.pub.pem"
}

begin() # makes what every race needs
{
    mkdir -p "$data"
    : >"$data/times"
    authority
    "${HOSTCC:-cc}" -std=c11 -Wall -Wextra -Werror -O1 -static -o "$data/race" tests/bench/race.c
}
