#!/usr/bin/env python3
"""A second verifier of the audit trail, written from docs/audit-format.md alone.

usage: verify.py TRAIL VKEY...

It needs Python 3.8 and nothing else. It reads every record, rebuilds the Merkle
tree and checks every signed checkpoint. Exit code 0: intact, 2: altered,
3: records are missing. It says less than "cordee audit verify" about what was
altered; it exists so that nobody has to trust one program.
"""

import base64
import glob
import hashlib
import os
import struct
import sys

# CRC-32C (Castagnoli), RFC 3720 B.4.
TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def crc32c(data):
    c = 0xFFFFFFFF
    for b in data:
        c = TABLE[(c ^ b) & 0xFF] ^ c >> 8
    return c ^ 0xFFFFFFFF


# Ed25519 verification, after RFC 8032 section 6.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    w, x, y, z = f - e, h - g, h + g, f + e
    return w * x % P, y * z % P, x * y % P, w * z % P


def multiply(s, a):
    out = (0, 1, 1, 0)
    while s:
        if s & 1:
            out = add(out, a)
        a, s = add(a, a), s >> 1
    return out


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * SQRT_M1 % P
    if y >= P or (x * x - xx) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, message, signature):
    a, r = point(public), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def checkpoints(path, vkeys):
    """Yields (size, root, whether a known key signed it)."""
    keys = {}
    for vkey in vkeys:
        name, hash16, key64 = vkey.split("+", 2)
        raw = base64.b64decode(key64)
        if hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8] != hash16 or raw[0] != 1:
            sys.exit("not an Ed25519 key: " + vkey)
        keys[name, bytes.fromhex(hash16)] = raw[1:]
    text = open(path, encoding="utf-8").read()
    for note in text.split("\n\n\u2014 ")[:-1]:
        body = note.split("\n\n")[-1] + "\n"
        rest = text[text.index(body + "\n\u2014 ") + len(body) + 1:]
        ok = False
        for line in rest[:rest.index("\n\n")].split("\n"):
            _, name, sig64 = line.split(" ")
            sig = base64.b64decode(sig64)
            key = keys.get((name, sig[:4]))
            ok = ok or key is not None and body.startswith(name + "\n") and signed(key, body.encode(), sig[4:])
        _, size, root = body.split("\n")[:3]
        yield int(size), base64.b64decode(root), ok


def main(trail, *vkeys):
    promised = list(checkpoints(os.path.join(trail, "checkpoints"), vkeys))
    code, want, edge, last = 0, 0, [], -1 << 63
    roots = {}
    sizes = {size for size, _, _ in promised}

    def complain(grade, *what):
        nonlocal code
        print(*what)
        code = 2 if 2 in (grade, code) else grade

    for path in sorted(glob.glob(os.path.join(trail, "*.seg"))):
        data, at = open(path, "rb").read(), 0
        while at < len(data):
            length, crc = struct.unpack_from(">II", data, at)
            payload = data[at + 8:at + 8 + length]
            if length < 38 or len(payload) < length or crc32c(payload) != crc:
                complain(2, path, "offset", at, ": record", want, "cannot be read")
                break
            version, seq, _, time = struct.unpack_from(">BQIq", payload)
            if version != 1 or seq != want:
                complain(3, path, "offset", at, ": record", seq, "stands where record", want, "belongs")
            if time < last:
                print("notice: the clock went back before record", seq)
            want, last, at = seq + 1, time, at + 8 + length
            # RFC 6962 2.1: equal-sized subtrees are merged from the right.
            edge.append((1, hashlib.sha256(b"\0" + payload).digest()))
            while len(edge) > 1 and edge[-1][0] == edge[-2][0]:
                (n, right), (_, left) = edge.pop(), edge.pop()
                edge.append((2 * n, hashlib.sha256(b"\1" + left + right).digest()))
            if want in sizes:
                root = edge[-1][1]
                for _, left in reversed(edge[:-1]):
                    root = hashlib.sha256(b"\1" + left + root).digest()
                roots[want] = root
    for size, root, ok in promised:
        if not ok:
            complain(2, "checkpoint of", size, "records: no known key signed it")
        elif size > want:
            complain(3, "records", want, "to", size - 1, "are gone")
        elif roots.get(size) != root:
            complain(2, "checkpoint of", size, "records: the records are not those that were signed")
    if not promised and want:
        complain(3, "there is no checkpoint")
    print(want, "records,", len(promised), "checkpoints")
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
