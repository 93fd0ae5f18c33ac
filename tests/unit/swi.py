#!/usr/bin/env python3
"""Writes a SWI signed as Arista's swi-tools sign: swi.py OUT CERT KEY [change...]

A change is NAME=VALUE: hash, version, padding, key (other field name), twice=1 (two signatures),
compressed=1, comment=1, unsigned=1, plain=1 (no member "version"), names=1 (two names).
"""
import base64
import hashlib
import struct
import subprocess
import sys
import zipfile
import zlib

SIZE = 4096


def crc_suffix(data, target):
    """Four bytes that give data this CRC-32."""
    table = []
    for n in range(256):
        c = n
        for _ in range(8):
            c = c >> 1 ^ (0xEDB88320 if c & 1 else 0)
        table.append(c)
    want = target ^ 0xFFFFFFFF
    for _ in range(4):
        t = next(i for i in range(256) if table[i] >> 24 == want >> 24)
        want = (want ^ table[t]) << 8 & 0xFFFFFFFF | t
    return struct.pack("<I", want ^ zlib.crc32(data) ^ 0xFFFFFFFF)


def sign(digest, key):
    command = ["openssl", "pkeyutl", "-sign", "-inkey", key, "-pkeyopt", "digest:sha256"]
    return subprocess.run(command, input=digest, capture_output=True, check=True).stdout


def main():
    out, cert, key = sys.argv[1:4]
    change = dict(word.split("=", 1) for word in sys.argv[4:])
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as swi:
        if "plain" not in change:
            swi.writestr("version", "SWI_VERSION=4.32.0F\n")
        swi.writestr("rootfs-i386.sqsh", b"hsqs" + bytes(range(256)) * 4)
        if "unsigned" not in change:
            method = zipfile.ZIP_DEFLATED if "compressed" in change else zipfile.ZIP_STORED
            swi.writestr("swi-signature", bytes(SIZE), method)
        if "twice" in change:
            swi.writestr("swix-signature", bytes(SIZE))
        swi.writestr("boot0", b"echo boot\n" * 20)
        if "comment" in change:
            swi.comment = b"x"
    if "unsigned" in change or "compressed" in change:
        return
    data = bytearray(open(out, "rb").read())
    at = data.index(b"swi-signature") + len("swi-signature")
    assert data[at:at + SIZE] == bytes(SIZE)
    signature = base64.b64encode(sign(hashlib.sha256(data).digest(), key))
    pem = open(cert, "rb").read()
    text = b"HashAlgorithm:" + change.get("hash", "SHA-256").encode() + b"\n"
    text += change.get("key", "IssuerCert").encode() + b":"
    text += base64.b64encode(pem[pem.index(b"-----BEGIN"):].strip()) + b"\n"
    text += b"Signature:" + signature + b"\nVersion:" + change.get("version", "1").encode() + b"\n"
    text += b"Padding:"
    text += change.get("padding", "*").encode() * (SIZE - len(text) - len("\nCRCPadding:") - 4)
    text += b"\nCRCPadding:"
    text += crc_suffix(text, zlib.crc32(bytes(SIZE)))
    assert len(text) == SIZE and zlib.crc32(text) == zlib.crc32(bytes(SIZE))
    data[at:at + SIZE] = text
    if "names" in change:
        data[at - len("swi-signature"):at] = b"swi-sigNature"
    open(out, "wb").write(data)


main()
