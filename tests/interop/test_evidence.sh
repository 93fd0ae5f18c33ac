#!/bin/sh
# Evidence before the eyes of others: @auth0/cose must verify it, cbor2 must find its encoding
# deterministic in every layer, and openssl must take request and certificate. Packages come from
# the npm registry into build/npm; where it cannot be reached the tests of them are skipped.
set -eu
cd "$(dirname "$0")/../.."
. tests/suite.sh

data=build/test/data/peer
peers=build/npm

make --no-print-directory BOARD=test build/test/unit/test_token build/test/unit/test_identity >/dev/null
build/test/unit/test_token >/dev/null 2>&1
build/test/unit/test_identity >/dev/null 2>&1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---- openssl: what enrolment made ----------------------------------------------------------------

if command -v openssl >/dev/null; then
    check "openssl verifies the request's own signature" \
        openssl req -inform DER -in "$data/request.der" -noout -verify
    openssl x509 -inform DER -in "$data/authority.der" -out "$work/authority.pem"
    openssl x509 -inform DER -in "$data/certificate.der" -out "$work/certificate.pem"
    check "openssl verifies the certificate under the authority" \
        openssl verify -purpose any -CAfile "$work/authority.pem" "$work/certificate.pem"
    check "openssl reads the serial number" \
        sh -c "openssl x509 -in '$work/certificate.pem' -noout -subject | grep -q 'serialNumber = FJ2026-000117'"
    check "openssl reads the key usage and the UEID" \
        sh -c "openssl x509 -in '$work/certificate.pem' -noout -text | grep -q -A1 '1.3.6.1.4.1.32473.1.2' &&
               openssl x509 -in '$work/certificate.pem' -noout -text | grep -q '1.3.6.1.4.1.32473.1.1'"
else
    echo "  SKIP  openssl is not installed"
fi

# ---- npm: @auth0/cose and cbor2 ------------------------------------------------------------------

if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    echo "  SKIP  @auth0/cose, cbor2: node or npm is not installed"
    finish
    exit
fi
if [ ! -d "$peers/node_modules/@auth0/cose" ] || [ ! -d "$peers/node_modules/cbor2" ]; then
    mkdir -p "$peers"
    if ! timeout 120 npm install --prefix "$peers" --no-audit --no-fund --ignore-scripts \
        @auth0/cose@1.0.2 cbor2@2.3.0 >"$work/npm" 2>&1; then
        echo "  SKIP  @auth0/cose, cbor2: npm cannot fetch them: $(grep -i -m1 'error' "$work/npm" || tail -n 1 "$work/npm")"
        finish
        exit
    fi
fi

cat >"$peers/verify.mjs" <<'JS'
import fs from 'node:fs';
import crypto from 'node:crypto';
import { Sign1 } from '@auth0/cose';

const [file, keyFile] = process.argv.slice(2);
const token = fs.readFileSync(file);
const key = crypto.createPublicKey({ key: fs.readFileSync(keyFile), format: 'der', type: 'spki' });
await Sign1.decode(token).verify(key);
const id = crypto.createHash('sha256').update(fs.readFileSync(keyFile)).digest();
let refused = 0;
for (let i = 0; i < token.length; i++) { /* one bit of each byte */
    const bad = Buffer.from(token);
    bad[i] ^= 1 << i % 8;
    try {
        await Sign1.decode(bad).verify(key);
    } catch {
        refused++;
    }
}
if (refused !== token.length || !token.includes(id.subarray(0, 8)))
    throw new Error(`${token.length - refused} changed tokens verified`);
JS
cat >"$peers/strict.mjs" <<'JS'
import fs from 'node:fs';
import { decode, encode, cdeDecodeOptions, cdeEncodeOptions, Tag } from 'cbor2';

/* Decodes strictly and writes again: the bytes must be the same. */
function layer(bytes) {
    const value = decode(new Uint8Array(bytes), cdeDecodeOptions); /* no Buffer: it is written as JSON */
    const again = Buffer.from(encode(value, cdeEncodeOptions));
    if (!again.equals(Buffer.from(bytes)))
        throw new Error('not what cbor2 writes');
    return value;
}
const get = (map, key) => map instanceof Map ? map.get(key) : map[key];
const entries = (map) => map instanceof Map ? [...map.entries()] : Object.entries(map);

const token = layer(fs.readFileSync(process.argv[2]));
if (!(token instanceof Tag) || Number(token.tag) !== 18 || token.contents.length !== 4)
    throw new Error('not a COSE_Sign1');
layer(token.contents[0]);
const claims = layer(token.contents[2]);
let images = 0;
for (const [, component] of entries(get(claims, 266) ?? new Map())) {
    for (const [format, bytes] of get(component, 273) ?? []) {
        if (Number(format) !== 295)
            throw new Error('another content format');
        layer(bytes);
        images++;
    }
    for (const bytes of get(component, -82022) ?? [])
        layer(bytes);
}
if (get(claims, 265).includes('evidence') && images !== 8)
    throw new Error(`${images} images`);
JS
for token in evidence summary; do
    check "@auth0/cose verifies $token and no changed byte of it" \
        node "$peers/verify.mjs" "$data/$token.cbor" "$data/key.der"
    check "cbor2 finds every layer of $token deterministic" \
        node "$peers/strict.mjs" "$data/$token.cbor"
done
finish
