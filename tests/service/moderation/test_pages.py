"""The page /try without JavaScript: forms, languages, refusals, and hostile text shown inert."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote_plus

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from service.access import visitors
from service.access.model import Permission, Principal
from service.access.visitors import turn_away
from service.detection.judge import Judge
from service.moderation import pages
from service.moderation.examples import load_examples
from service.moderation.model import MAX_TEXT
from service.policy.model import Category, Hit, Judgement, Reasons, Severity, Verdict, Versions
from service.web.forms import FORM_TYPE
from service.web.render import CONTENT_SECURITY_POLICY
from service.web.visitor import Visitor
from service.wiring.judge import NO_MODEL_DIR, load_judge

VERDICTS = {1: "block", 2: "block", 3: "allow", 4: "review", 5: "allow"}
ADVERT = "注册送彩金，真人荷官在线发牌"


@pytest.fixture(scope="module")
def judge() -> Judge:
    return load_judge(model_dir=NO_MODEL_DIR)


class Nobody:
    """Nobody is signed in; whoever has to be is turned away."""

    async def require_person(self, request: Request, wanted: Permission) -> Principal:
        raise turn_away(request, "role", status=403)

    async def look(self, request: Request) -> Principal | None:
        return None

    def frame(self, request: Request, principal: Principal) -> Visitor:
        raise AssertionError


def open_client(judge: object, *, demo: bool = True) -> TestClient:
    app = FastAPI()
    visitors.install(app)
    app.include_router(pages.router(lambda: judge, visitors=Nobody(), demo=demo))  # type: ignore[arg-type,return-value]
    app.mount("/static", pages.static_app())
    return TestClient(app, follow_redirects=False)


@pytest.fixture(scope="module")
def client(judge: Judge) -> TestClient:
    return open_client(judge)


class Marks(HTMLParser):
    """Collects the marked stretches and the whole of the shown text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.shown = ""
        self._inside = 0
        self._findings = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        if self._inside or values.get("id") == "shown-text":
            self._inside += 1
        if tag == "mark":
            self._findings = values.get("data-findings") or ""
            self.marks.append((self._findings, ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = max(self._inside - 1, 0)
        if tag == "mark":
            self._findings = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.shown += data
        if self._findings:
            numbers, text = self.marks[-1]
            self.marks[-1] = (numbers, text + data)


def read_marks(html: str) -> Marks:
    marks = Marks()
    marks.feed(html)
    return marks


def verdict_of(html: str) -> str:
    found = re.search(r'data-verdict="(\w+)"', html)
    return found[1] if found else ""


def submit(client: TestClient, text: str, address: str = "/try", **headers: str) -> str:
    answer = client.post(address, data={"text": text}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_submitted_form_is_answered_with_verdict_clause_marks_and_reasons(
    client: TestClient,
) -> None:
    html = submit(client, f"您好。{ADVERT}")
    assert verdict_of(html) == "block"
    assert "赌博" in html
    assert [text for _, text in read_marks(html).marks] == ["注册送彩金", "真人荷官在线发牌"]
    assert "疑似违反第3.4.1.7条" in unescape(html)
    assert f"您好。{ADVERT}</textarea>" in html


def test_the_script_gets_the_same_result_without_the_page_around_it(client: TestClient) -> None:
    part = submit(client, ADVERT, "/try/judgement")
    assert part.strip() in submit(client, ADVERT)
    assert "<html" not in part


def test_every_page_carries_the_strict_policy(client: TestClient) -> None:
    for answer in (
        client.get("/try"),
        client.post("/try", data={"text": "好"}),
        client.post("/try/judgement", data={"text": "好"}),
        client.post("/try", data={"text": "好"}, headers={"sec-fetch-site": "cross-site"}),
    ):
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("example", load_examples(), ids=lambda example: str(example.number))
def test_an_example_fills_the_box_and_is_judged(client: TestClient, example: object) -> None:
    text, number = example.text, example.number  # type: ignore[attr-defined]
    html = client.get(f"/try?example={number}").text
    assert f"{text}</textarea>" in unescape(html)
    assert verdict_of(html) == VERDICTS[number]


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "1e9", "%00", "１", ""])
def test_an_example_that_is_not_there_leaves_the_page_empty(
    client: TestClient, number: str
) -> None:
    answer = client.get(f"/try?example={number}")
    assert (answer.status_code, verdict_of(answer.text)) == (200, "")


@pytest.mark.parametrize(
    ("address", "accept", "tag", "word"),
    [
        ("/try", None, "zh-CN", "拦截"),
        ("/try?lang=en", None, "en", "Block"),
        ("/try", "en-GB", "en", "Block"),
        ("/try?lang=zh", "en", "zh-CN", "拦截"),
        ("/try?lang=xx", None, "zh-CN", "拦截"),
    ],
)
def test_the_page_speaks_the_language_asked_for(
    client: TestClient, address: str, accept: str | None, tag: str, word: str
) -> None:
    html = submit(client, ADVERT, address, **({"accept-language": accept} if accept else {}))
    assert f'<html lang="{tag}">' in html
    assert f"{word}</p>" in html


def test_markup_in_a_text_stays_text(client: TestClient) -> None:
    text = (
        "</textarea></div><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}} 注册送彩金"
    )
    page = read_marks(submit(client, text))
    assert "img" not in page.tags
    assert page.tags.count("script") == 1
    assert page.tags.count("textarea") == 1
    assert text in page.shown


def test_hidden_characters_are_named_and_none_is_left_in_the_shown_text(
    client: TestClient,
) -> None:
    page = read_marks(submit(client, "注\u200b册送彩金 \u202egnp.exe\u202c 𠮷"))
    assert page.marks == [("1", "注U+200B册送彩金")]
    assert "U+202Egnp.exeU+202C 𠮷" in page.shown
    assert not set(page.shown) & {"\u200b", "\u202e", "\u202c"}


def test_spans_stand_right_behind_characters_of_two_utf_16_units(client: TestClient) -> None:
    page = read_marks(submit(client, "𠮷𠮷😀 注册送彩金😀"))
    assert [text for _, text in page.marks] == ["注册送彩金"]


def test_line_ends_of_browsers_do_not_move_the_marks(client: TestClient) -> None:
    page = read_marks(submit(client, "第一行\r\n第二行\r\n注册送彩金"))
    assert [text for _, text in page.marks] == ["注册送彩金"]


def test_a_first_line_that_is_empty_comes_back(client: TestClient) -> None:
    assert "\n\n第二行</textarea>" in submit(client, "\n第二行")


class TwoLabels:
    """Finds the first four characters as one label and the third to sixth as another."""

    has_model = True

    def judge(self, text: str, surface: str = "im.message") -> Judgement:
        def find(label: str, score: float, verdict: Verdict, start: int, end: int) -> Category:
            hit = Hit("model", None, None, text[start:end], text[start:end], start, end)
            return Category("3.4.1.7", label, score, Severity.HIGH, verdict, ("model",), (hit,))

        return Judgement(
            Verdict.BLOCK,
            (
                find("gambling", 0.98, Verdict.BLOCK, 0, 4),
                find("fraud", 0.7, Verdict.REVIEW, 2, 6),
                find("unheard_of", 0.3, Verdict.ALLOW, 5, 6),
            ),
            Reasons("理由<b>", "reasons<b>"),
            Versions("a", "p", "w", "m", "s"),
        )


def test_overlapping_spans_of_several_labels_name_all_of_them() -> None:
    html = submit(open_client(TwoLabels()), "一二三四五六七")
    assert read_marks(html).marks == [
        ("1", "一二"),
        ("1 2", "三四"),
        ("2", "五"),
        ("2 3", "六"),
    ]
    assert html.count('<sup class="ref">') == 3
    assert "理由&lt;b&gt;" in html
    assert "unheard_of" in html


def test_an_empty_box_gets_no_verdict(client: TestClient) -> None:
    assert verdict_of(submit(client, "")) == ""
    assert client.post("/try", headers={"content-type": FORM_TYPE}).status_code == 200


def test_a_text_that_nobody_can_see_says_so(client: TestClient) -> None:
    html = submit(client, "\u200b\u200b \u3164")
    assert "没有任何可见的字符" in html
    assert "U+200B×2" in html


def test_the_longest_text_is_judged_and_one_more_character_refused_politely(
    client: TestClient,
) -> None:
    assert verdict_of(submit(client, "😀" * MAX_TEXT)) == "allow"
    for address in ("/try", "/try/judgement"):
        answer = client.post(address, data={"text": "字" * (MAX_TEXT + 1)})
        assert answer.status_code == 422
        assert "这段文字太长" in answer.text
    assert "字" * (MAX_TEXT + 1) in client.post("/try", data={"text": "字" * (MAX_TEXT + 1)}).text


def test_a_body_beyond_any_text_is_refused_unread(client: TestClient) -> None:
    answer = client.post("/try", data={"text": "a" * (pages.MOST_BYTES + 1)})
    assert answer.status_code == 413
    assert "这段文字太长" in answer.text


@pytest.mark.parametrize("address", ["/try", "/try/judgement"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(
    client: TestClient, address: str, headers: dict[str, str]
) -> None:
    answer = client.post(address, data={"text": ADVERT}, headers=headers)
    assert answer.status_code == 403
    assert ADVERT not in answer.text


@pytest.mark.parametrize("body", [b"text=%FF%FE", b"text=%ED%A0%80", b"\xff"])
def test_a_form_that_cannot_be_read_is_refused_without_an_echo(
    client: TestClient, body: bytes
) -> None:
    answer = client.post("/try", content=body, headers={"content-type": FORM_TYPE})
    assert answer.status_code == 400
    assert "UTF-8" in answer.text


@pytest.mark.parametrize("address", ["/try", "/try?lang=en", "/try?example=1"])
def test_outside_demo_mode_the_page_needs_a_role(judge: Judge, address: str) -> None:
    client = open_client(judge, demo=False)
    for answer in (client.get(address), client.post(address, data={"text": ADVERT})):
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("text/html")
        assert "<textarea" not in answer.text
    assert client.post("/try/judgement", data={"text": ADVERT}).status_code == 403
    assert client.get("/").headers["location"] == "/sign-in?lang=zh"


def test_in_demo_mode_the_root_leads_to_the_page(client: TestClient) -> None:
    answer = client.get("/", headers={"accept-language": "en"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/try?lang=en")


def test_what_was_typed_stands_in_no_address_of_the_page(client: TestClient) -> None:
    html = submit(client, "王小明的秘密")
    for address in re.findall(r'(?:href|src|action|formaction)="([^"]*)"', html):
        assert address.startswith(("/try", "/static/", "#")), address
        assert quote_plus("王小明") not in address
        assert "王小明" not in address
