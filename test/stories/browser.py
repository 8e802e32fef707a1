# SPDX-License-Identifier: Apache-2.0
"""A browser without scripts for stories that break things: cookies, redirects, forms, and patience.

What a person would do when the page does not come, it does: the same request again, an act with the
same idempotency key, until the node is back or `patience` seconds are over.
"""
import html.parser
import http.client
import time
import urllib.parse

BOUNDARY = "dinh-story-boundary-51c0de"
LOST = (OSError, http.client.HTTPException)
NOW_NOT = (429, 502, 503, 504)


class Unanswered(Exception):
    pass


class Forms(html.parser.HTMLParser):
    """{action: [(name, value)]} as a browser would send the forms of a page untouched."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.links, self.multipart = {}, [], set()
        self._fields = self._area = self._select = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "a" and a.get("href"):
            self.links.append(a["href"])
        if tag == "form":
            self._fields = self.forms.setdefault(a.get("action", ""), [])
            if "multipart" in a.get("enctype", ""):
                self.multipart.add(a.get("action", ""))
        elif self._fields is None:
            return
        elif tag == "button" and a.get("formaction"):
            self.forms[a["formaction"]] = self._fields  # one form, a button for each way
        elif tag == "input" and a.get("name"):
            self._input(a)
        elif tag == "textarea":
            self._area = [a.get("name", ""), ""]
        elif tag == "select":
            self._select = [a.get("name", ""), None]
        elif tag == "option" and self._select:
            if self._select[1] is None or "selected" in a:
                self._select[1] = a.get("value", "")

    def _input(self, a):
        kind = a.get("type", "text")
        if kind in ("submit", "button", "file"):
            return
        if kind in ("checkbox", "radio") and "checked" not in a:
            return
        self._fields.append((a["name"], a.get("value") or ""))

    def handle_data(self, data):
        if self._area:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._fields = None
        elif tag == "textarea" and self._area:
            self._fields.append((self._area[0], self._area[1].removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select:
            self._fields.append((self._select[0], self._select[1] or ""))
            self._select = None


class Browser:
    def __init__(self, patience=30, timeout=20):
        self.cookies = {}  # origin: {name: value}
        self.patience, self.timeout = patience, timeout
        self.url = self.text = ""
        self.raw, self.headers, self.status = b"", {}, 0
        self.retries = self.hasty = 0  # sent again; of these, told to be slower (429)
        self.due = 200  # or the refusal that the next answer should be
        self.lost_last = False  # the last act was sent more than once
        self.again_at = None    # called before each new try

    # ---- one request ----

    def connection(self, parts):
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout)

    def once(self, method, url, body=None, headers=None):
        """One try; (status, headers, raw). Raises when the answer doesn't come."""
        parts = urllib.parse.urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        jar = self.cookies.setdefault(origin, {})
        sent = {"Accept": "text/html", "Accept-Language": "vi", **(headers or {})}
        if jar:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in jar.items() if v)
        if method == "POST":
            sent["Origin"] = origin
        link = self.connection(parts)
        try:
            link.request(method, parts.path + ("?" + parts.query if parts.query else ""),
                         body=body, headers={"Host": parts.netloc, **sent})
            answer = link.getresponse()
            raw = answer.read()
            for line in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = line.split(";")[0].partition("=")
                jar[name] = value
            return answer.status, answer.headers, raw
        finally:
            link.close()

    def patient(self, method, url, body=None, headers=None):
        """The same request until it is answered by more than "not now"."""
        until, self.lost_last = time.monotonic() + self.patience, False
        while True:
            try:
                got = self.once(method, url, body, headers)
                if got[0] not in NOW_NOT or time.monotonic() > until:
                    return got
                self.hasty += got[0] == 429
            except LOST as e:
                if time.monotonic() > until:
                    raise Unanswered(f"{method} {url}: {e!r}") from e
            self.retries, self.lost_last = self.retries + 1, True
            if self.again_at:
                self.again_at()
            time.sleep(0.03)

    def go(self, method, url, body=None, headers=None):
        url = urllib.parse.urljoin(self.url, url)
        accept = {k: v for k, v in (headers or {}).items() if k == "Accept"}
        for _ in range(12):
            self.status, self.headers, self.raw = self.patient(method, url, body, headers)
            self.url = url
            to = self.headers.get("Location")
            if not (300 <= self.status < 400 and to):
                break
            method, url, body, headers = "GET", urllib.parse.urljoin(url, to), None, accept
        self.text = self.raw.decode("utf-8", "replace")
        return self.status

    # ---- what people do ----

    def get(self, url):
        return self.go("GET", url)

    def get_json(self, url):
        return self.go("GET", url, headers={"Accept": "application/json"})

    def body_of(self, action, fields, file=None):
        """(body, content type) of the form of the page shown."""
        page = Forms(self.text)
        if action not in page.forms:
            raise Unanswered(f"{self.url} ({self.status}) has no form {action}")
        given = dict(fields or {})
        pairs = [(k, v) for k, v in page.forms[action] if k not in given] + list(given.items())
        if action not in page.multipart:
            return urllib.parse.urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        out = b""
        for name, value in pairs:
            out += (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n"
                    f"{value}\r\n").encode()
        if file:
            name, file_name, content = file
            out += (f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; "
                    f"filename=\"{file_name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                    ).encode() + content + b"\r\n"
        return out + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"

    def submit(self, action, fields=None, file=None):
        body, kind = self.body_of(action, fields, file)
        return self.go("POST", action, body, {"Content-Type": kind})

    def sees(self, text):
        return text in self.text

    def links(self):
        return Forms(self.text).links
