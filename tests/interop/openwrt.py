#!/usr/bin/env python3
"""OpenWrt's firmware around a file: openwrt.py ROOT BUILDER FILE OUT. ROOT and BUILDER are keys of
signify (ROOT.sec, ROOT.pub, ...): ROOT certifies BUILDER, who signs. Written from the layouts of
fwtool and ucert, not with their code."""
import pathlib
import struct
import subprocess
import sys
import tempfile
import time
import zlib


def signature(key, message):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "message")
        path.write_bytes(message)
        subprocess.run(["signify-openbsd", "-S", "-s", f"{key}.sec", "-m", path, "-x",
                        f"{path}.sig"], check=True)
        return pathlib.Path(f"{path}.sig").read_bytes()


def attribute(number, content):
    blob = struct.pack(">I", number << 24 | len(content) + 4) + content
    return blob + bytes(-len(blob) % 4)


def named(kind, name, content):
    head = struct.pack(">H", len(name)) + name.encode() + b"\0"
    return attribute(0x80 | kind, head + bytes(-len(head) % 4) + content)


def certificate(root, builder):
    now = int(time.time())
    public = pathlib.Path(f"{builder}.pub").read_bytes() + b"\0"
    payload = named(2, "ucert", named(5, "certtype", struct.pack(">I", 1))
                    + named(4, "validfrom", struct.pack(">Q", now))
                    + named(4, "expiresat", struct.pack(">Q", now + 365 * 86400))
                    + named(3, "pubkey", public))
    return attribute(0, attribute(0, signature(root, payload)) + attribute(1, payload))


def chunk(ahead, kind, content):
    crc = ~zlib.crc32(ahead + content) & 0xffffffff
    return ahead + content + struct.pack(">4sIB3xI", b"FWx0", crc, kind, len(content) + 16)


def main(root, builder, source, target):
    firmware = chunk(pathlib.Path(source).read_bytes(), 1,
                     bytes(8) + b'{"supported_devices":["maker,ap"],"version":{"version":"24.10"}}')
    chain = certificate(root, builder) + attribute(0, attribute(0, signature(builder, firmware)))
    pathlib.Path(target).write_bytes(chunk(firmware, 0, chain))


main(*sys.argv[1:])
