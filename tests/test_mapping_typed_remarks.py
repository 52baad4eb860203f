"""Nothing of anybody's health or disability is kept."""

import pytest

from mapping.typed import TypedProblem
from mapping.typed_remarks import typed_remark


@pytest.mark.parametrize("said", ["", "上门聊天", "代缴电费", "排队久，特殊情况2小时", "护士，已验证书", "30人次"])
def test_a_plain_remark_is_read_as_written(said: str) -> None:
    assert typed_remark(f" {said} ") == said


@pytest.mark.parametrize(
    ("said", "word"),
    [("老人患高血压", "高血压"), ("陪同残疾老人", "残疾"), ("中风后行动不便", "中风"), ("病情稳定", "病情")],
)
def test_a_remark_that_tells_of_health_is_refused_by_the_word(said: str, word: str) -> None:
    assert typed_remark(said) == TypedProblem("health_told", (("word", word),))
