# SPDX-License-Identifier: Apache-2.0
"""`dinh init` on a real terminal: it asks, judges each answer at once, and writes nothing before
the summary is agreed to; Ctrl-C and the end of input leave no file. Played by commands.py."""
import ctypes
import json
import os
import pty
import re
import select
import signal
import time

from judge import check
from nation import program, run

PROMPT = re.compile(r"\n[^\n]*: $|: $|\[[nk]\]: ?$")
SURE = re.compile(r"\[[nk]\]:\s*$")
CTRL_C, CTRL_D = "\x03", "\x04"
QUESTIONS = 17
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
YES, NOTHING = {"vi": "có", "en": "y"}, {"vi": "Chưa tạo gì.", "en": "Nothing was made."}


class Terminal:
    """A process behind a terminal of its own, and what it has said so far."""

    def __init__(self, lang, *args):
        self.said, self.from_here = "", 0
        drop = ctypes.CDLL(None).prctl
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(LANG=lang, TERM="dumb")
            os.environ.pop("CREDENTIALS_DIRECTORY", None)
            drop(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)  # root, too, minds what is shut
            os.execv(program(), [program(), "init", *map(str, args)])

    def read(self, until=None, patience=20):
        """What comes until it ends so, or the process is over."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if until and re.search(until, self.said[self.from_here:]):
                break
            if not select.select([self.fd], [], [], 0.2)[0]:
                continue
            try:
                got = os.read(self.fd, 4096)
            except OSError:
                break
            if not got:
                break
            self.said += got.decode(errors="replace").replace("\r", "")
        new, self.from_here = self.said[self.from_here:], len(self.said)
        return new

    def types(self, line, end="\n"):
        os.write(self.fd, (line + end).encode())

    def end(self):
        rest, _, status = self.read(), os.close(self.fd), None
        for _ in range(600):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return rest, os.waitstatus_to_exitcode(status)
            time.sleep(0.1)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return rest, None


def answers(top, lang):
    """What is typed in turn; an empty line takes the default."""
    return [str(top / lang), "H57", "", "", "", "", "", "", f"https://dinh.{lang}.example.gov.vn",
            f"unix:{top}/{lang}.sock", "127.0.0.1", "18810", "", "2", str(top / f"{lang}.secret"),
            "", ""]


def left(top):
    return sorted(p.name for p in top.iterdir())


def good(top, lang):
    """Every question answered once, many by the default: a node that its own commands take."""
    t = Terminal(lang)
    for line in answers(top, lang):
        t.read(PROMPT)
        check(not left(top) or lang == "en", f"{lang}: {left(top)} before it was agreed to")
        t.types(line)
    told = t.read(SURE)
    check(f"https://dinh.{lang}.example.gov.vn:18810" in told, f"{lang}: no summary: {told}")
    check(not (top / lang).exists(), f"{lang}: made before it was agreed to")
    t.types(YES[lang])
    told, code = t.end()
    check(code == 0 and re.search(r"quantri\s+\w{5}-\w{5}", told), f"{lang}: {code} {told}")
    node = json.loads((top / lang / "node.json").read_text())
    check((node["agency"], node["name"], node["members"]) == ("H57", "h57", ["H57"]), f"{node}")
    check(node["exchange_url"] == f"https://dinh.{lang}.example.gov.vn:18810", f"{node}")
    check(node["title"]["vi"] != node["title"]["en"], f"titles of the catalogue: {node['title']}")
    for name in ("sign.csr", "tls.csr"):
        check((top / lang / "requests" / name).exists(), f"{lang}: no request {name}")
    secret = ["--key-secret", top / f"{lang}.secret"]
    code, out, err = run(program(), "verify", "--data", top / lang, *secret)
    check(code == 0, f"{lang}: what was made isn't sound: {out}{err}")


WRONG = (  # question, answer, what the refusal names
    (0, "/no/such/place", "/no/such"), (0, "SHUT/node", "runuser"), (1, "ZZ9", "agencies.json"),
    (1, "thua thien hue", "H57 "), (1, "", "--agency"), (2, "a/b", "1 … 60"),
    (5, "H57,ZZ9", "--members"),
    (6, "nosuch", "portal"), (7, "there", "https://"), (8, "http://dinh.example.vn", "https://"),
    (8, "", "--url"), (9, "here", "unix:/PATH"), (10, "everywhere", "0.0.0.0"),
    (11, "99999", "65535"), (11, "8800", "--port"), (12, "here", "https://HOST"),
    (13, "3", "1 | 2"), (14, "/no/such/secret", "/no/such"), (14, "DATA/secret", "≠"),
    (15, "mysql:x", "postgres:"), (15, "postgres:host=/no/such", "/no/such"),
    (16, "a b", "--admin"))


def wrong(top, lang):
    """Each wrong answer is refused where it stands, with what it wants, and asked again."""
    t, typed = Terminal(lang), answers(top, lang)
    for i, line in enumerate(typed):
        prompt = t.read(PROMPT).splitlines()[-1]
        for at, answer, words in WRONG:
            if at != i:
                continue
            t.types(answer.replace("DATA", typed[0]).replace("SHUT", str(top.parent / "shut")))
            told = t.read(PROMPT)
            check("✗" in told and words in told, f"{lang}, {answer!r}: {told}")
            check(told.splitlines()[-1] == prompt, f"{lang}, {answer!r}: not asked again: {told}")
        t.types(line)
    t.read(SURE)
    t.types("3")
    t.read(PROMPT)
    t.types("another")
    told = t.read(SURE)
    check("another" in told, f"{lang}: an answer can't be changed: {told}")
    t.types("no" if lang == "en" else "không")
    told, code = t.end()
    check(code == 1 and NOTHING[lang] in told, f"{lang}: no isn't no: {code} {told}")
    check(not left(top), f"{lang}: {left(top)} is left after a no")


def stopped(top, lang, at, key):
    """Ctrl-C or the end of input at question `at`; QUESTIONS: the summary."""
    t = Terminal(lang)
    for line in answers(top, lang)[:at]:
        t.read(PROMPT)
        t.types(line)
    t.read(SURE if at == QUESTIONS else PROMPT)
    t.types(key, end="")
    told, code = t.end()
    check(code == 1 and NOTHING[lang] in told, f"{lang}, {key!r} at {at}: {code} {told}")
    check(not left(top), f"{lang}, {key!r} at {at} leaves {left(top)}")


def options_first(top):
    """What was given isn't asked; without a terminal what is missing is named, as ever."""
    t = Terminal("en", "--data", top / "given", "--agency", "ZZ9", "--key-secret", "-", "--check")
    told = t.read(PROMPT)
    check("✗" in told and "Agency's code:" in told.splitlines()[-1], f"a wrong option: {told}")
    t.types(CTRL_C, end="")
    t.end()
    code, out, err = run(program(), "init", "--data", top / "given", stdin="")
    check(code == 2 and "--agency" in err and not out, f"without a terminal: {code} {out}{err}")
    check(not left(top), f"{left(top)} is left")


def play(top):
    top.mkdir()
    (top.parent / "shut").mkdir(0o555)
    for lang in ("vi", "en"):
        wrong(top, lang)
    for at in range(QUESTIONS + 1):
        stopped(top, ("vi", "en")[at % 2], at, CTRL_C)
    stopped(top, "vi", 0, CTRL_D)
    stopped(top, "en", QUESTIONS, CTRL_D)
    options_first(top)
    for lang in ("vi", "en"):
        good(top, lang)
    print("init asks on a terminal: wrong answers are asked again, a stop leaves nothing")
