"""Examples for the description of the API: one submission and one result for each verdict."""

from __future__ import annotations

from typing import Any, Final

_VERSIONS: Final = {
    "agreement": "2023-03-16",
    "policy": "p-5d1f0c2e",
    "wordlists": "w-8a41be90",
    "model": "m-2026-11-22",
    "service": "0.1.0",
}
_TIME: Final = "2026-11-22T08:00:00Z"

SUBMISSION: Final[dict[str, Any]] = {
    "text": "你好，请问明天下午三点的会议改到几点？",
    "data_id": "msg-1",
    "surface": "im.message",
    "account": {"id": "u-1", "kind": "end_user", "enterprise_id": "e-1"},
    "conversation_id": "c-9",
    "occurred_at": _TIME,
}


_MEASURES: Final[dict[str, Any]] = {
    "block": [
        {
            "id": "019aaf7e-6c00-7000-8000-000000000010",
            "type": "withhold_content",
            "account_id": "u-1",
            "data_ids": ["msg-3"],
            "functions": [],
            "state": "ordered",
            "starts_at": "2026-11-22T08:00:00.120000Z",
            "ends_at": None,
        }
    ]
}
_CASES: Final[dict[str, Any]] = {
    verdict: {
        "id": f"019aaf7e-6c00-7000-8000-00000000002{number}",
        "queue": queue,
        "due_at": "2026-11-22T16:00:00.120000Z",
    }
    for number, (verdict, queue) in enumerate({"review": "rights", "block": "content"}.items())
}


def _result(number: int, verdict: str, category: dict[str, Any] | None, zh: str, en: str) -> Any:
    return {
        "decision_id": f"019aaf7e-6c00-7000-8000-00000000000{number}",
        "data_id": f"msg-{number}",
        "revision": 1,
        "previous_decision_id": None,
        "verdict": verdict,
        "categories": [] if category is None else [category],
        "reasons": {"zh-CN": zh, "en": en},
        "measures": _MEASURES.get(verdict, []),
        "case": _CASES.get(verdict),
        "joined": [],
        "automated": True,
        "degraded": [],
        "versions": _VERSIONS,
        "occurred_at": _TIME,
        "decided_at": "2026-11-22T08:00:00.120000Z",
    }


RESULTS: Final[dict[str, Any]] = {
    "allow": _result(
        1,
        "allow",
        None,
        "未发现违反用户协议第3.4条的内容。",
        "Nothing was found that breaches Article 3.4.",
    ),
    "review": _result(
        2,
        "review",
        {
            "clause": "3.4.1.8",
            "label": "privacy",
            "score": 0.71,
            "severity": "medium",
            "verdict": "review",
            "sources": ["model"],
            "hits": [
                {
                    "source": "model",
                    "list": None,
                    "entry": None,
                    "text": "家庭住址",
                    "canonical": "家庭住址",
                    "start": 8,
                    "end": 12,
                    "disguise": [],
                }
            ],
        },
        "疑似违反第3.4.1.8条，概率0.71，转人工复核。",
        "Likely breach of clause 3.4.1.8, probability 0.71; sent to a person for review.",
    ),
    "block": _result(
        3,
        "block",
        {
            "clause": "3.4.1.7",
            "label": "gambling",
            "score": 0.97,
            "severity": "high",
            "verdict": "block",
            "sources": ["wordlist", "model"],
            "hits": [
                {
                    "source": "wordlist",
                    "list": "gambling",
                    "entry": "赌博",
                    "text": "赌 博",
                    "canonical": "赌博",
                    "start": 3,
                    "end": 6,
                    "disguise": ["spacing"],
                }
            ],
        },
        "疑似违反第3.4.1.7条，概率0.97，命中词表，判定为拦截。",
        "Likely breach of clause 3.4.1.7, probability 0.97: listed words; blocked.",
    ),
}
"""A result for each verdict."""

ATTACHMENT: Final[dict[str, Any]] = {
    "id": "00112233445566778899aabbccddeeff",
    "name": "license.pdf",
    "size": 120_000,
    "sha256": "ab" * 32,
    "check": "clean",
    "kept": True,
}
"""An example of a document that came with what somebody said."""

SENT_DOCUMENTS: Final[list[dict[str, Any]]] = [{"name": "license.pdf", "content": "JVBERi0xLjcK"}]
"""An example of documents in a body."""
