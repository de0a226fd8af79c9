"""Why a command was not carried out: a closed set of codes (DESIGN §3), and what to tell the person."""

from dataclasses import dataclass

from domain.terms import Term


class RefusalCode(Term):
    """Why a command was not carried out."""

    # What a message leaves open in braces is a part of the refusal.
    NOT_FOUND = (
        "NOT_FOUND",
        "没有此项内容，或您无权查看，请核对",
        "There is no such thing, or it is not yours to see.",
    )
    FORBIDDEN = (
        "FORBIDDEN",
        "您的岗位无权办理，请联系负责的单位",
        "Your posts do not allow this; ask the unit that answers for it.",
    )
    KEY_REUSED = (
        "KEY_REUSED",
        "此幂等键已用于其他内容，请换一个",
        "The key was used before with another input; take a new one.",
    )
    KEY_EMPTY = (
        "KEY_EMPTY",
        "幂等键不能为空，请填写或不传此项",
        "The key is empty: give one, or leave it out.",
    )
    VERSION_CONFLICT = (
        "VERSION_CONFLICT",
        "已被他人更新，请刷新后再办",
        "It has moved on since you last saw it; look at it again.",
    )
    NOT_ALLOWED_FROM_STATUS = (
        "NOT_ALLOWED_FROM_STATUS",
        "当前状态为“{status}”，不能这样办理；工单可办事项见 allowedVerbs",
        "This cannot be done while it is {status}; a ticket's `allowedVerbs` says what can.",
    )
    NOT_RETURNABLE = (
        "NOT_RETURNABLE",
        "承办单位已经裁定，不得退回，请继续办理",
        "A ruling settled who handles it: carry it on.",
    )
    NO_HIGHER_LEVEL = (
        "NO_HIGHER_LEVEL",
        "已是最高一级，请在本级办理",
        "There is no level above this one: it is to be settled here.",
    )
    SAME_UNIT = (
        "SAME_UNIT",
        "已在该单位，请另选单位",
        "It already is with that unit; name another one.",
    )
    UNIT_REQUIRED = "UNIT_REQUIRED", "请指定单位", "Name a unit."
    NOT_ABOVE = (
        "NOT_ABOVE",
        "请选择现承办单位的上级单位",
        "Name a unit above the one that has it.",
    )
    UNIT_UNKNOWN = (
        "UNIT_UNKNOWN",
        "没有此单位，请选择本地的单位",
        "There is no such unit; name one of your place.",
    )
    NOT_HANDLING = (
        "NOT_HANDLING",
        "该单位不受理事项，请选择受理事项的单位",
        "Name a unit of the tree that handles matters.",
    )
    FORGOTTEN = (
        "FORGOTTEN",
        "此人已申请删除个人信息，不再登记其情况",
        "They asked to be forgotten: nothing more is kept of them.",
    )
    UNIT_CLOSED = (
        "UNIT_CLOSED",
        "该单位已撤销，请另选单位",
        "That unit no longer exists; name another one.",
    )
    CATEGORY_UNKNOWN = (
        "CATEGORY_UNKNOWN",
        "没有此类别，请选择本地的类别",
        "The place has no such category; name one that it has.",
    )
    TITLE_REQUIRED = (
        "TITLE_REQUIRED",
        "请用几个字写明事由",
        "Say in a few words what it is about.",
    )
    REASON_REQUIRED = "REASON_REQUIRED", "请说明理由", "Say why."
    RESOLUTION_REQUIRED = (
        "RESOLUTION_REQUIRED",
        "请写明如何解决、议定了什么",
        "Say how it was solved, or what was decided.",
    )
    VERDICT_REQUIRED = (
        "VERDICT_REQUIRED",
        "请填写居民评价",
        "Say what the resident thinks of it.",
    )
    TEXT_TOO_LONG = (
        "TEXT_TOO_LONG",
        "请缩短至 {limit} 字以内",
        "Shorten the text to at most {limit} characters.",
    )
    DUE_REQUIRED = "DUE_REQUIRED", "请填写期限", "Say until when."
    DUE_IN_PAST = (
        "DUE_IN_PAST",
        "期限已过，请填写以后的时间",
        "That time has already passed; name a later one.",
    )
    DUE_NOT_LATER = (
        "DUE_NOT_LATER",
        "延期后的期限须晚于原期限",
        "An extension sets a later deadline.",
    )
    AT_IN_FUTURE = (
        "AT_IN_FUTURE",
        "只能登记已发生的事，请核对时间",
        "What is recorded has already happened; name an earlier time.",
    )
    CADENCE_UNKNOWN = (
        "CADENCE_UNKNOWN",
        "您没有此项职责，请另选或不填",
        "The place asks no such duty of you; name another one or none.",
    )
    NOT_A_VISIT = (
        "NOT_A_VISIT",
        "走访所获情况只能记在走访记录中",
        "What a visit learnt belongs to a visit.",
    )
    NOTHING_CHANGED = (
        "NOTHING_CHANGED",
        "内容没有变化，请修改后再提交",
        "It already says that: there is nothing to change.",
    )
    MEETING_HELD = (
        "MEETING_HELD",
        "会议已登记召开，无需再登",
        "The meeting was held already, and is held once.",
    )
    ID_TAKEN = "ID_TAKEN", "编号已被使用，请换一个", "That id is taken; make another one."
    NOT_BELOW = (
        "NOT_BELOW",
        "请选择现承办单位的下级单位",
        "Name a unit below the one that has it.",
    )
    TOO_MANY = "TOO_MANY", "最多可选 {limit} 个", "Name at most {limit}."
    TARGET_CLOSED = (
        "TARGET_CLOSED",
        "该工单已结束，请选择未结束的工单",
        "That ticket is finished; name one still open.",
    )
    ATTACHMENTS_FULL = (
        "ATTACHMENTS_FULL",
        "每件工单最多 {limit} 张照片，不能再添加",
        "A ticket has at most {limit} photographs, and this one has them.",
    )
    URL_NOT_ALLOWED = (
        "URL_NOT_ALLOWED",
        "请填写公网 https 网址",
        "Give a public https address.",
    )
    NOUNS_REQUIRED = (
        "NOUNS_REQUIRED",
        "请至少选择一类变更对象",
        "Name at least one kind of thing.",
    )
    LIMIT_REACHED = (
        "LIMIT_REACHED",
        "最多 {limit} 个，请先去掉一个",
        "There may be {limit} of them, and there are; remove one.",
    )
    NAME_REQUIRED = "NAME_REQUIRED", "请填写姓名", "Give a name."
    PHONE_MALFORMED = (
        "PHONE_MALFORMED",
        "电话号码须为 5 至 24 位数字、空格和连字符，前面可加“+”",
        "Give 5 to 24 digits, spaces and hyphens, with a + before them if you wish.",
    )
    ALREADY_REQUESTED = (
        "ALREADY_REQUESTED",
        "您已提出申请，请等待办理",
        "You have asked for it already; it is being seen to.",
    )
    TOO_LATE = "TOO_LATE", "时间过晚，请提前", "Name an earlier time."
    LAST_ADMINISTRATOR = (
        "LAST_ADMINISTRATOR",
        "须保留一名管理员，请先授予他人",
        "A place keeps an administrator; give the office to somebody else first.",
    )
    NOT_TO_ONESELF = (
        "NOT_TO_ONESELF",
        "不得授予本人，请由其他管理员办理",
        "Nobody gives an office to themselves; another administrator does.",
    )
    OFFICES_APART = (
        "OFFICES_APART",
        "同地审计员与管理员不得兼任，请先免去另一职务",
        "Nobody is auditor and administrator of one place; take the other office first.",
    )
    SCOPES_INCOMPLETE = (
        "SCOPES_INCOMPLETE",
        "ADMIN 须与 WRITE 一并选择",
        "ADMIN goes with WRITE; name both.",
    )
    TARGET_REQUIRED = (
        "TARGET_REQUIRED",
        "请指定接续办理的另一件工单",
        "Name the other ticket that carries it on.",
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command does nothing, and which input is at fault."""

    code: RefusalCode
    field: str | None = None
    limit: int | None = None
    """How much would have been taken."""
    status: Term | None = None
    """How what was to be changed stands."""

    def said(self, *, chinese: bool) -> str:
        """What to tell the person."""
        if chinese:
            return self.code.zh.format(limit=self.limit, status=self.status and self.status.zh)
        return self.code.meaning.format(limit=self.limit, status=self.status)
