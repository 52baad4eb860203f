from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from desk.report.html import render_html
from desk.report.values import NightFigures, ReportData
from desk.words.words import LANGUAGES, words
from domain.conflicts import ConflictKind, ConflictState
from tests.desk_report_night import NAMES, night
from tests.nights import shipped_rules

CHINESE = words("zh")
VOID = {"meta", "br", "rect", "line", "link", "img"}
HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }}</style>'


class Page(HTMLParser):
    """A page taken apart: tags, attributes, visible text, and whether every tag was closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(attribute))]


def of_kind(data: ReportData, kind: ConflictKind) -> ReportData:
    return replace(data, conflicts=tuple(one for one in data.conflicts if one.kind is kind))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("station", [None, "CZ06", "CZ03"])
def test_the_page_is_whole_and_needs_nothing_from_outside(lang: str, station: str | None) -> None:
    html = render_html(night(), words(lang), station)
    page = Page(html)
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "base"} & {tag for tag, _ in page.tags}
    assert page.values("src") == []
    assert all(target.startswith("#") for target in page.values("href"))
    assert not re.search(r"url\((?!#)|@import|https?:", html)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_every_link_leads_somewhere_and_no_place_has_two_names() -> None:
    page = Page(render_html(night(), CHINESE))
    places = page.values("id")
    assert {target[1:] for target in page.values("href")} <= set(places)
    assert len(places) - places.count("hatch") == len(set(places) - {"hatch"})


def test_the_headline_says_in_words_what_must_be_done_first() -> None:
    text = Page(render_html(night(), CHINESE)).text
    assert "昨夜部分完成。您有24件要处理，涉及129.0小时；其中2件今天必办；1件等另一人复核。" in text
    assert "桂志愿 已核对至10-20 23:59" in text
    assert "中国志愿服务网 只到10-19 23:59（平台维护，今晚自动补，您不用管）" in text
    assert text.index("您有24件") < text.index("一、今天必办") < text.index("二、待处理24件，归为17个原因")
    assert "提示1条；等候中23件，最早10-25到期" in text
    assert "入账46次33.5小时，更正2，冲正1" in text


def judged(state: ConflictState, **more: object) -> str:
    """Give the text of a page whose first conflict of hours was judged and is in this state now."""
    data = night()
    kept = next(one for one in data.conflicts if one.kind is ConflictKind.HOURS_DIFFER)
    judged_one = replace(kept, state=state, decision="credit:1.5", decided_by="韦站长", **more)  # type: ignore[arg-type]
    return Page(render_html(replace(data, conflicts=(judged_one,), rules=shipped_rules()), CHINESE)).text


def test_what_one_person_proposed_waits_for_another_by_name() -> None:
    assert "已提出“按1.5小时记”（韦站长），等另一人复核" in judged(ConflictState.PROPOSED)


def test_what_was_sent_back_says_until_when_the_station_is_asked() -> None:
    text = judged(ConflictState.RETURNED, asked_until=date(2022, 10, 31))
    assert "已退回站点核实（韦站长），请在10-31前答复" in text


def test_a_conflict_that_came_back_says_what_was_decided_and_what_changed_since() -> None:
    then, now = ("guangxi:G1|1800|-", "national:N1|2520|-"), ("guangxi:G1|3600|-", "national:N1|2520|-")
    text = judged(ConflictState.OPEN, judged_on=then, evidence=now)
    assert "曾定为“按1.5小时记”（韦站长），此后依据有变" in text
    assert "变化：原为“桂志愿 G1 0.50小时”，现为“桂志愿 G1 1.00小时”" in text
    assert "N1 0.70" not in text


def test_what_nobody_has_judged_has_no_past() -> None:
    text = Page(render_html(night(), CHINESE)).text
    assert not any(word in text for word in ("曾定为", "已提出", "变化："))


def test_a_quiet_night_says_so() -> None:
    quiet = replace(night(), conflicts=(), run_outcome="complete", night=NightFigures(), waiting_count=0, unreadable=())
    text = Page(render_html(quiet, CHINESE)).text
    assert "昨夜完成。今天没有要您处理的。" in text
    assert "二、待处理：没有" in text
    assert "明细" not in text


def test_a_platform_that_needs_a_technician_stands_among_todays_work() -> None:
    data = night()
    stuck = replace(data.platforms[1], problem="key_refused", catches_up_itself=False)
    text = Page(render_html(replace(data, platforms=(stuck,), conflicts=()), CHINESE)).text
    assert "中国志愿服务网，平台不认我们的密钥，请转技术员" in text[text.index("一、今天必办") :]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_full_name_and_no_code_is_shown(lang: str) -> None:
    text = Page(render_html(night(), words(lang))).text
    assert not [name for name in NAMES if name in text]
    words_of_english = {"overlap", "vanished", "duplicate", "contract", "guard"} if lang == "en" else set()
    assert not [kind for kind in {*ConflictKind} - words_of_english if kind in text]
    assert not re.search(r"\b(CZ0\d|lease|cursor|adapter|hash)\b", text)


def test_record_numbers_stand_in_the_appendix_only() -> None:
    text = Page(render_html(night(), CHINESE)).text
    main, appendix = text[: text.index("附录 ")], text[text.index("附录 ") :]
    assert "GUANGXI-000302" in appendix
    assert "GUANGXI-" not in main
    assert "城中民发〔2021〕24号 第1版" in appendix
    assert "时长读不懂" in appendix


def test_what_a_platform_wrote_is_text_and_nothing_else() -> None:
    data = of_kind(night(), ConflictKind.CATEGORY_DIFFERS)
    (conflict,) = data.conflicts
    sides = tuple(replace(side, activity_name=HOSTILE, category_name=HOSTILE) for side in conflict.sides)
    hostile = replace(
        conflict, what=HOSTILE, person_masked=HOSTILE, station=HOSTILE, station_name=HOSTILE, sides=sides,
        reason="platform_refused", details=(("platform", HOSTILE), ("refusal", HOSTILE)),
    )  # fmt: skip
    page = Page(render_html(replace(data, bank=HOSTILE, conflicts=(hostile,)), CHINESE))
    assert page.open == []
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>{{ 7 * 7 }}" in page.text


def marked(data: ReportData, mark: str) -> list[str]:
    html = render_html(data, CHINESE)
    return re.findall(rf'<td class="{mark}[^"]*"><span>([^<]*)</span>', html)


@pytest.mark.parametrize(
    ("kind", "judged", "other"),
    [
        (ConflictKind.HOURS_DIFFER, ["0.70", "0.70", "2.00"], []),
        (ConflictKind.CATEGORY_DIFFERS, ["文体活动", "出行陪伴"], []),
        (ConflictKind.DATE_DIFFERS, ["10-18", "10-19"], []),
        (ConflictKind.PERSON_DIFFERS, ["覃*英", "谭*英"], []),
        (ConflictKind.OVERLAP, ["09:00–10:00", "09:30–10:30"], []),
        (ConflictKind.UNKNOWN_PERSON, [], []),
    ],
)
def test_what_must_be_judged_is_framed(kind: ConflictKind, judged: list[str], other: list[str]) -> None:
    data = of_kind(night(), kind)
    data = replace(data, conflicts=tuple(one for one in data.conflicts if one.state is not ConflictState.DECIDED))
    assert (marked(data, "judge"), marked(data, "other")) == (judged, other)


def test_a_difference_that_is_not_the_question_is_framed_lightly() -> None:
    data = of_kind(night(), ConflictKind.CATEGORY_DIFFERS)
    (conflict,) = data.conflicts
    first, second = conflict.sides
    rounded = replace(conflict, sides=(replace(first, seconds=2520), replace(second, seconds=1800)))
    assert marked(replace(data, conflicts=(rounded,)), "other") == ["0.70", "0.50"]


def test_names_that_look_alike_once_masked_are_framed_all_the_same() -> None:
    data = of_kind(night(), ConflictKind.PERSON_DIFFERS)
    (conflict,) = data.conflicts
    alike = replace(conflict, sides=tuple(replace(side, person_masked="覃*英") for side in conflict.sides))
    assert marked(replace(data, conflicts=(alike,)), "judge") == ["覃*英", "覃*英"]


def test_a_card_offers_only_what_may_be_decided() -> None:
    text = Page(render_html(of_kind(night(), ConflictKind.GUARD), CHINESE)).text
    assert "处理意见放行退回站点核实维持现状" in text
    assert "不予记入" not in text


def test_what_one_act_settles_is_asked_once() -> None:
    page = Page(render_html(of_kind(night(), ConflictKind.UNMAPPED), CHINESE))
    assert "一次处理，这6件一并解决" in page.text
    assert page.text.count("处理意见") == 1
    assert {f"C{number:010d}" for number in range(1, 7)} <= set(page.values("id"))


def test_many_records_of_a_stranger_are_cut_short_but_told() -> None:
    assert "还有3条，见报告附录" in Page(render_html(of_kind(night(), ConflictKind.UNKNOWN_PERSON), CHINESE)).text


def test_a_stations_page_shows_its_own_rows_only() -> None:
    text = Page(render_html(night(), CHINESE, "CZ02")).text
    assert "公园站：待核事项" in text
    assert "C0000000011" in text
    assert not re.search(r"C0000000010|河东站|城中站", text)
    assert "本站今天没有要核对的。" in Page(render_html(night(), CHINESE, "CZ03")).text


def test_the_footer_tells_what_the_page_is_not() -> None:
    html = render_html(night(), CHINESE)
    assert html.count("内部资料　姓名已隐　不作证明") == 2
    assert '"第" counter(page) "/" counter(pages) "页"' in html


def test_a_cause_of_several_stations_names_its_project_alone() -> None:
    data = night()
    first, *_ = [one for one in data.conflicts if one.kind is ConflictKind.HOURS_DIFFER]
    second = replace(first, conflict_id="CANOTHER", station="CZ07", station_name="静兰街道")
    page = Page(render_html(replace(data, conflicts=(first, second)), words("en")))
    assert f"Hours differ“{first.what}”" in page.text
    assert ", “" not in page.text
