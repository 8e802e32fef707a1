# SPDX-License-Identifier: Apache-2.0
"""The birth story and its neighbours, played by patient people who write down what they were told.

`Book` holds what was acknowledged; `missing(book, nation)` reads all of it back from the registers
and says what isn't there, or is there twice.
"""
import datetime
import hashlib
import threading
import time
from urllib.parse import quote

from browser import Browser, Unanswered
from nation import INSURANCE, NATIONAL, NODES, PASSWORD, PROVINCE

SERVICE = "/dich-vu/1.001193"
CONSENT = "/dang-nhap/dong-y"
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300" + "01" * 64 +
    "ffc9000b080001000101011100ffcc000600101005ffda0008010100003f00d2cf20ffd9")


def photo(number):
    """One of its own for each number: the node keeps equal contents once."""
    own = bytes(1 + number // 200**i % 200 for i in range(3))
    return JPEG.replace(b"\1" * 64, own + b"\1" * 61)


UNREACHABLE = "Chưa thể lấy dữ liệu từ Cơ sở dữ liệu quốc gia về dân cư"
MOTHERS = ("me.lan", "me.hoa", "me.thao")


class Book:
    """What was acknowledged, by whom and where it must be found again."""

    def __init__(self):
        self.lock = threading.Lock()
        self.filed, self.acts, self.drafts, self.papers, self.ratings = {}, [], {}, {}, []
        self.kept, self.sent = [], {}  # photos of supplements: kept with a draft, sent
        self.photos = {}  # the one that each dossier shows
        self.given_up = 0

    def note(self, where, key, value=True):
        with self.lock:
            if isinstance(where, list):
                where.append((key, value))
            else:
                where[key] = value

    def count(self):
        with self.lock:
            return (len(self.filed) + len(self.acts) + len(self.papers) + len(self.ratings) +
                    len(self.kept) +
                    sum(len(groups) for groups in self.drafts.values()))


class Family:
    """One mother at her browser and the officials at theirs. Each step is a method; a step that
    isn't acknowledged raises Unanswered."""

    def __init__(self, nation, book, mother, number, officials=None, hold=None):
        self.n, self.book, self.mother, self.number = nation, book, mother, number
        self.citizen, self.officials = self.browser(), {} if officials is None else officials
        self.child = f"Trần Nguyễn An {letters(number)}"
        self.born = (datetime.date.today() - datetime.timedelta(days=5)).strftime("%d/%m/%Y")
        self.code = self.draft = ""
        self.step = hold or (lambda label: None)  # told before each act and each wait
        self.citizen.again_at = lambda: self.step("again")

    patience = 30  # seconds for a node that is away

    def browser(self):
        return Browser(patience=self.patience)

    def want(self, b, truth, what):
        if not truth:
            start = b.text.find("govuk-error-summary__list")
            raise Unanswered(f"{what}: {b.url} gave {b.status} {b.text[start:start + 300]!r}")

    def sign_in(self, b, node, user):
        for _ in range(5):
            b.get(self.n.url(node, "/dang-nhap"))
            if b.status == 200 and "/dang-xuat" in b.text:
                return
            b.submit("/dang-nhap", {"username": user, "password": PASSWORD})
            if b.status == 200 and b.sees("/dang-xuat"):
                return
        self.want(b, False, "to be signed in")

    # ---- the mother ----

    def signs_in(self):
        self.step("sign in")
        self.sign_in(self.citizen, NATIONAL, self.mother)

    def crosses_over(self):
        """Single sign-on; a code lost on the way is asked for anew."""
        self.step("cross over")
        b = self.citizen
        for _ in range(60):
            b.get(self.n.url(NATIONAL, SERVICE))
            there = [x for x in b.links() if x.startswith(self.n.url(PROVINCE))]
            if there:
                b.get(there[0])
                if b.status == 200 and b.url.startswith(self.n.url(NATIONAL, CONSENT)):
                    b.submit(CONSENT, {"answer": "allow"})
                if b.status == 200 and b.sees("/dang-xuat") and \
                        b.url.startswith(self.n.url(PROVINCE)):
                    return
            if b.url.startswith(self.n.url(NATIONAL, "/dang-nhap")):
                self.sign_in(b, NATIONAL, self.mother)
        self.want(b, False, "to be signed in at the province")

    def begins(self):
        """A draft that the registers could fill in; while they are away, another one later."""
        self.step("begin")
        b = self.citizen
        for tried in range(400):  # a fault at each of the register's calls in turn is one try each
            time.sleep(0.1 if tried else 0)
            b.get(self.n.url(PROVINCE, f"{SERVICE}/nop"))
            b.submit(f"{SERVICE}/nop")
            self.want(b, b.status == 200 and "/ban-nhap/" in b.url, "a draft")
            if not b.sees(UNREACHABLE):
                break
        self.want(b, not b.sees(UNREACHABLE), "a draft that the registers filled in")
        self.draft = "/ban-nhap/" + b.url.split("/ban-nhap/")[1].split("/")[0].split("?")[0]
        self.book.note(self.book.drafts, self.draft[10:], set())

    def fills(self, group, fields=None, file=None):
        self.step(group)
        b, path = self.citizen, f"{self.draft}/{group}"
        b.get(self.n.url(PROVINCE, path))
        self.want(b, b.status == 200, f"the page {group}")
        b.submit(path, fields, file)
        self.want(b, b.status == 200 and not b.url.endswith(f"/{group}"), f"{group} to be taken")
        with self.book.lock:
            self.book.drafts[self.draft[10:]].add(group)

    def fills_all(self):
        self.fills("requester", {"requester_relation": "mother"})
        self.fills("child", {"child_name": self.child, "child_sex": "female",
                             "child_birth_date": self.born, "child_nationality": "VN"})
        self.fills("birth_place", {"birth_facility": "Bệnh viện Trung ương Huế",
                                   "birth_unit": "19777"})
        self.fills("birth_notice", {"birth_notice_number": f"GCS-{self.draft[-8:]}",
                                    "birth_notice_date": self.born},
                   ("birth_notice_file", "giấy chứng sinh.jpg", photo(2 * self.number)))
        self.fills("mother")
        self.fills("father")
        self.fills("health_card", {"clinic": "46001"})
        self.fills("result", {"copies": "2", "result_way": "online", "truth_declared": "true"})

    def files(self):
        self.step("file")
        b = self.citizen
        b.get(self.n.url(PROVINCE, f"{self.draft}/xem-lai"))
        self.want(b, b.sees(self.child), "the child's name to check")
        b.submit(f"{self.draft}/nop")
        self.want(b, b.status == 200 and "/ho-so/" in b.url, "the confirmation")
        self.code = b.url.split("/ho-so/")[1].split("/")[0].split("?")[0]
        self.book.note(self.book.filed, self.code, self.draft[10:])
        self.book.note(self.book.photos, self.code, photo(2 * self.number))

    def on_dossier(self, path, form=None, fields=None):
        b = self.citizen
        b.get(self.n.url(PROVINCE, f"/ho-so/{self.code}{path}"))
        self.want(b, b.status == 200, f"/ho-so/…{path}")
        b.submit(f"/ho-so/{self.code}{path if form is None else form}", fields)
        self.want(b, b.status == 200 and b.sees(self.code), "the act to be taken")

    def attaches(self, name):
        """A clear photo beside a day that isn't one: refused, and the photo is said to be kept."""
        self.step("attach")
        b, path = self.citizen, f"/ho-so/{self.code}/bo-sung"
        b.get(self.n.url(PROVINCE, path))
        self.want(b, b.status == 200, "the supplement's page")
        b.due = 422
        b.submit(path, {"birth_notice_date": "31/2/2020"},
                 ("birth_notice_file", name, photo(2 * self.number + 1)))
        b.due = 200
        self.want(b, b.status == 422 and b.sees(f"chưa gửi: {name}"), "the photo to be kept")
        self.book.note(self.book.kept, self.code)

    def supplements(self):
        name = f"rõ {self.number}.jpg"
        self.attaches(name)
        self.step("supplement")
        b, path = self.citizen, f"/ho-so/{self.code}/bo-sung"
        b.get(self.n.url(PROVINCE, path))
        self.want(b, b.status == 200 and b.sees(f"chưa gửi: {name}"), "the photo that was kept")
        b.submit(path, {"birth_notice_date": self.born})
        self.want(b, b.status == 200 and b.sees(self.code), "the act to be taken")
        self.book.note(self.book.acts, self.code, "supplement")
        self.book.note(self.book.sent, self.code, name)
        self.book.note(self.book.photos, self.code, photo(2 * self.number + 1))

    def withdraws(self):
        self.step("withdraw")
        self.on_dossier("/rut", None, {"reason": "Gia đình muốn đăng ký ở quê cha."})
        self.book.note(self.book.acts, self.code, "withdraw")

    def collects(self):
        self.step("collect")
        self.on_dossier("", "/nhan")
        self.book.note(self.book.acts, self.code, "collect")

    def rates(self):
        self.step("rate")
        points = {f"tieu_chi_{k}": "2" for k in ("a", "b", "d", "dd", "e", "g", "h", "i")}
        self.on_dossier("/danh-gia", None, {**points, "tieu_chi_c": "1"})
        self.book.note(self.book.ratings, self.code)

    def downloads(self, kind):
        self.step(f"download {kind}")
        b = self.citizen
        b.get(self.n.url(PROVINCE, f"/ho-so/{self.code}/giay/{kind}"))
        self.want(b, b.status == 200 and b.raw.startswith(b"%PDF"), kind)
        digest = hashlib.sha256(b.raw).hexdigest()
        with self.book.lock:
            before = self.book.papers.setdefault((self.code, kind), digest)
        self.want(b, before == digest, f"the same {kind} as before")

    def waits_for(self, text, seconds=120):
        b, until = self.citizen, time.monotonic() + seconds
        while True:
            b.get(self.n.url(PROVINCE, f"/ho-so/{self.code}"))
            if b.status == 200 and b.sees(text):
                return
            if "/dang-nhap" in b.url:  # the sitting has ended meanwhile
                self.sign_in(b, NATIONAL, self.mother)
                self.crosses_over()
            self.want(b, time.monotonic() < until, text)
            self.step("wait")
            time.sleep(0.1)

    # ---- the officials ----

    def official(self, user):
        """At a browser that is signed in and, should the sitting have ended, signs in again."""
        if user not in self.officials:
            self.officials[user] = self.browser()
        b = self.officials[user]
        b.again_at = self.citizen.again_at
        b.get(self.n.url(PROVINCE, f"/mot-cua/{self.code}"))
        if not (b.status == 200 and b.sees("/dang-xuat")):
            self.sign_in(b, PROVINCE, user)
            b.get(self.n.url(PROVINCE, f"/mot-cua/{self.code}"))
        self.want(b, b.status == 200, "the dossier's page")
        return b

    def act(self, user, action, reason=None):
        self.step(action)
        b, path = self.official(user), f"/mot-cua/{self.code}"
        b.submit(f"{path}/viec/{action}", {"reason": reason} if reason else None)
        self.want(b, b.status == 200 and b.sees(self.code), f"{action} to be done")
        self.book.note(self.book.acts, self.code, action)

    def sees_photo(self):
        """The clerk opens the very photo that the mother sent."""
        self.step("photo")
        b = self.opens_photo()
        said = b.headers.get("Content-Disposition") or ""
        self.want(b, quote(self.book.sent[self.code]) in said, "the photo's name at the clerk's")

    def opens_photo(self):
        b = self.official("canbo.motcua")
        b.get(self.n.url(PROVINCE, f"/mot-cua/{self.code}/tep/birth_notice_file"))
        self.want(b, b.status == 200 and b.raw == self.book.photos[self.code],
                  "the mother's photo at the clerk's")
        return b

    # ---- stories ----

    def filing(self):
        self.signs_in()
        self.crosses_over()
        self.begins()
        self.fills_all()
        self.files()
        self.downloads("receipt")

    def birth(self):
        self.filing()
        self.act("canbo.motcua", "request_supplement", "Ảnh giấy chứng sinh bị mờ.")
        self.supplements()
        self.sees_photo()
        self.act("canbo.motcua", "accept_supplemented")
        self.act("hotich", "propose")
        self.act("chutich", "sign")
        self.waits_for("/giay/birth_certificate")
        self.waits_for("/giay/health_card")
        self.downloads("birth_certificate")
        self.downloads("health_card")
        self.collects()
        self.rates()

    def refused(self):
        self.filing()
        self.act("canbo.motcua", "refuse", "Trẻ không cư trú tại phường này.")
        self.waits_for("Trẻ không cư trú tại phường này.")

    def withdrawn(self):
        self.filing()
        self.withdraws()
        self.act("canbo.motcua", "confirm_withdrawal")


def letters(number):
    """A name of its own for each child: the registers know two of one name on one day as one."""
    first = ("Nhiên", "Khánh", "Minh", "Thảo", "Hân", "Vy", "Châu", "Giang", "Hà", "Linh")
    middle = ("Bảo", "Gia", "Thiên", "Kim", "Mai", "Ngọc", "Phương", "Quỳnh", "Thu", "Tường")
    more = f"{letters(number // 1000)} " if number >= 1000 else ""
    return f"{more}{middle[number // 10 % 10]} {middle[number // 100 % 10]} {first[number % 10]}"


# ---- the checker ----

def twice(nation, name, sql, what):
    return [f"{name}: {what} {row}" for row in nation.rows(name, sql)]


def missing_acts(book, nation):
    """Each act acknowledged is an event of its case, exactly once, with exactly one record of the
    audit trail behind it."""
    faults = []
    acts = [(code, "file") for code in book.filed] + book.acts
    for code, action in acts:
        n = nation.one(PROVINCE, "SELECT count(*) FROM casework_event e JOIN casework_case c"
                       " ON c.id = e.case_id WHERE c.code = ? AND e.action = ?", code, action)
        if n != 1:
            faults.append(f"{code}: {action} was acknowledged, {n} events tell of it")
    return faults + twice(
        nation, PROVINCE,
        "SELECT c.code, c.version, count(e.id), max(e.version), (SELECT count(*) FROM core_audit a"
        " WHERE a.kind = 'case' AND a.object = c.code AND a.action LIKE 'casework.%')"
        " FROM casework_case c LEFT JOIN casework_event e ON e.case_id = c.id GROUP BY c.code"
        " HAVING count(e.id) <> c.version OR max(e.version) <> c.version OR count(e.id) <>"
        " (SELECT count(*) FROM core_audit a WHERE a.kind = 'case' AND a.object = c.code"
        " AND a.action LIKE 'casework.%')", "case, version, events, newest, audit records:")


def gone_unheard(nation, code):
    """The supplement was taken, and who sent it never heard."""
    return nation.one(PROVINCE, "SELECT count(*) FROM casework_event e JOIN casework_case c"
                      " ON c.id = e.case_id WHERE c.code = ? AND e.action = 'supplement'", code)


def missing_rows(book, nation):
    faults = []
    for code, draft in book.filed.items():
        row = nation.rows(PROVINCE, "SELECT code FROM portal_draft WHERE id = ?", draft)
        if row and row[0][0] != code:
            faults.append(f"draft {draft} became {row[0][0]!r}, acknowledged was {code}")
        if not nation.one(NATIONAL, "SELECT count(*) FROM portal_dossier WHERE code = ?", code):
            faults.append(f"{code} was filed; the national portal doesn't know it")
    for draft, groups in book.drafts.items():
        row = nation.rows(PROVINCE, "SELECT done, code FROM portal_draft WHERE id = ?", draft)
        lost = groups - set(row[0][0].split()) if row else groups
        if lost and not (row and row[0][1]) and draft not in book.filed.values():
            faults.append(f"draft {draft}: saved and gone: {sorted(lost)}")
    for code, kind in book.papers:
        if not nation.one(PROVINCE, "SELECT count(*) FROM casework_document d JOIN casework_case c"
                          " ON c.id = d.case_id WHERE c.code = ? AND d.kind = ?", code, kind):
            faults.append(f"{code}: {kind} was downloaded and is gone")
    supplemented = {code for code, action in book.acts if action == "supplement"}
    for code, _ in book.kept:
        n = nation.one(PROVINCE, "SELECT count(*) FROM portal_draft WHERE supplements = ?", code)
        if n != (code not in supplemented) and not gone_unheard(nation, code):
            faults.append(f"{code}: {n} drafts of its supplement")
    for code, _ in book.ratings:
        if nation.one(PROVINCE, "SELECT count(*) FROM portal_rating WHERE code = ?", code) != 1:
            faults.append(f"{code}: the rating is gone")
    return faults


def applied_twice(book, nation):
    """One register entry, one personal number, one card for each child that was signed for."""
    signed = sorted({code for code, action in book.acts if action == "sign"})
    faults = []
    for name, table in ((PROVINCE, "civilstatus_entry"), (NATIONAL, "population_assignment"),
                        (INSURANCE, "insurance_card")):
        for code in signed:
            n = nation.one(name, f"SELECT count(*) FROM {table} WHERE dossier = ?", code)
            if n != 1:
                faults.append(f"{code}: {n} rows in {table}")
        faults += twice(nation, name, f"SELECT dossier, count(*) FROM {table} GROUP BY dossier"
                        " HAVING count(*) > 1", f"{table} twice:")
    cases = nation.one(PROVINCE, "SELECT count(*) FROM casework_case")
    if cases != len(book.filed):
        faults.append(f"{cases} cases, {len(book.filed)} filings acknowledged")
    faults += twice(nation, PROVINCE, "SELECT unit, year, max(number), count(*)"
                    " FROM civilstatus_entry GROUP BY unit, year"
                    " HAVING max(number) <> count(*)", "register numbers with a gap:")
    return faults


def not_drained(nation):
    faults = []
    for name in NODES:
        faults += twice(nation, name, "SELECT id, what, dest, state, attempts, last_error"
                        " FROM core_outbox WHERE state NOT IN (1, 2)", "still in the outbox:")
        faults += twice(nation, name, "SELECT id, service, direction FROM exchange_message"
                        " WHERE status = 0 AND direction <> 'out'", "message never answered:")
    faults += twice(nation, PROVINCE, "SELECT code, kind FROM onestop_paper WHERE made = 0",
                    "paper never drawn:")
    here = dict(nation.rows(PROVINCE, "SELECT code, version FROM casework_case"))
    there = dict(nation.rows(NATIONAL, "SELECT code, version FROM portal_dossier"))
    faults += [f"{code}: version {v} here, {there.get(code)} on the national portal"
               for code, v in here.items() if there.get(code) != v]
    return faults


def read_back(book, nation, mothers):
    """By the API: each mother sees her dossiers and the very papers she had downloaded. mothers:
    {user: [code]}."""
    faults = []
    for mother, codes in mothers.items():
        reader = Family(nation, book, mother, 0)
        try:
            reader.signs_in()
            reader.crosses_over()
            for reader.code, kind in [p for p in book.papers if p[0] in codes]:
                reader.downloads(kind)
            for reader.code in [x for x in book.photos if x in codes]:
                reader.opens_photo()
        except Unanswered as e:
            faults.append(str(e))
    return faults


def damaged_files(nation, name):
    """Attachments and papers that the database tells of and the disk hasn't whole: missing, shorter
    than their content, or with room never written (what is sealed has no run of zeros)."""
    faults = []
    for content, n in nation.rows(name, "SELECT content, bytes FROM core_file"):
        path = nation.folder(name) / "files" / content[-2:] / content
        raw = path.read_bytes() if path.exists() else b""
        if len(raw) < n or bytes(32) in raw:
            faults.append(f"{name}: file {content}: {len(raw)} bytes for {n}")
    return faults


def missing(book, nation):
    return (missing_acts(book, nation) + missing_rows(book, nation) +
            applied_twice(book, nation))
