"""Tells an account's score to a person: what it is, what it lost and when that comes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from service.enforcement.credit.model import FULL, MONTH, TERMS, Counted, Score, Terms
from service.policy.ladder import CreditLevel
from service.policy.model import Reasons, Severity

_SHANGHAI: Final = timedelta(hours=8)  # no summer time since 1991, and no entry is older

_LEVELS: Final = {
    CreditLevel.GOOD: ("良好", "good"),
    CreditLevel.FAIR: ("一般", "fair"),
    CreditLevel.POOR: ("较差", "poor"),
    CreditLevel.EXHAUSTED: ("耗尽", "exhausted"),
}
_SEVERITIES: Final = {
    Severity.LOW: ("轻微", "low"),
    Severity.MEDIUM: ("一般", "medium"),
    Severity.HIGH: ("严重", "high"),
    Severity.CRITICAL: ("特别严重", "critical"),
}

MOST_LINES: Final = 20
"""Entries that are told one by one; of more only the number."""


def explain(score: Score, now: datetime, terms: Terms = TERMS) -> Reasons:
    """The score in words, zh-CN and English, one line for each entry that still takes points.

    Days are those of Asia/Shanghai. Names no content, no reporter and no reviewer.
    """
    zh_level, en_level = _LEVELS[score.level]
    zh = [f"信用分 {score.points}（满分 {FULL}），等级：{zh_level}。"]
    en = [f"Credit {score.points} of {FULL}, level: {en_level}."]
    counting = [found for found in score.entries if found.remaining]
    for found in counting[:MOST_LINES]:
        zh_line, en_line = _tell(found, now)
        zh.append(zh_line)
        en.append(en_line)
    left = len(counting) - MOST_LINES
    if left > 0:
        zh.append(f"另有 {left} 项扣分。")
        en.append(f"{left} more entries take points.")
    if counting:
        zh.append(
            f"自最近一次经人工确认的违规起，每满 {MONTH.days} 天未再违规，"
            f"每项恢复 {terms.regained} 分。"
        )
        en.append(
            f"Every {MONTH.days} days without a further breach confirmed by a person give back"
            f" {terms.regained} points for each entry."
        )
    else:
        zh.append("目前没有扣分。")
        en.append("Nothing takes points at present.")
    reversed_ = sum(found.entry.reversed_at is not None for found in score.entries)
    if reversed_:
        zh.append(f"已撤销 {reversed_} 项扣分，不再计入。")
        en.append(f"{reversed_} reversed and no longer counted.")
    return Reasons("\n".join(zh), "\n".join(en))


def _tell(found: Counted, now: datetime) -> tuple[str, str]:
    entry = found.entry
    zh_severity, en_severity = _SEVERITIES[entry.severity]
    begun, ends = _day(entry.created_at), _day(entry.expires_at)
    zh = f"{begun} 经人工确认的违规（{zh_severity}）：扣 {entry.points} 分"
    en = f"{begun}: a breach confirmed by a person ({en_severity}) took {entry.points} points"
    if regained := entry.points - found.remaining:
        zh += f"，已恢复 {regained} 分"
        en += f", {regained} of them given back"
    return f"{zh}，最迟至 {ends} 失效。", f"{en}; it counts until {ends} at the latest."


def _day(at: datetime) -> str:
    return (at + _SHANGHAI).date().isoformat()
