"""The domain's vocabularies, made known to GraphQL. Import this before any noun."""

from compiler.describe import described_enum
from domain import terms
from domain.refusal import RefusalCode
from domain.webhook import DeliveryError, DeliveryStatus, WebhookEnd

for vocabulary, zh in (
    (terms.AppealType, "诉求类型"),
    (terms.ChangedNoun, "变更对象"),
    (terms.Channel, "来源渠道"),
    (terms.ConcernClass, "诉求分类"),
    (DeliveryError, "投递失败原因"),
    (DeliveryStatus, "投递状态"),
    (terms.DivisionLevel, "区划级别"),
    (terms.LevelKind, "层级类别"),
    (terms.PhotoPhase, "照片时点"),
    (RefusalCode, "拒绝原因"),
    (terms.RoleKind, "岗位类别"),
    (terms.Route, "流转方式"),
    (terms.ServiceKind, "服务类别"),
    (terms.Severity, "事项难易"),
    (terms.TicketStatus, "工单状态"),
    (terms.TicketVerb, "办理动作"),
    (terms.TreeKind, "组织树"),
    (terms.Verdict, "居民评价"),
    (WebhookEnd, "停用原因"),
):
    described_enum(vocabulary, zh)
