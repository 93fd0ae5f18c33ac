#!/bin/sh
# Refuses an authority's key that real devices must not trust: none, or one that is made for the demo
# or for tests.
#
# usage: boards/setup/release.sh AUTHORITY.pem
set -eu

refuse()
{
    echo "release: $1" >&2
    exit 1
}
[ -n "${1:-}" ] || refuse "AUTHORITY=FILE is needed: the public key (PEM) of who signs your trust stores"
[ -r "$1" ] || refuse "$1: cannot be read"
id=$(openssl pkey -pubin -in "$1" -outform DER 2>/dev/null | sha256sum) || true
[ "$id" != "$(printf '' | sha256sum)" ] || refuse "$1: is no public key in PEM"
for known in build/keys/*/*.spki.der; do
    [ ! -e "$known" ] || [ "$(sha256sum <"$known")" != "$id" ] ||
        refuse "$1: is a key of the demo or of the tests ($known), which everybody can make or read"
done
