#!/usr/bin/env python3
"""Source of a trust store of many suppliers: big_store.py COUNT >big.dts

Ten identifiers each: a name, an enterprise number, eight prefixes of addresses that lie scattered
over the whole register. Every supplier has a key of its own, a multiple of P-256's base point
(FIPS 186-5; SP 800-186, 3.2.1.3): quickly made, and nobody's secret."""
import sys

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
SPKI = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"  # RFC 5480, up to the point
PREFIXES = 8
PIECE = 1000


def add(a, b):
    """Sum of two points; of one point and itself its double."""
    over = pow(2 * a[1] if a == b else b[0] - a[0], -1, P)
    slope = (3 * a[0] * a[0] - 3 if a == b else b[1] - a[1]) * over % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def folder(name, nodes):
    """A folder in pieces that dtc joins: its parser takes some thousands of nodes in one."""
    for start in range(0, len(nodes), PIECE):
        print(f"/ {{ {name} {{")
        print("\n".join(nodes[start : start + PIECE]))
        print("}; };")


def main():
    count = int(sys.argv[1])
    step = (1 << 24) // (PREFIXES * count)
    entities, suppliers = [], []
    point = add(G, G)
    for i in range(count):
        prefixes = " ".join(f"{step * (k * count + i) + 1:06x}" for k in range(PREFIXES))
        entities.append(f'maker-{i} {{ phandle = <{i + 1}>; label = "Maker {i} Ltd."; '
                        f'source = "https://register.example/makers/{i}"; '
                        f'confidence = "verified"; alias = "MAKER {i}"; pen = <{100000 + i}>; '
                        f'oui24 = [{prefixes}]; }};')
        suppliers.append(f'maker-{i} {{ entity = <{i + 1}>; allow = "kernel"; release-2026 {{ '
                         'algo = "sha256,ecdsa256"; not-before = "2026-01-01"; '
                         f"public-key = [{SPKI}{point[0]:064x}{point[1]:064x}]; }}; }};")
        point = add(point, G)
    print('/dts-v1/;\n/ { compatible = "sekisho,store-1"; label = "Many"; authority = "Many";\n'
          'serial = <1>; issued = "2026-11-01"; not-after = "2036-10-31"; };')
    folder("entities", entities)
    folder("suppliers", suppliers)


main()
