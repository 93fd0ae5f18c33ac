#!/usr/bin/env python3
"""Writes RSA public keys (SubjectPublicKeyInfo, DER) that can be factored, each of another flaw, and
a sound one: roca, close, square, shared-a and shared-b, sound. Usage: weak_keys.py FOLDER"""
import os
import random
import sys

SMALL = [p for p in range(3, 1000) if all(p % q for q in range(2, p))]
random.seed(20261128)


def is_prime(n):
    if any(n % p == 0 for p in SMALL):
        return False
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for _ in range(12):
        x = pow(random.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def next_prime(n):
    n |= 1
    while not is_prime(n):
        n += 2
    return n


def prime(bits=1024):
    return next_prime(random.getrandbits(bits) | 3 << bits - 2)


def prime_of_rsalib():
    """k * M + (65537^a mod M), M the product of the first 126 primes (1024-bit primes: CCS 2017)."""
    m = 2
    for p in SMALL[:125]:
        m *= p
    while True:
        k = random.randrange((3 << 1022) // m + 1, (1 << 1024) // m)
        n = k * m + pow(65537, random.getrandbits(256), m)
        if n.bit_length() == 1024 and is_prime(n):
            return n


def der(tag, content):
    n = len(content)
    head = bytes([n]) if n < 128 else bytes([0x82]) + n.to_bytes(2, "big")
    return bytes([tag]) + head + content


def integer(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def spki(n, e=65537):
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return der(0x30, algorithm + der(3, b"\0" + der(0x30, integer(n) + integer(e))))


def main():
    p = prime()
    close = random.getrandbits(1024) | 3 << 1022
    q = next_prime(close)
    keys = {
        "sound": prime() * prime(),
        "shared-a": p * prime(),
        "shared-b": p * prime(),
        "close": q * next_prime(q + 2),
        "square": p * p,
        "roca": prime_of_rsalib() * prime_of_rsalib(),
    }
    for name, n in keys.items():
        assert n.bit_length() == 2048, name
        with open(os.path.join(sys.argv[1], name + ".spki.der"), "wb") as file:
            file.write(spki(n))


main()
