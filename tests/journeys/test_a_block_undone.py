"""The story of one wrong block, from the message to the day when everything was given back.

It is told through the running product: its API as the platform uses it, its pages as people see
them, and the demo host, which plays the platform that carries measures out. Times are those of
Shanghai. The Spring Festival of 2026 (days off from 15 to 23 February) lies in the middle of it,
since Article 8.3 moves what is delivered on such a day to the next working day.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from browsing import Browser
from whole_product import Product, run_product

pytestmark = pytest.mark.process

CHEN = "u-chen"
MESSAGE = "注册送彩金，真人荷官在线发牌，提款秒到账，欢迎咨询客服。"
"""What Chen sent to his colleagues: as he will show, an example from a course against fraud."""

QUESTION = "这条消息是您发送的吗？目的是什么？"
ANSWER = "是我发的。这是公司反诈培训用的案例，提醒大家识别话术，并没有推广任何平台。"
NOT_SHOWN = "未提供培训的任何证明材料，说明不予采纳。"
GROUNDS = "我已补充培训通知和签到表，该消息只在培训群里用于举例。"
PLEASE_SHOW = "请说明培训的组织单位。"
BY_WHOM = "由公司法务部组织，通知上有公章。"
PAPERS = ("培训通知.pdf", "培训通知（法务〔2026〕3号），盖章".encode(), "application/pdf")
LIST = ("签到表.csv", "姓名,部门\n陈某,销售部".encode(), "text/csv")
SAMPLE = ("样本.txt", "请按此格式列出参加人员。".encode(), "text/plain")
FOUND = "材料可以证明该消息是反诈培训的案例，不是推广，原决定撤销。"


class Story:
    """The product, and everybody who appears in it."""

    def __init__(self, product: Product, stack: ExitStack) -> None:
        self.product = product
        self.base = f"http://127.0.0.1:{product.port}"
        self._stack = stack

    def browser(self) -> Browser:
        """A browser of somebody."""
        browser = Browser(self.base)
        self._stack.callback(browser.close)
        return browser

    def sign_in(self, role: str, *, second: bool = False) -> Browser:
        """A browser in which a person of this role has signed in."""
        people = [p for p in self.product.demo["reviewers"] if p["tenant"] == "demo"]
        person = [p for p in people if p["role"] == role][int(second)]
        browser = self.browser()
        browser.sign_in(person["username"], person["password"])
        return browser

    def open_own_page(self) -> Browser:
        """Chen opens the page that the newest notice names, as the platform handed it to him."""
        self.product.settle(seconds=60, hurry=False)
        effects = self.product.host()["effects"]
        notices = [e["data"] for e in effects if e["type"] == "notice.issued"]
        assert {notice["recipient"] for notice in notices} == {CHEN}
        browser = self.browser()
        browser.open(f"{notices[-1]['my_url']}?lang=zh")
        return browser

    def everything_is_scanned(self) -> None:
        """Nobody opens a document before its scan, which takes a moment."""
        self.product.settle(seconds=60, hurry=False)

    def steps(self) -> list[str]:
        """What people did in this matter, from the audit in its order, and in which role."""
        roles = dict(self.product.ask("SELECT id, role FROM people"))
        rows = self.product.ask(
            "SELECT actor_kind, actor_id, action FROM audit WHERE subject_kind IN"
            " ('case', 'appeal', 'explanation') AND actor_kind IN ('person', 'link') ORDER BY id"
        )
        return [f"{roles.get(who, 'Chen')}: {action}" for _, who, action in rows]

    def it_becomes(self, time: str) -> None:
        """The clock of everybody moves on to a time of Shanghai, and all that waits is done."""
        self.product.settle(seconds=60, hurry=False)
        now = datetime.fromisoformat(f"{time}+08:00")
        assert self.product.call("POST", "/demo/clock", {"now": now.isoformat()}).status == 200

    def read(self, path: str) -> Any:
        """What the platform reads with its key."""
        found = self.product.call("GET", path)
        assert found.status == 200, path
        return found.body

    def at_the_platform(self) -> set[str]:
        """What the platform holds against Chen, once it has done all that it was ordered."""
        self.product.settle(seconds=60, hurry=False)
        host = self.product.host()
        orders = {effect["id"]: effect["data"] for effect in host["effects"]}
        return {orders[measure_id]["type"] for measure_id in host["in_force"]}

    def may_send(self) -> bool:
        """Whether the platform lets Chen send messages."""
        allowed: bool = self.read(f"/v1/accounts/{CHEN}/functions/im.send")["allowed"]
        return allowed

    def credit(self) -> int:
        """Chen's credit (2.5.2)."""
        score: int = self.read(f"/v1/accounts/{CHEN}/standing")["credit"]["score"]
        return score


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with (
        run_product(tmp_path / "data", MODERATION_DEMO_NOW="2026-02-16T19:00:00+08:00") as product,
        ExitStack() as stack,
    ):
        yield Story(product, stack)
        assert product.stop() == []


def test_a_wrong_block_is_explained_contested_overturned_and_undone(story: Story) -> None:
    # Monday 16 February 2026, in the evening: Chen's message is blocked at once by machine, the
    # platform hides it and keeps him from sending messages for a day (3.4.4). His credit stays.
    sent = {"text": MESSAGE, "data_id": "m-1", "account": {"id": CHEN, "enterprise_id": "e-1"}}
    blocked = story.product.call("POST", "/v1/moderations", sent).body
    assert (blocked["verdict"], blocked["automated"]) == ("block", True)
    assert blocked["categories"][0]["clause"] == "3.4.1.7"
    assert story.at_the_platform() == {"withhold_content", "restrict_functions"}
    assert not story.may_send()
    full = story.credit()

    # Li, a reviewer, takes the case, confirms the block, which costs credit (2.5.2), has the
    # restriction last 30 days and asks Chen to explain within three days; silence would cost him
    # the use of outreach.
    li = story.sign_in("reviewer")
    li.open(f"/review/cases/{blocked['case']['id']}?lang=zh")
    li.send("/claim", {})
    assert li.reads(MESSAGE)
    finding = {"outcome": "violation", "rationale": "疑似赌博推广，要求说明。"}
    asked = {"ask": "1", "questions": QUESTION, "documents": "培训证明", "period_days": "3"}
    measures = {"mode": "set", "content": "withhold_content", "restrict_term": "P30D"}
    functions = {"restrict": "im.send", "lapse": "restrict_functions:leads.outreach"}
    li.send("/decide", finding | asked | measures | functions | {"lapse_term": "P7D"})
    assert story.at_the_platform() == {"withhold_content", "restrict_functions"}
    assert not story.may_send()
    assert story.credit() < full

    # The notice goes out at 20:00. The day is off, so it counts as delivered on the first working
    # day, Tuesday the 24th, at 00:00; three days end with Friday the 27th (8.3).
    story.it_becomes("2026-02-16T20:00")
    case = story.read(f"/v1/cases/{blocked['case']['id']}")
    decided = story.read(f"/v1/decisions/{case['ruling_decision_id']}")
    (notice_id,) = decided["notices"]
    receipt = {"channel": "system_message", "outcome": "sent", "at": "2026-02-16T20:00:00+08:00"}
    told = story.product.call("POST", f"/v1/notices/{notice_id}/receipt", receipt)
    assert told.body["deemed_at"] == "2026-02-23T16:00:00Z"

    # Chen reads on his own page what was decided and why, what holds until when, what he is asked
    # by when, and how he can contest it; nothing on it says who reviewed or what score there was.
    chen = story.open_own_page()
    for words in (
        "违规处理通知",
        "第3.4.4条",
        "3.4.1.7",
        "限制功能",
        QUESTION,
        "培训证明",
        "2026-02-28 00:00",
        "2026-02-24 00:00",
    ):
        assert chen.reads(words), words
    for secret in ("reviewer", "score", "得分", "词表", "疑似赌博推广，要求说明"):
        assert not chen.reads(secret), secret

    # Thursday the 26th: Chen explains, with a photograph that shows little.
    story.it_becomes("2026-02-26T10:00")
    chen = story.open_own_page()
    photograph = ("files", ("照片.jpg", b"\xff\xd8 a room", "image/jpeg"))
    chen.send("/explanations/", {"text": ANSWER}, files=[photograph])
    assert chen.reads("已收到您的说明")
    story.everything_is_scanned()

    # Li finds the answer in the queue of what was explained, reads it, and rejects it with reasons.
    li = story.sign_in("reviewer")
    li.open("/review?queue=explained&lang=zh")
    (explained,) = li.addresses("/review/cases/")
    li.open(explained)
    li.send("/claim", {})
    assert li.reads(ANSWER)
    (document,) = li.addresses("/attachments/")
    assert li.fetch(document) == b"\xff\xd8 a room"
    li.send("/reject", {"rationale": NOT_SHOWN})
    chen.open(chen.address)
    assert chen.reads("说明未被采纳")
    assert chen.reads(NOT_SHOWN)
    assert not story.may_send()

    # Monday 2 March, well within 20 days of delivery: Chen appeals, and hands in the papers.
    story.it_becomes("2026-03-02T09:00")
    chen = story.open_own_page()
    evidence = {"grounds": GROUNDS, "evidence": "培训通知（文号：法务〔2026〕3号）"}
    chen.send("/appeals", evidence, files=[("files", PAPERS)])
    assert chen.reads("已收到您的申诉")
    story.everything_is_scanned()

    # Li decided, and may not rule on it. Sun, who rules on appeals and had no part in the case,
    # reads the papers, asks back with a sample, gets an answer with a list, and overturns the
    # decision. Everybody opens what the other side sent only once it was scanned.
    (appeal,) = story.read("/v1/appeals")["items"]
    li = story.sign_in("reviewer")
    li.open(f"/review/appeals/{appeal['id']}?lang=zh")
    assert not li.offers("/claim")
    sun = story.sign_in("appeal_reviewer")
    sun.open(f"/review/appeals/{appeal['id']}?lang=zh")
    sun.send("/claim", {})
    assert sun.reads(GROUNDS)
    (papers,) = sun.addresses("/attachments/")
    assert sun.fetch(papers) == PAPERS[1]
    sun.send("/messages", {"text": PLEASE_SHOW}, files=[("files", SAMPLE)])
    story.everything_is_scanned()
    chen.open(chen.address)
    assert chen.reads(PLEASE_SHOW)
    assert [chen.fetch(link) for link in chen.addresses("/attachments/")] == [PAPERS[1], SAMPLE[1]]
    chen.send("/messages", {"text": BY_WHOM}, files=[("files", LIST)])
    story.everything_is_scanned()
    sun.open(f"/review/appeals/{appeal['id']}?lang=zh")
    assert sun.reads(BY_WHOM)
    assert sun.fetch(sun.addresses("/attachments/")[-1]) == LIST[1]
    sun.send("/decide", {"outcome": "overturned", "reasons": FOUND})

    # Everything is given back: the platform shows the message again and lets Chen send, his credit
    # is what it was, and his page says that the decision was overturned, and why.
    assert story.at_the_platform() == set()
    assert story.may_send()
    assert story.credit() == full
    standing = story.read(f"/v1/accounts/{CHEN}/standing")
    assert (standing["restrictions"], standing["open_cases"]) == ([], [])
    chen.open(chen.address)
    for words in ("撤销", FOUND):
        assert chen.reads(words), words
    after = story.product.call("POST", "/v1/moderations", sent).body
    assert (after["verdict"], after["automated"]) == ("allow", False)

    # Every step stands in the audit with who took it, and nobody has changed a row of it since.
    assert story.steps() == [
        "reviewer: case.claimed",
        "reviewer: explanation.requested",
        "reviewer: case.decided",
        "Chen: explanation.answered",
        "reviewer: case.claimed",
        "reviewer: explanation.rejected",
        "reviewer: case.settled",
        "Chen: appeal.filed",
        "appeal_reviewer: appeal.claimed",
        "appeal_reviewer: appeal.message",
        "Chen: appeal.message",
        "appeal_reviewer: appeal.decided",
    ]
    assert story.product.audit_faults() == []
