"""Read a typed remark: nothing of anybody's health or disability is kept, so a remark that tells it is refused."""

from __future__ import annotations

from mapping.typed import TypedProblem, plain

_HEALTH_WORDS = (
    "高血压", "糖尿病", "心脏病", "冠心病", "脑梗", "中风", "偏瘫", "瘫痪", "癌", "肿瘤", "化疗", "透析", "肝炎",
    "肺结核", "艾滋", "抑郁", "精神病", "精神分裂", "痴呆", "阿尔茨海默", "帕金森", "癫痫", "残疾", "残障", "伤残",
    "失能", "失明", "失聪", "失智", "聋哑", "截肢", "骨折", "褥疮", "白内障", "痛风", "哮喘", "慢性病", "重病", "绝症",
    "病史", "病情",
)  # fmt: skip


def typed_remark(text: str) -> str | TypedProblem:
    """Read 备注 or 服务对象 as written, unless it tells of health or disability; the problem names the word."""
    said = plain(text)
    word = next((word for word in _HEALTH_WORDS if word in said), "")
    return TypedProblem("health_told", (("word", word),)) if word else text.strip()
