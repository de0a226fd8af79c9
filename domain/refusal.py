"""Why a command was not carried out: a closed set of codes (DESIGN §3)."""

from dataclasses import dataclass

from domain.terms import Term


class RefusalCode(Term):
    """Why a command was not carried out."""

    NOT_FOUND = "NOT_FOUND", "未找到", "There is no such thing, or it is not yours to see."
    FORBIDDEN = "FORBIDDEN", "无权操作", "Your posts do not allow this."
    KEY_REUSED = "KEY_REUSED", "幂等键重复", "The key was used before with another input."
    VERSION_CONFLICT = "VERSION_CONFLICT", "已被他人更新", "It has moved on since you last saw it."
    NOT_ALLOWED_FROM_STATUS = "NOT_ALLOWED_FROM_STATUS", "当前状态不允许", "Not in this status."
    NOT_RETURNABLE = "NOT_RETURNABLE", "已裁定不得退回", "A ruling settled who handles it."
    NO_HIGHER_LEVEL = "NO_HIGHER_LEVEL", "没有上级", "There is no level above this one."
    SAME_UNIT = "SAME_UNIT", "已在该单位", "It already is with that unit."
    UNIT_REQUIRED = "UNIT_REQUIRED", "须指定单位", "Name a unit."
    NOT_ABOVE = "NOT_ABOVE", "不是上级单位", "Name a unit above the one that has it."
    UNIT_UNKNOWN = "UNIT_UNKNOWN", "单位不存在", "There is no such unit."
    NOT_HANDLING = "NOT_HANDLING", "该单位不受理", "Name a unit of the tree that handles matters."
    FORGOTTEN = (
        "FORGOTTEN",
        "此人已申请删除个人信息，不再记录",
        "They asked to be forgotten: nothing more is kept of them.",
    )
    UNIT_CLOSED = "UNIT_CLOSED", "单位已撤销", "That unit no longer exists."
    CATEGORY_UNKNOWN = "CATEGORY_UNKNOWN", "类别不存在", "The place has no such category."
    TITLE_REQUIRED = "TITLE_REQUIRED", "须填写标题", "Say in a few words what it is about."
    REASON_REQUIRED = "REASON_REQUIRED", "须说明理由", "Say why."
    VERDICT_REQUIRED = "VERDICT_REQUIRED", "须有居民评价", "Say what the resident thinks of it."
    TEXT_TOO_LONG = "TEXT_TOO_LONG", "文字过长", "Shorten the text."
    DUE_REQUIRED = "DUE_REQUIRED", "须填写期限", "Say until when."
    DUE_IN_PAST = "DUE_IN_PAST", "期限已过", "The deadline has already passed."
    DUE_NOT_LATER = "DUE_NOT_LATER", "期限未延后", "An extension sets a later deadline."
    AT_IN_FUTURE = "AT_IN_FUTURE", "时间在未来", "What is recorded has already happened."
    CADENCE_UNKNOWN = "CADENCE_UNKNOWN", "没有此项职责", "The place asks no such duty of you."
    NOT_A_VISIT = "NOT_A_VISIT", "不是走访", "What a visit learnt belongs to a visit."
    NOTHING_CHANGED = "NOTHING_CHANGED", "内容未改动", "It already says that."
    MEETING_HELD = "MEETING_HELD", "会议已召开", "The meeting was held already."
    ID_TAKEN = "ID_TAKEN", "编号已被使用", "That id is taken; make another one."
    NOT_BELOW = "NOT_BELOW", "不是下级单位", "Name a unit below the one that has it."
    TOO_MANY = "TOO_MANY", "数量过多", "Name fewer."
    TARGET_CLOSED = "TARGET_CLOSED", "主单已结束", "That ticket is finished; name one still open."
    ATTACHMENTS_FULL = (
        "ATTACHMENTS_FULL",
        "照片已满",
        "The ticket has as many photographs as a ticket can have.",
    )
    URL_NOT_ALLOWED = "URL_NOT_ALLOWED", "网址不允许", "Give a public https address."
    LIMIT_REACHED = "LIMIT_REACHED", "已达上限", "There are as many as there may be; remove one."
    NAME_REQUIRED = "NAME_REQUIRED", "须填写姓名", "A person has a name."
    PHONE_MALFORMED = "PHONE_MALFORMED", "电话号码有误", "Give digits, spaces and hyphens only."
    ALREADY_REQUESTED = "ALREADY_REQUESTED", "已经提出", "You have asked for it already."
    TOO_LATE = "TOO_LATE", "期限过长", "Name an earlier time."
    LAST_ADMINISTRATOR = (
        "LAST_ADMINISTRATOR",
        "须保留一名管理员",
        "A place keeps an administrator; give the office to somebody else first.",
    )
    NOT_TO_ONESELF = (
        "NOT_TO_ONESELF",
        "不得授予本人",
        "Nobody gives an office to themselves; another administrator does.",
    )
    OFFICES_APART = (
        "OFFICES_APART",
        "不相容职务",
        "Nobody is auditor and administrator of one place; take the other office first.",
    )
    SCOPES_INCOMPLETE = "SCOPES_INCOMPLETE", "权限范围不完整", "ADMIN goes with WRITE; name both."
    TARGET_REQUIRED = "TARGET_REQUIRED", "须指定主单", "Name the other ticket that carries it on."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command does nothing, and which input is at fault."""

    code: RefusalCode
    field: str | None = None
