"""A record made by hand of our own sample article, so that forms are tested whatever the components find."""

import json

from nlp_extract.record import model as m
from tests.conftest import ROOT


def article() -> tuple[str, str, str]:
    """Title, text and the day of publication."""
    found = json.loads((ROOT / "data" / "articles" / "car_makers_abroad.json").read_text("utf-8"))
    return found["title"], found["text"], found["published"]


def record() -> m.KeyPointRecord:
    """Something in every section, with overlaps."""
    title, text, published = article()
    whole = f"{title}\n{text}"

    def at(surface: str, after: int = 0) -> m.TextSpan:
        start = whole.index(surface, after)
        return m.TextSpan(text=surface, start=start, end=start + len(surface))

    def spot(surface: str, after: int = 0) -> dict[str, object]:
        return at(surface, after).model_dump()

    def all_of(*surfaces: str) -> tuple[m.TextSpan, ...]:
        found = []
        for surface in surfaces:
            start = whole.find(surface)
            while start >= 0:
                found.append(m.TextSpan(text=surface, start=start, end=start + len(surface)))
                start = whole.find(surface, start + 1)
        return tuple(sorted(found, key=lambda s: (s.start, s.end)))

    body = len(title)
    signing = "岚图汽车科技有限公司（以下简称“岚图”）与挪威经销商北欧电动签署协议，计划三年内在北欧五国建成60家门店"
    tariff = "美国对中国电动汽车加征的100%关税，也使部分车企推迟了北美计划"
    shipping = "海运运力不足、海外售后网络薄弱，仍制约着交付，公司第一季度有约3000辆车滞留港口"
    lead = "2025中国汽车出海论坛25日在武汉开幕，来自18个国家和地区的320余家企业参会"
    german = "德国汽车工业协会则担忧，价格竞争将进一步挤压欧洲本土厂商的利润"
    share = "5月中国品牌在当地的份额升至14.2%，比上月提高1.3个百分点"
    future = "未来五年海外建厂将成为主流，有望带动零部件、物流和金融服务一同走出去"
    risk = "各国贸易壁垒抬头，盲目扩张可能带来亏损"
    battery = "自2027年2月起，在欧盟销售的动力电池必须附有“电池护照”"
    plant = "小鹏汽车将于明年年底前在印度尼西亚投产第二座海外工厂，并把研发中心扩建到慕尼黑"
    quotation = "出海不只是卖车，更要扎根当地。"
    exports = "今年1月至5月，我国汽车出口249万辆，同比增长7.9%，其中新能源汽车出口85.5万辆，同比增长64.6%"
    ships = "提出增开汽车滚装船航线、简化动力电池出口检测流程，并鼓励银行在海外提供人民币信贷"

    def time(surface: str, start: str | None, end: str | None, grain: str, kind: str, said: str) -> m.Time:
        return m.Time.model_validate(
            {
                **spot(surface, body), "value_start": start, "value_end": end, "grain": grain, "kind": kind,
                "statement": spot(said),
            }
        )  # fmt: skip

    def figure(surface: str, metric: str, number: float, unit: str, **more: object) -> m.Figure:
        return m.Figure.model_validate(
            {**spot(surface, body), "metric": spot(metric, body), "number": number, "unit": unit, **more}
        )

    def change(surface: str, ratio: float, basis: str = "year_on_year") -> dict[str, object]:
        return {**spot(surface), "ratio": ratio, "basis": basis}

    lantu = all_of("岚图汽车科技有限公司", "岚图")
    lantu = tuple(s for s in lantu if not any(o.start <= s.start and s.end <= o.end and o != s for o in lantu))
    return m.KeyPointRecord(
        title=title,
        published=published,
        times=(
            time("25日", "2025-06-25", "2025-06-25", "day", "point", lead),
            time("今年1月至5月", "2025-01-01", "2025-05-31", "month", "range", exports),
            time("自2027年2月起", "2027-02-01", None, "month", "range", battery),
            time("明年年底前", None, "2026-12-31", "year", "range", plant),
            time("未来五年", "2026-01-01", "2030-12-31", "year", "range", future),
        ),
        places=(
            m.Place(
                **spot("武汉", body), name="武汉市", country="CN", level="city", role="scene", mentions=all_of("武汉")
            ),
            m.Place(
                **spot("印度尼西亚"),
                name="印度尼西亚",
                country="ID",
                level="country",
                role="involved",
                mentions=all_of("印度尼西亚"),
            ),
            m.Place(
                **spot("挪威"), name="挪威", country="NO", level="country", role="involved", mentions=all_of("挪威")
            ),
        ),
        industries=(
            m.Industry(
                code="36",
                name="汽车制造业",
                section="C",
                score=0.93,
                evidence=all_of("新能源汽车", "零部件", "动力电池"),
            ),
            m.Industry(code="51", name="批发业", section="F", score=0.41, evidence=all_of("出口")),
        ),
        subjects=(
            m.Participant(**lantu[0].model_dump(), name=lantu[0].text, type="ORG", mentions=lantu, salience=0.8),
            m.Participant(
                **spot("广东小鹏汽车科技集团有限公司"),
                name="广东小鹏汽车科技集团有限公司",
                type="ORG",
                mentions=(at("广东小鹏汽车科技集团有限公司"), at("小鹏汽车将"), at("小鹏今年")),
                salience=0.6,
            ),
            m.Participant(
                **spot("程启航"),
                name="程启航",
                type="PER",
                mentions=all_of("程启航"),
                affiliation=at("广东小鹏汽车科技集团有限公司"),
                title=at("副总裁"),
                salience=0.4,
            ),
        ),
        objects=(
            m.Participant(
                **spot("挪威经销商北欧电动"),
                name="挪威经销商北欧电动",
                type="ORG",
                mentions=all_of("挪威经销商北欧电动"),
            ),
            m.Participant(**spot("动力电池"), name="动力电池", type="OTHER", mentions=all_of("动力电池")),
        ),
        actions=(
            m.Action(
                **spot(signing),
                subject=lantu[0],
                predicate=at("签署"),
                object=at("协议", body),
                modality="fact",
                time=at("25日", body),
            ),
            m.Action(
                **spot(signing),
                subject=None,
                predicate=at("建成"),
                object=at("60家门店"),
                subject_name="岚图汽车科技有限公司",
                modality="plan",
            ),
            m.Action(
                **spot(plant),
                subject=at("小鹏汽车将"),
                predicate=at("投产"),
                object=at("第二座海外工厂"),
                subject_name="广东小鹏汽车科技集团有限公司",
                modality="plan",
            ),
            m.Action(
                **spot(tariff),
                subject=at("美国"),
                predicate=at("加征"),
                object=at("100%关税"),
                modality="negated",
            ),
        ),
        reactions=(m.Statement(**spot(share)), m.Statement(**spot(german), holder=at("德国汽车工业协会"))),
        policies=(
            m.Policy(
                **spot("《欧盟电池和废电池法规》"),
                name="欧盟电池和废电池法规",
                kind="regulation",
                statement=at(battery),
            ),
            m.Policy(
                **spot("《关于支持新能源汽车贸易合作健康发展的意见》"),
                name="关于支持新能源汽车贸易合作健康发展的意见",
                kind="opinion",
                issuer=at("商务部等九部门"),
                statement=at(ships),
            ),
        ),
        sentiment=m.Sentiment(
            label="mixed",
            score=0.31,
            strength=2,
            evidence=(m.Statement(**spot(exports), polarity=1), m.Statement(**spot(tariff), polarity=-1)),
        ),
        scopes=(m.Scope(**spot(future), level="industry"), m.Scope(**spot(shipping), level="company")),
        outlook=m.Outlook(
            positive=(m.Statement(**spot(future)), m.Statement(**spot(plant))), negative=(m.Statement(**spot(risk)),)
        ),
        details=m.Details(
            figures=(
                figure(
                    "249万辆",
                    "汽车出口",
                    2.49e6,
                    "辆",
                    change=change("同比增长7.9%", 0.079),
                    period=spot("今年1月至5月"),
                ),
                figure("8.2%", "传统燃油车出口", 0.082, "%", change=change("下降8.2%", -0.082)),
                figure(
                    "14.2%",
                    "中国品牌在当地的份额",
                    0.142,
                    "%",
                    change=change("比上月提高1.3个百分点", 0.013, "period_on_period"),
                ),
                figure("60家", "门店", 60.0, "家"),
            ),
            opinions=(
                m.Opinion(
                    **spot(f"“{quotation}”他说"),
                    speaker=at("他说"),
                    speaker_name="程启航",
                    affiliation=at("广东小鹏汽车科技集团有限公司"),
                    title=at("副总裁"),
                    content=at(quotation),
                    direct=True,
                ),
                m.Opinion(
                    **spot(german),
                    speaker=at("德国汽车工业协会"),
                    speaker_name="德国汽车工业协会",
                    content=at(german[11:]),
                ),
            ),
            measures=(m.Statement(**spot(ships)),),
            challenges=(m.Statement(**spot(shipping)), m.Statement(**spot(tariff))),
        ),
        entities=(
            m.EntityRecord(**lantu[0].model_dump(), name=lantu[0].text, type="ORG", mentions=lantu),
            m.EntityRecord(**spot("武汉", body), name="武汉", type="LOC", mentions=all_of("武汉")),
            m.EntityRecord(**spot("程启航"), name="程启航", type="PER", mentions=all_of("程启航")),
        ),
        provenance=m.Provenance(version="0", reference_date=published, reference_source="published"),
    ).beside(whole)
