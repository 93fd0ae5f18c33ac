#!/usr/bin/env python3
"""Manifests as a vendor makes them: corim.py corim|coswid|sign ... >FILE

corim NAME=FILE...       unsigned CoRIM (tag 501): a CoMID with the files' digests, and a CoSWID
coswid NAME=FILE...      CoSWID (RFC 9393): the files, the last one in a directory
sign KEY.pem FILE        COSE_Sign1 (ES256) around a manifest; openssl makes the signature
Environment NOT_AFTER: seconds since 1970, the end of a CoRIM's validity."""
import hashlib
import os
import subprocess
import sys


def head(major, value):
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << 8 * width:
            return bytes([major << 5 | info]) + value.to_bytes(width, "big")
    raise ValueError(value)


class Tag:
    def __init__(self, number, item):
        self.number, self.item = number, item


def cbor(item):
    if isinstance(item, Tag):
        return head(6, item.number) + cbor(item.item)
    if isinstance(item, int):
        return head(0, item) if item >= 0 else head(1, -1 - item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    if isinstance(item, list):
        return head(4, len(item)) + b"".join(map(cbor, item))
    return head(5, len(item)) + b"".join(cbor(k) + cbor(v) for k, v in item.items())


def files(args):
    for arg in args:
        name, path = arg.split("=", 1)
        with open(path, "rb") as data:
            yield name, data.read()


def comid(args):
    measurements = [{0: "slot", 1: {0: {0: "4.2"}, 11: name,
                                    2: [[7, hashlib.sha384(data).digest()],
                                        [1, hashlib.sha256(data).digest()]]}}
                    for name, data in files(args)]
    model = {0: {1: "Example Networks", 2: "EX-1"}}
    return {1: {0: "example.net/ex-1"}, 4: {0: [[model, measurements]]}}


def coswid(args):
    entries = [{24: name, 20: len(data), 7: [1, hashlib.sha256(data).digest()]}
               for name, data in files(args)]
    payload = {17: entries[:-1]} if len(entries) > 1 else {}
    payload[16] = {24: "boot", 26: {17: entries[-1]}}
    return {0: "example.net/os", 12: 0, 1: "Example OS", 13: "4.2.1",
            2: {31: "Example Networks", 33: [1, 2]}, 6: payload}


def corim(args):
    tags = [Tag(506, cbor(comid(args))), Tag(505, cbor(coswid(args)))]
    whole = {0: "example.net/2026-11", 1: tags}
    if "NOT_AFTER" in os.environ:
        whole[4] = {1: Tag(1, int(os.environ["NOT_AFTER"]))}
    return Tag(501, whole)


def sign(key, path):
    protected = cbor({1: -7, 3: "application/rim+cbor"})
    with open(path, "rb") as data:
        payload = data.read()
    signed = cbor(["Signature1", protected, b"", payload])
    der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=signed,
                         capture_output=True, check=True).stdout
    rest, numbers = der[2:], b""
    for _ in range(2):
        length = rest[1]
        numbers += int.from_bytes(rest[2 : 2 + length], "big").to_bytes(32, "big")
        rest = rest[2 + length :]
    return Tag(18, [protected, {}, payload, numbers])


what = {"corim": lambda args: corim(args), "coswid": lambda args: coswid(args),
        "sign": lambda args: sign(*args)}[sys.argv[1]]
sys.stdout.buffer.write(cbor(what(sys.argv[2:])))
