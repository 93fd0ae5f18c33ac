#!/usr/bin/env python3
"""A FIT read and signed from its description alone, without any code of ours: the other opinion.

usage: fit.py regions FILE CONF          what the configuration's signature covers: offset, length
       fit.py uncovered FILE CONF        bytes that nothing covers and that may change: offset, length, why
       fit.py sign FILE OUT CONF KEY HASH   signs the configuration anew with openssl, with any key
       fit.py resign FILE CONF KEY HASH   the same in place, for files too large to copy
       fit.py grow FILE OUT IMAGE SIZE   makes an external image's payload SIZE bytes (zeros behind)
"""
import hashlib
import struct
import subprocess
import sys
import tempfile

BEGIN, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9
PAYLOAD = {b"data", b"data-size", b"data-position", b"data-offset"}
# Properties of a signature that only people read, or that no key is chosen by.
INFORMATIVE = {b"signer-name", b"signer-version", b"timestamp", b"comment", b"sign-images", b"key-name-hint"}


class Token:
    def __init__(self, tag, path, at, end, name=None, value=None, name_at=0):
        self.tag, self.path, self.at, self.end = tag, path, at, end
        self.name, self.value, self.name_at = name, value, name_at


class Fit:
    def __init__(self, data):
        self.data = data
        (self.magic, self.total, self.struct, self.strings, self.reserve, _, _, _, self.strings_len,
         self.struct_len) = struct.unpack(">10I", data[:40])
        self.tokens = list(self.walk())

    def name_of(self, offset):
        at = self.strings + offset
        return self.data[at:self.data.index(b"\0", at)]

    def walk(self):
        at, path = self.struct, []
        while True:
            tag = struct.unpack(">I", self.data[at:at + 4])[0]
            start, at = at, at + 4
            where = "/" + "/".join(path[1:])
            if tag == BEGIN:
                end = self.data.index(b"\0", at)
                path.append(self.data[at:end].decode())
                at = end + 1 + -(end + 1) % 4
                yield Token(tag, "/" + "/".join(path[1:]), start, at)
            elif tag == END_NODE:
                path.pop()
                yield Token(tag, where, start, at)
            elif tag == PROP:
                size, name_at = struct.unpack(">II", self.data[at:at + 8])
                at += 8 + size
                value = self.data[at - size:at]
                at += -at % 4
                yield Token(tag, where, start, at, self.name_of(name_at), value, name_at)
            else:
                yield Token(tag, where, start, at)
                if tag == END:
                    return

    def property(self, path, name):
        for t in self.tokens:
            if t.tag == PROP and t.path == path and t.name == name:
                return t
        return None

    def nodes(self, parent):
        prefix = parent.rstrip("/") + "/"
        return [t.path for t in self.tokens if t.tag == BEGIN and t.path.startswith(prefix)
                and "/" not in t.path[len(prefix):]]

    def signed_paths(self, conf):
        """The nodes that have to be covered, whatever the image itself says of it."""
        paths = {"/", conf}
        for t in self.tokens:
            if t.tag != PROP or t.path != conf or t.name in (b"description", b"compatible", b"default"):
                continue
            if not t.value or t.value[-1]:
                continue
            for word in t.value[:-1].split(b"\0"):
                image = "/images/" + word.decode("latin-1")
                if word and image in self.nodes("/images"):
                    paths.add(image)
                    paths |= {n for n in self.nodes(image) if n.rsplit("/", 1)[1].startswith("hash")
                              or n.rsplit("/", 1)[1] in ("cipher", "dm-verity")}
        return paths

    def signed_tokens(self, conf):
        paths, want, stack = self.signed_paths(conf), 0, []
        for t in self.tokens:
            if t.tag == BEGIN:
                stack.append(want)
                want = 2 if t.path in paths else max(want - 1, 0)
                include = want > 0
            elif t.tag == END_NODE:
                include, want = want > 0, stack.pop()
            elif t.tag == PROP:
                include = want == 2 and t.name not in PAYLOAD
            else:
                include = t.tag == END or want == 2
            if include:
                yield t

    def signed_strings(self, signature):
        return struct.unpack(">II", self.property(signature, b"hashed-strings").value)[1]

    def regions(self, conf, strings_len):
        merged = []
        for at, size in [(t.at, t.end - t.at) for t in self.signed_tokens(conf)] + [(self.strings, strings_len)]:
            if merged and sum(merged[-1]) == at and at != self.strings:
                merged[-1] = (merged[-1][0], merged[-1][1] + size)
            else:
                merged.append((at, size))
        return merged

    def payloads(self):
        """(image, offset, length) of every payload."""
        for image in self.nodes("/images"):
            data = self.property(image, b"data")
            if data:
                yield image, data.end - len(data.value) - -len(data.value) % 4, len(data.value)
                continue
            number = {n: struct.unpack(">I", self.property(image, n).value)[0]
                      for n in PAYLOAD if self.property(image, n)}
            start = number.get(b"data-position", self.total + -self.total % 4 + number.get(b"data-offset", 0))
            yield image, start, number[b"data-size"]


def signature_of(fit, conf):
    return next(n for n in fit.nodes(conf) if n.rsplit("/", 1)[1].startswith("signature"))


def uncovered(fit, conf):
    """What no signature and no hash reaches, and what no reader has to refuse when it changes."""
    signature = signature_of(fit, conf)
    covered = set()
    for at, size in fit.regions(conf, fit.signed_strings(signature)):
        covered.update(range(at, at + size))
    for _, at, size in fit.payloads():
        covered.update(range(at, at + size))
    why = {}
    for at in range(fit.total, len(fit.data)):
        why[at] = "behind the tree, in no payload"
    for at in range(4, 8):
        why[at] = "totalsize"
    for at in range(28, 32):
        why[at] = "boot processor"
    for at in range(32, 36):
        why[at] = "length of the strings"
    for at in range(40, fit.struct):
        why[at] = "memory reserve map"
    for at in range(fit.struct + fit.struct_len, fit.strings):
        why[at] = "between the blocks"
    for at in range(fit.strings + fit.strings_len, fit.total):
        why[at] = "slack"
    used = set()
    for t in fit.tokens:
        if t.tag != PROP:
            continue
        used.update(range(t.name_at, t.name_at + len(t.name) + 1))
        value = t.at + 12
        for at in range(value + len(t.value), t.end):
            why[at] = "padding"
        if t.path == "/configurations" or (t.path == signature and t.name in INFORMATIVE):
            for at in range(t.at + 4, t.end):
                why[at] = "/".join((t.path, t.name.decode()))
    for at in range(fit.strings_len):
        if at not in used:
            why[fit.strings + at] = "unused string"
    return {at: text for at, text in why.items() if at not in covered}


def ranges(why):
    out = []
    for at in sorted(why):
        if out and out[-1][0] + out[-1][1] == at and out[-1][2] == why[at]:
            out[-1][1] += 1
        else:
            out.append([at, 1, why[at]])
    return out


def der_pair(der, size):
    """r and s of a DER signature, each as size bytes."""
    def integer(at):
        length = der[at + 1]
        return int.from_bytes(der[at + 2:at + 2 + length], "big"), at + 2 + length

    at = 2 if der[1] < 0x80 else 3
    r, at = integer(at)
    s, at = integer(at)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def openssl_sign(key, digest_name, message):
    with tempfile.NamedTemporaryFile() as data:
        data.write(message)
        data.flush()
        return subprocess.run(["openssl", "dgst", "-" + digest_name, "-sign", key, data.name],
                              stdout=subprocess.PIPE, check=True).stdout


def key_kind(key):
    text = subprocess.run(["openssl", "pkey", "-in", key, "-noout", "-text"], stdout=subprocess.PIPE,
                          check=True).stdout.decode()
    bits = int(text.split("(")[1].split()[0])
    return ("ecdsa" if "ASN1 OID" in text else "rsa"), bits


def rewritten(fit, changes):
    """The file with other values of properties: {(path, name): value}; payloads stay behind."""
    block = b""
    for t in fit.tokens:
        value = changes.get((t.path, t.name)) if t.tag == PROP else None
        if value is None:
            block += fit.data[t.at:t.end]
        else:
            block += struct.pack(">III", PROP, len(value), t.name_at) + value + bytes(-len(value) % 4)
    strings = fit.data[fit.strings:fit.strings + fit.strings_len]
    head = fit.data[:fit.struct]
    total = len(head) + len(block) + len(strings)
    total += -total % 8
    head = bytearray(head)
    struct.pack_into(">II", head, 4, total, fit.struct)
    struct.pack_into(">I", head, 12, len(head) + len(block))
    struct.pack_into(">I", head, 36, len(block))
    tree = bytes(head) + block + strings
    behind = fit.total + -fit.total % 4
    return tree + bytes(total - len(tree)) + fit.data[behind:]


def sign(fit, conf, key, digest_name):
    signature = signature_of(fit, conf)
    scheme, bits = key_kind(key)
    size = bits // 8
    # The algorithm's name and the value's length come first: neither is signed.
    fit = Fit(rewritten(fit, {(signature, b"algo"): ("%s,%s%d" % (digest_name, scheme, bits)).encode() + b"\0",
                              (signature, b"value"): bytes(size if scheme == "rsa" else 2 * size)}))
    message = b"".join(fit.data[at:at + n] for at, n in fit.regions(conf, fit.signed_strings(signature)))
    value = openssl_sign(key, digest_name, message)
    if scheme == "ecdsa":
        value = der_pair(value, size)
    return rewritten(fit, {(signature, b"value"): value})


def hash_of_file(path, start, size, name):
    digest = hashlib.new(name)
    with open(path, "rb") as data:
        data.seek(start)
        while size > 0:
            chunk = data.read(min(size, 1 << 20))
            digest.update(chunk)
            size -= len(chunk)
    return digest.digest()


def grow(fit, out, image, size):
    """The last external payload, made longer; the file is sparse. Its hashes are right, no signature is."""
    path = "/images/" + image
    start = next(at for node, at, _ in fit.payloads() if node == path)
    with open(out, "wb") as file:
        file.write(fit.data)
        file.truncate(start + size)
    changes = {(path, b"data-size"): struct.pack(">I", size)}
    for node in fit.nodes(path):
        name = fit.property(node, b"algo")
        changes[(node, b"value")] = hash_of_file(out, start, size, name.value[:-1].decode())
    data = rewritten(fit, changes)
    with open(out, "r+b") as file:
        file.write(data)


def main(argv):
    command, name = argv[1], argv[2]
    with open(name, "rb") as file:
        fit = Fit(file.read(1 << 24))
    conf = "/configurations/" + argv[3] if command in ("regions", "uncovered") else None
    if command == "regions":
        for at, size in fit.regions(conf, fit.signed_strings(signature_of(fit, conf))):
            print(at, size)
    elif command == "uncovered":
        for at, size, text in ranges(uncovered(fit, conf)):
            print(at, size, text)
    elif command == "sign":
        with open(argv[3], "wb") as file:
            file.write(sign(fit, "/configurations/" + argv[4], argv[5], argv[6]))
    elif command == "resign":
        data = sign(fit, "/configurations/" + argv[3], argv[4], argv[5])
        with open(name, "r+b") as file:
            file.write(data)
    elif command == "grow":
        grow(fit, argv[3], argv[4], int(argv[5]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv)
