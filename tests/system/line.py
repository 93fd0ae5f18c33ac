#!/usr/bin/env python3
"""A serial cable with faults, for tests: carries bytes between a terminal and whoever connects.

  line.py relay TERMINAL unix:PATH|tcp:PORT [log|storm]
      log    lines of a kernel log come between the device's
      storm  no line of the device comes through undamaged
  line.py silent LINK       a terminal at which nobody answers
  line.py say TERMINAL WORD...   types a line, prints what is said to it
  line.py full COMMAND...   runs it; for a second nobody reads what it prints, and it may not wait

Runs until it is ended. "ready" on standard output: it takes connections.
"""
import os
import random
import select
import socket
import subprocess
import sys
import termios
import time
import tty

LOG = b"\r\n[   12.345678] usb 1-1: new device\r\n"


def terminal(path):
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(fd, termios.TCSANOW)
    return fd


def listen(where):
    if where.startswith("unix:"):
        s = socket.socket(socket.AF_UNIX)
        s.bind(where[5:])
    else:
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", int(where[4:])))
    s.listen(1)
    return s


def spoil(data, fault, dice):
    if fault == "log":
        out = b""
        for line in data.splitlines(keepends=True):
            if dice.random() < 0.3:
                out += LOG
            out += line
        return out
    if fault == "storm":
        return b"".join(line[:20] + b"#" + line[21:] if len(line) > 30 else line
                        for line in data.splitlines(keepends=True))
    return data


def lines(held, data):
    """What is whole of it, and the rest."""
    held += data
    cut = held.rfind(b"\n") + 1
    return held[:cut], held[cut:]


def relay(path, where, fault):
    dice = random.Random(1)
    server = listen(where)
    print("ready", flush=True)
    while True:
        peer, _ = server.accept()
        fd = terminal(path)
        held = b""
        while True:
            ready, _, _ = select.select([fd, peer], [], [])
            if fd in ready:
                whole, held = lines(held, os.read(fd, 4096))
                peer.sendall(spoil(whole, fault, dice))
            if peer in ready:
                data = peer.recv(4096)
                if not data:
                    break
                os.write(fd, data)
        os.close(fd)
        peer.close()


def silent(link):
    _, slave = os.openpty()
    tty.setraw(slave, termios.TCSANOW)
    os.symlink(os.ttyname(slave), link)
    print("ready", flush=True)
    while True:
        time.sleep(60)


def say(path, words):
    fd = terminal(path)
    os.write(fd, b"\r" + " ".join(words).encode() + b"\r")
    said, quiet = b"", 0
    while quiet < 2:
        ready, _, _ = select.select([fd], [], [], 0.25)
        quiet = 0 if ready else quiet + 1
        if ready:
            said += os.read(fd, 4096)
    sys.stdout.write(said.decode(errors="replace").replace("\r", ""))


def full(command):
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"\n" * 4096)
    except BlockingIOError:
        pass
    child = subprocess.Popen(command, stdout=write)
    os.close(write)
    time.sleep(1)
    while os.read(read, 65536):
        pass
    sys.exit(child.wait())


if __name__ == "__main__":
    what, path, *rest = sys.argv[1:]
    if what == "relay":
        relay(path, rest[0], rest[1] if len(rest) > 1 else "")
    elif what == "silent":
        silent(path)
    elif what == "full":
        full([path] + rest)
    else:
        say(path, rest)
