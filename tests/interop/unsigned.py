#!/usr/bin/env python3
"""Lists the bytes of a signed file that nothing covers and that no reader has to refuse, as lines
"OFFSET COUNT": unsigned.py FORMAT FILE. Written from the formats' specifications; it shares nothing
with firmware/image and trusts its input.

What is not listed is signed, or a reader that is strict must refuse another value of it: lengths,
names, magics, checksums, keys, certificates and signatures.
"""
import base64
import struct
import sys


def der(data, at):
    """Tag, begin of the contents, end."""
    tag, first, at = data[at], data[at + 1], at + 2
    if first < 0x80:
        return tag, at, at + first
    size = int.from_bytes(data[at:at + (first & 0x7F)], "big")
    at += first & 0x7F
    return tag, at, at + size


def parts(data, begin, end):
    """The elements of a constructed one: (tag, where it begins, begin of its contents, end)."""
    while begin < end:
        tag, contents, after = der(data, begin)
        yield tag, begin, contents, after
        begin = after


def cms(data, at):
    """Versions and the list of digest algorithms of a SignedData (RFC 5652, 5.1 and 5.3)."""
    _, begin, end = der(data, at)
    _, _, begin, end = list(parts(data, begin, end))[1]  # [0] content
    _, begin, end = der(data, begin)
    fields = list(parts(data, begin, end))
    yield fields[0][2], fields[0][3]  # version
    yield fields[1][2], fields[1][3]  # digestAlgorithms
    for _, _, info, info_end in parts(data, fields[-1][2], fields[-1][3]):
        _, _, begin, end = next(parts(data, info, info_end))
        yield begin, end  # version of a signer


def nothing(_):
    return iter(())


def in_pem(data):
    """Characters of which a bit is of such a byte."""
    begin = data.index(b"-----BEGIN CMS-----\n") + 20
    text = data[begin:data.index(b"-----END")]
    raw = base64.b64decode(text)
    free = set()
    for start, end in cms(raw, 0):
        free.update(range(8 * start, 8 * end))
    bit = 0
    for at, char in enumerate(text):
        if char in b"\n=":
            continue
        if any(b in free for b in range(bit, bit + 6)):
            yield begin + at, begin + at + 1
        bit += 6


def tar(data):
    """The first digit of a header's checksum: a zero or a space."""
    at = 0
    while data[at]:
        yield at + 148, at + 149
        at += 512 + (int(data[at + 124:at + 135], 8) + 511) // 512 * 512


def rauc(data):
    size = struct.unpack(">Q", data[-8:])[0]
    return cms(data, len(data) - 8 - size)


def swu(data):
    """All of a header but its magic, its sizes of file and name (of whose digits the case counts for
    nothing); and a CMS."""
    at = 0
    while True:
        size = int(data[at + 54:at + 62], 16)
        name_size = int(data[at + 94:at + 102], 16)
        name = data[at + 110:at + 109 + name_size]
        yield at + 6, at + 54
        yield at + 62, at + 94
        yield at + 102, at + 110
        for digit in [*range(at + 54, at + 62), *range(at + 94, at + 102)]:
            if data[digit] > ord("9"):
                yield digit, digit + 1
        content = (at + 110 + name_size + 3) & ~3
        if name == b"sw-description.sig" and data[content] == 0x30:
            yield from cms(data, content)
        if name == b"TRAILER!!!":
            yield at + 54, at + 62  # it has no contents
            return
        at = (content + size + 3) & ~3


def pe(data):
    optional = struct.unpack("<I", data[0x3C:0x40])[0] + 24
    table = struct.unpack("<I", data[optional + 144:optional + 148])[0]
    yield optional + 64, optional + 68  # CheckSum
    yield from cms(data, table + 8)


FORMATS = {"mcuboot": nothing, "spl": nothing, "openbmc": tar, "swi": nothing,
           "openwrt": nothing, "sharch": in_pem, "rauc-plain": rauc, "rauc-verity": rauc,
           "swu": swu, "pe": pe}


def main():
    with open(sys.argv[2], "rb") as file:
        data = file.read()
    for begin, end in FORMATS[sys.argv[1]](data):
        print(begin, end - begin)


main()
