"""The domain's vocabularies, made known to GraphQL. Import this before any noun."""

from compiler.describe import described_enum
from domain import terms
from domain.disclosure import PersonalField, Purpose
from domain.identity import OfficeKind, TokenScope
from domain.refusal import RefusalCode
from domain.statistics import Breakdown, Span
from domain.webhook import DeliveryError, DeliveryStatus, WebhookEnd

for vocabulary, zh in (
    (terms.AppealType, "诉求类型"),
    (Breakdown, "统计分组"),
    (terms.ChangedNoun, "变更对象"),
    (terms.Channel, "来源渠道"),
    (terms.ConcernClass, "诉求分类"),
    (DeliveryError, "投递失败原因"),
    (DeliveryStatus, "投递状态"),
    (terms.DivisionLevel, "区划级别"),
    (terms.LevelKind, "层级类别"),
    (OfficeKind, "职务授权类别"),
    (PersonalField, "个人信息项"),
    (terms.PhotoPhase, "照片时点"),
    (Purpose, "查阅目的"),
    (RefusalCode, "拒绝原因"),
    (terms.RoleKind, "岗位类别"),
    (terms.Route, "流转方式"),
    (terms.ServiceKind, "服务类别"),
    (terms.Severity, "事项难易"),
    (Span, "办理时长"),
    (terms.TicketStatus, "工单状态"),
    (terms.TicketVerb, "办理动作"),
    (TokenScope, "令牌权限"),
    (terms.TreeKind, "组织树"),
    (terms.Verdict, "居民评价"),
    (WebhookEnd, "停用原因"),
):
    described_enum(vocabulary, zh)
