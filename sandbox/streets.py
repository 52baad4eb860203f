"""The stations of Chengzhong, their projects, and what each kind of service is like."""

from __future__ import annotations

from dataclasses import dataclass

AREA = "450202000000000000"


@dataclass(frozen=True, slots=True)
class Station:
    """A station, its street, its national team and its Guangxi organisation."""

    code: str
    street: str
    team: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of service: its category, Guangxi's code, the national one, projects, remarks, usual minutes, weight."""

    category: str
    service_type: str
    national_category: str
    projects: tuple[str, ...]
    remarks: tuple[str, ...]
    minutes_min: int
    minutes_max: int
    weight: int
    credits_half_hours: int = 0


STATIONS = tuple(
    Station(f"CZ{number:02d}", f"{street}街道", f"4502020000000000000000000000000{number}", f"GX450202-{number:03d}")
    for number, street in enumerate(("城中", "公园", "中南", "沿江", "潭中", "河东", "静兰"), start=1)
)
COMMUNITIES = ("榕荫", "江畔", "桂香")
KINDS = (
    Kind("emotional_support", "4501", "0017", ("暖心陪聊", "聊天解闷"), ("上门聊天",), 25, 70, 34, 1),
    Kind("assistance", "4502", "0001", ("代缴水电", "代购药品", "买菜"), ("代缴电费",), 20, 90, 24, 1),
    Kind("escort", "4503", "0017", ("陪同就医", "陪同买菜"), ("排队久",), 40, 120, 14, 1),
    Kind("recreation", "4504", "0008", ("金秋手工坊", "陪同健身操"), ("重阳节",), 50, 120, 14, 2),
    Kind("training", "4505", "0007", ("防诈骗讲座", "智能手机课"), ("30人次",), 60, 120, 8, 2),
    Kind("professional", "4506", "0004", ("义诊量血压", "居家照护"), ("护士，已验证书",), 40, 90, 0),
)
MEETINGS = Kind("", "0001", "0001", ("志愿者培训", "月度例会", "工作督导"), ("",), 60, 120, 0)
UNNAMED = Kind("", "4599", "0099", ("邻里守望日",), ("",), 45, 75, 0)
SPECIAL_REMARK = "排队久，特殊情况2小时"
