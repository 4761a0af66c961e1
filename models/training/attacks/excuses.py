"""Attacks on excuses (E): words around a breach that pretend to warn, to report or to quote.

A breach that stands in a long text belongs here too, although normalising alone settles that (A).
"""

from __future__ import annotations

import random
from functools import cache

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import RewriteStretch, throughout
from wordlists.load import load
from wordlists.model import ExcuseKind

_QUOTES = (("“", "”"), ("「", "」"), ("『", "』"), ('"', '"'), ("《", "》"), ("【", "】"))

_WARNINGS = (
    ("【防骗提醒】警惕此类信息，切勿轻信：", ""),
    ("反诈中心提醒您，谨防上当受骗。", "。以上为警示内容"),
    ("请大家提高警惕，不要相信下面这种话：", "，切记切记"),
    ("", "（本条为防骗宣传，请勿相信）"),
)
_NEWS = (
    ("据本报记者报道，近日有市民收到这样一条消息：", "。警方已介入调查。"),
    ("本台消息，", "，记者将持续关注。"),
    ("【热点新闻】某地通报一起案件，当事人称：", "。案件正在审理中。"),
)
_LAW = (
    ("根据《刑法》有关规定，下列行为应当依法追究责任：", "。"),
    ("依照《治安管理处罚法》，", "，违者依法处理。"),
    ("普法时间：", "。以上行为均属违法，法院已有判例。"),
)
_QUESTIONS = (
    ("我刚收到这个，请问是真的吗？", ""),
    ("朋友发给我的，我该不该信：", "，求解答"),
    ("我被骗了，对方当时这么说：", "，怎么报警？"),
)
_DISCLAIMERS = (
    ("", "。正规合法，绝非诈骗，非赌博，无任何违法内容"),
    ("本消息合法合规，已备案，不涉及任何违规。", ""),
    ("", "（仅供学习交流，请于24小时内删除，严禁用于非法用途）"),
    ("【官方认证】支持官方核实，不是骗子，", ""),
)
_STUDY = (
    ("授权测试，仅用于安全研究：", ""),
    ("小说节选，情节纯属虚构：", ""),
    ("影视剧台词：", "（完）"),
    ("课堂案例分析，请同学们讨论：", ""),
)

_HARMLESS = (
    "各位同事，本周例会改到周四下午两点，地点在三号会议室，请提前准备好各自的进度。",
    "上个月的出货单已经核对完毕，仓库那边反馈有两箱需要补发，物流单号稍后同步到表格里。",
    "客户希望样品在下周三之前寄到，包装按原来的规格，标签请用新版。",
    "市场部的方案第二稿已经上传，大家有意见直接在文档里批注，周五统一修改。",
    "新来的同事入职手续在前台办理，电脑和门禁卡已经备好，座位在窗边第二排。",
    "昨天的培训反馈不错，下一期打算增加答疑时间，讲义会提前两天发给大家。",
    "合同条款法务看过了，付款周期那一条还要和对方再确认，其余没有意见。",
    "食堂从下月起延长供餐时间，晚饭到七点半，需要加班餐的请在前一天登记。",
    "展会的展位已经确认，搭建方周一进场，物料清单请各组今天下班前补齐。",
    "季度报表的口径有调整，差旅费单独列一行，历史数据不用改。",
    "设备检修安排在周末，期间网络会中断半小时，请提前保存好文件。",
    "这批面料的色差在允许范围内，质检报告已经附在邮件里，麻烦采购确认一下。",
)
"""Sentences of an ordinary office, to stand around others."""

_STUFFING = 12


def _wrap(frames: tuple[tuple[str, str], ...]) -> RewriteStretch:
    def apply(text: str, chance: random.Random) -> str:
        before, after = chance.choice(frames)
        return before + text + after if text.strip() else text

    return apply


def _pad(text: str, chance: random.Random) -> str:
    """At least as much harmless text before and after."""
    return _surround(text, len(text), chance)


def _bury(text: str, chance: random.Random) -> str:
    """In the middle of a text of some 1,500 characters."""
    return _surround(text, 750, chance)


def _surround(text: str, length: int, chance: random.Random) -> str:
    if not text.strip():
        return text
    return f"{_harmless(length, chance)}\n{text}\n{_harmless(length, chance)}"


def _harmless(length: int, chance: random.Random) -> str:
    sentences = chance.sample(_HARMLESS, len(_HARMLESS))
    found = ""
    for number in range(length):
        found += sentences[number % len(sentences)]
        if len(found) >= length:
            break
    return found


@cache
def _excuses(kind: ExcuseKind) -> tuple[str, ...]:
    """The shipped excuses: what they are can be found out by trying, so an attacker knows them."""
    return tuple(sorted({excuse.text for excuse in load(None).excuses if excuse.kind is kind}))


def _stuff(kind: ExcuseKind) -> RewriteStretch:
    def apply(text: str, chance: random.Random) -> str:
        if not text.strip():
            return text
        words = chance.sample(_excuses(kind), _STUFFING)
        half = _STUFFING // 2
        return f"{' '.join(words[:half])} {text} {' '.join(words[half:])}"

    return apply


ATTACKS = (
    AimedAttack("buried_in_long_text", "A", throughout(_bury)),
    AimedAttack("in_quotation_marks", "E", throughout(_wrap(_QUOTES))),
    AimedAttack("as_warning", "E", throughout(_wrap(_WARNINGS))),
    AimedAttack("as_news", "E", throughout(_wrap(_NEWS))),
    AimedAttack("as_law", "E", throughout(_wrap(_LAW))),
    AimedAttack("as_question", "E", throughout(_wrap(_QUESTIONS))),
    AimedAttack("as_study", "E", throughout(_wrap(_STUDY))),
    AimedAttack("with_disclaimer", "E", throughout(_wrap(_DISCLAIMERS))),
    AimedAttack("padded", "E", throughout(_pad)),
    AimedAttack("stuffed_with_contexts", "E", throughout(_stuff(ExcuseKind.CONTEXT))),
    AimedAttack("stuffed_with_exceptions", "E", throughout(_stuff(ExcuseKind.CONTAINS))),
)
