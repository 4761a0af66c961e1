"""The lists that come with the product: who may block, and what survives in a sentence."""

from __future__ import annotations

from collections import Counter

import pytest

from models.text.tokenise import tokeniser
from wordlists.load import load
from wordlists.model import Entry, ExcuseKind, Mode

LISTS = load()
LEAST = {
    "3.4.1.1/national_security": 10,
    "3.4.1.2/cult_superstition": 10,
    "3.4.1.2/ethnic_hatred": 10,
    "3.4.1.2/terrorism": 10,
    "3.4.1.3/financial_rumor": 10,
    "3.4.1.4/public_rumor": 10,
    "3.4.1.5/impersonation": 10,
    "3.4.1.6/illegal_assembly": 10,
    "3.4.1.7/crime_methods": 10,
    "3.4.1.7/fraud": 40,
    "3.4.1.7/gambling": 40,
    "3.4.1.7/illicit_trade": 40,
    "3.4.1.7/pornography": 40,
    "3.4.1.7/violence": 10,
    "3.4.1.8/insult": 10,
    "3.4.1.8/intellectual_property": 10,
    "3.4.1.8/minors": 10,
    "3.4.1.8/privacy": 10,
    "3.4.1.9/other_prohibited": 10,
    "3.4.2.1/malware": 10,
    "3.4.2.2/intrusion": 40,
    "3.4.2.3/vulnerability_probing": 10,
    "3.4.2.4/attack_tools": 40,
    "3.4.3/platform_abuse": 10,
}
MAY_BLOCK = ("3.4.1.5/", "3.4.1.7/", "3.4.1.8/", "3.4.2.")
BORDER_ON_OPINION = (
    "3.4.1.1/",
    "3.4.1.2/cult_superstition",
    "3.4.1.3/",
    "3.4.1.4/",
    "3.4.1.6/",
)
CARRIERS = (
    "你好，{}，联系我",
    "有需要{}的朋友加我",
    "我们公司{}电话同号",
    "专业提供{}可以谈",
    "这个人说{}了",
    "今天{}吗？",
)


def borders(text: str) -> set[int]:
    """Positions where jieba's dictionary, without its hidden Markov model, parts the text."""
    found = {0}
    position = 0
    for token in tokeniser()(text):
        position += len(token)
        found.add(position)
    return found


def stands_free(entry: str, text: str) -> bool:
    start = text.find(entry)
    return start >= 0 and {start, start + len(entry)} <= borders(text)


def test_every_label_has_its_entries() -> None:
    counts = Counter(entry.label for entry in LISTS.entries)
    assert set(counts) == set(LEAST)
    assert {label: n for label, n in counts.items() if n < LEAST[label]} == {}
    assert len(LISTS.entries) >= 480


def test_only_labels_that_may_block_hold_entries_that_block_and_these_are_long() -> None:
    wrong = [
        entry.text
        for entry in LISTS.entries
        if entry.mode is Mode.BLOCK
        and not (entry.label.startswith(MAY_BLOCK) and len(entry.text) >= 4)
    ]
    assert wrong == []


def test_labels_that_border_on_opinion_always_need_context() -> None:
    wrong = [
        entry.text
        for entry in LISTS.entries
        if entry.label.startswith(BORDER_ON_OPINION) and entry.mode is not Mode.NEEDS_CONTEXT
    ]
    assert wrong == []


def test_every_entry_stands_free_in_more_than_half_of_the_carriers() -> None:
    def free(entry: Entry) -> int:
        return sum(stands_free(entry.text, carrier.format(entry.text)) for carrier in CARRIERS)

    swallowed = [entry.text for entry in LISTS.entries if free(entry) <= len(CARRIERS) // 2]
    assert swallowed == []


def test_there_are_excuses_of_both_kinds() -> None:
    kinds = Counter(excuse.kind for excuse in LISTS.excuses)
    assert kinds[ExcuseKind.CONTAINS] >= 60
    assert kinds[ExcuseKind.CONTEXT] >= 60
    assert {label for excuse in LISTS.excuses for label in excuse.labels or ()} <= set(LEAST)


def test_an_excuse_that_should_contain_an_entry_contains_one_of_its_labels() -> None:
    idle = [
        excuse.text
        for excuse in LISTS.excuses
        if excuse.kind is ExcuseKind.CONTAINS
        and not any(
            entry.text in excuse.text and entry.text != excuse.text
            for entry in LISTS.entries
            if excuse.labels is None or entry.label in excuse.labels
        )
    ]
    assert idle == []


def test_no_entry_excuses_itself() -> None:
    circular = [
        (excuse.text, entry.text)
        for excuse in LISTS.excuses
        for entry in LISTS.entries
        if excuse.text in entry.text and (excuse.labels is None or entry.label in excuse.labels)
    ]
    assert circular == []


@pytest.mark.parametrize(
    "text",
    [
        "个体户可以到税务局代开发票，带上身份证就行",
        "财务说要验票后付款，麻烦先把增值税专票寄过来",
        "这批肉鸡饲料下周二到货，仓库先留两个货位",
        "空调外挂机的支架要加固，报价单我晚点发你",
        "甲方要求做渗透测试，授权书已经盖章",
        "新茶到货了，王总有空来品茶",
        "床上四件套的打样图发群里了",
        "会议共享屏幕看不清，我重新共享一下",
        "银行要求我们上传对公账户的开户许可证",
        "这份合同的协议号我填错了，重新走流程",
        "服务器昨晚被ddos攻击，运维正在切换高防",
        "警方提醒：刷单返利都是骗局",
        "世上没有稳赚不赔的生意，先做小批量试试",
        "手机跑分不错，可以作为工牌终端选型",
    ],
)
def test_ordinary_business_holds_nothing_that_blocks(text: str) -> None:
    found = [e.text for e in LISTS.entries if e.mode is Mode.BLOCK and e.text in text]
    assert found == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("本公司长期代开各行业发票，点位低，欢迎来电", "3.4.1.7/illicit_trade"),
        ("新用户注册送彩金，大额秒到", "3.4.1.7/gambling"),
        ("宝妈兼职刷单日结，在家就能做", "3.4.1.7/fraud"),
        ("黑客接单，什么站都能搞", "3.4.2.2/intrusion"),
        ("出售钓鱼网站源码，包搭建", "3.4.2.4/attack_tools"),
        ("代查开房记录，当天出结果", "3.4.1.8/privacy"),
    ],
)
def test_what_adverts_say_is_found(text: str, label: str) -> None:
    found = {
        entry.label
        for entry in LISTS.entries
        if entry.mode is Mode.BLOCK and stands_free(entry.text, text)
    }
    assert label in found
