"""The closed vocabularies of the domain (DOMAIN §3 and §4), each value with its Chinese term and meaning."""

from enum import StrEnum


class Term(StrEnum):
    """An enumeration whose members carry their Chinese term and an English meaning."""

    zh: str
    meaning: str

    def __new__(cls, value: str, zh: str, meaning: str) -> "Term":
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.meaning = meaning
        return member


class TicketStatus(Term):
    """Where a ticket stands in its life."""

    REPORTED = "REPORTED", "上报", "Made known by a resident or worker; nobody has taken it up yet."
    ACCEPTED = "ACCEPTED", "受理", "Taken up: it is a matter for this service."
    REJECTED = "REJECTED", "不予受理", "Not a matter for this service; the reason is recorded."
    MERGED = "MERGED", "重复", "The same matter as another ticket, which carries it on."
    WITHDRAWN = "WITHDRAWN", "撤回", "Taken back by the person who reported it."
    DISPATCHED = "DISPATCHED", "派单", "Sent to a unit that is to handle it; not yet signed for."
    DISPUTED = "DISPUTED", "派单异议", "The unit it was sent to says it belongs elsewhere."
    IN_PROGRESS = "IN_PROGRESS", "处理中", "A unit has signed for it and is working on it."
    JOINT = "JOINT", "联合办理", "Several units work on it together, one of them leading."
    TABLED = "TABLED", "提交例会", "Waits for a meeting to decide it."
    DELIBERATING = "DELIBERATING", "商量办", "Residents disagree and are talking it through."
    EXTENDED = "EXTENDED", "延期", "Still being worked on, under a later deadline with a reason."
    EXPLAINED = "EXPLAINED", "客观无法解决", "Cannot be solved for a reason that was explained."
    RESOLVED = "RESOLVED", "办结", "The handler says it is solved; not yet checked."
    VERIFIED = "VERIFIED", "核查", "A checker confirms that it is solved."
    FOLLOWED_UP = "FOLLOWED_UP", "回访", "The resident was asked and gave a verdict."
    REOPENED = "REOPENED", "重办", "The resident was not satisfied and it is to be done again."
    CLOSED = "CLOSED", "结案", "Finished and filed."


CLOSED_STATUSES = (
    TicketStatus.CLOSED,
    TicketStatus.REJECTED,
    TicketStatus.MERGED,
    TicketStatus.WITHDRAWN,
)
"""Statuses in which nothing more is expected of anyone; every other status is open."""


class TicketVerb(Term):
    """What can be done to a ticket."""

    REPORT = "REPORT", "上报", "Make a need known."
    ACCEPT = "ACCEPT", "受理", "Take the ticket up."
    REJECT = "REJECT", "不予受理", "Decline it, with a reason."
    MERGE = "MERGE", "并单", "Fold it into another ticket about the same matter."
    WITHDRAW = "WITHDRAW", "撤回", "Take one's own report back."
    DISPATCH = "DISPATCH", "派单", "Send it to the unit that is to handle it."
    DISPUTE = "DISPUTE", "派单异议", "Say that it was sent to the wrong unit."
    RULE = "RULE", "裁定", "Settle a dispute; the ruling cannot be returned."
    SIGN = "SIGN", "签收", "Sign for it and start work."
    ESCALATE = "ESCALATE", "升级", "Send it up to a level that can solve it."
    RETURN = "RETURN", "退回下级", "Send it back down to a lower level."
    JOIN = "JOIN", "吹哨报到", "Call several units together, one of them leading."
    TABLE = "TABLE", "提交例会", "Put it before a meeting."
    DELIBERATE = "DELIBERATE", "商量办", "Bring the residents who disagree to one table."
    RESUME = "RESUME", "恢复办理", "Go back to work after a meeting or deliberation."
    EXTEND = "EXTEND", "延期", "Set a later deadline, with a reason."
    EXPLAIN = "EXPLAIN", "说明", "Explain why it cannot be solved."
    RESOLVE = "RESOLVE", "办结", "Say that it is solved."
    REWORK = "REWORK", "返工", "Send a failed solution back to work."
    VERIFY = "VERIFY", "核查", "Confirm that it is solved."
    FOLLOW_UP = "FOLLOW_UP", "回访", "Ask the resident and record the verdict."
    REOPEN = "REOPEN", "重办", "Open it again because the resident is not satisfied."
    CLOSE = "CLOSE", "结案", "Finish and file it."


class Route(Term):
    """How a ticket moved from one unit to another."""

    DISPATCH = "DISPATCH", "派单", "Given to its first handler."
    UP = "UP", "升级", "Passed to a higher level."
    DOWN = "DOWN", "退回", "Passed back to a lower level."
    ACROSS = "ACROSS", "转办", "Passed to another unit of the same standing."
    JOINT = "JOINT", "联合", "Several units called together, one leading."
    DELIBERATION = "DELIBERATION", "商量", "Taken to the residents' council."
    MEETING = "MEETING", "例会", "Put before a meeting."


class Severity(Term):
    """How hard a matter is, which decides the level that should solve it."""

    MINOR = "MINOR", "小事", "Can be solved on the spot."
    HARD = "HARD", "难事", "Needs the next level's help."
    MAJOR = "MAJOR", "大事", "Needs the whole community."
    KEY_PROBLEM = "KEY_PROBLEM", "关键难题", "Needs the street office."
    DIVIDED = "DIVIDED", "意见不统一", "Residents want different things."


class AppealType(Term):
    """What the person who reports wants."""

    CONSULTATION = "CONSULTATION", "咨询", "To be told something."
    HELP = "HELP", "求助", "To be helped."
    COMPLAINT = "COMPLAINT", "投诉", "To complain of something."
    TIP_OFF = "TIP_OFF", "举报", "To report wrongdoing."
    SUGGESTION = "SUGGESTION", "建议", "To propose something."


class ConcernClass(Term):
    """The three classes of concern of the Hejiang survey."""

    DEVELOPMENT = (
        "DEVELOPMENT",
        "社区发展难事",
        "Something the community needs in order to develop.",
    )
    HARDSHIP = "HARDSHIP", "扶弱济贫急事", "Urgent help for the weak and poor."
    HARMONY = "HARMONY", "影响和谐烦事", "A nuisance that disturbs good neighbourliness."


class Channel(Term):
    """How a need became known."""

    SUGGESTION_BOX = "SUGGESTION_BOX", "意见收集箱", "A slip in the suggestion box."
    RESIDENT_BOOK = "RESIDENT_BOOK", "居民议事簿", "An entry in the residents' book."
    GROUP_CHAT = "GROUP_CHAT", "微信群", "A message in the neighbourhood's chat group."
    HOTLINE = "HOTLINE", "热线", "A telephone call."
    VISIT = "VISIT", "走访", "Heard during a home visit."
    PATROL = "PATROL", "巡查", "Found on patrol."
    WALK_IN = "WALK_IN", "来访", "Told at the community's desk."
    MEETING = "MEETING", "会议", "Raised at a meeting."
    BOARD = "BOARD", "问题墙", "Posted on the problem wall."
    APP = "APP", "应用", "Sent through an app."


class RoleKind(Term):
    """The canonical kind of a post, whatever a place calls it."""

    PARTY_SECRETARY = "PARTY_SECRETARY", "党组织书记", "Heads the unit's party organisation."
    DUTY_OFFICER = "DUTY_OFFICER", "值班人员", "Answers for a department or desk."
    GRID_CHIEF = "GRID_CHIEF", "网格长", "Heads a grid."
    GRID_WORKER = "GRID_WORKER", "网格员", "Works a grid day by day."
    BUILDING_CHIEF = "BUILDING_CHIEF", "楼栋长", "Looks after a building."
    UNIT_CHIEF = "UNIT_CHIEF", "单元长", "Looks after one entrance of a building."
    STAIRWELL_CHIEF = "STAIRWELL_CHIEF", "楼道长", "Looks after a stairwell."
    STREET_CHIEF = "STREET_CHIEF", "街长", "Looks after a street."
    SHOP_CHIEF = "SHOP_CHIEF", "店长", "Speaks for the shops of a street."
    PARTY_GROUP_LEADER = "PARTY_GROUP_LEADER", "党小组长", "Leads a party group."
    HUB_HOUSEHOLD_HEAD = (
        "HUB_HOUSEHOLD_HEAD",
        "党员中心户长",
        "Heads a party member's hub household.",
    )
    DUAL_REGISTERED_MEMBER = (
        "DUAL_REGISTERED_MEMBER",
        "双报到党员",
        "A member registered at work and at home.",
    )
    GENERALIST_WORKER = (
        "GENERALIST_WORKER",
        "全科社工",
        "A social worker who handles every kind of business.",
    )
    POLICE_GRID_OFFICER = (
        "POLICE_GRID_OFFICER",
        "警务网格员",
        "A police officer attached to a grid.",
    )
    VOLUNTEER_PATROLLER = "VOLUNTEER_PATROLLER", "义务巡逻员", "Patrols as a volunteer."
    NEEDS_OBSERVER = "NEEDS_OBSERVER", "民情观察员", "Notices what residents need."
    POLICY_COMMUNICATOR = "POLICY_COMMUNICATOR", "政策宣传员", "Explains policies to residents."
    MEDIATOR = "MEDIATOR", "矛盾调解员", "Mediates disputes."
    PROPERTY_LIAISON = (
        "PROPERTY_LIAISON",
        "居民需求物管员",
        "Links residents and the property company.",
    )
    CIVILITY_ADVOCATE = "CIVILITY_ADVOCATE", "文明新风倡导员", "Promotes civil manners."
    PROPERTY_STAFF = "PROPERTY_STAFF", "物业管理员", "Works for the property company."
    CLEANER = "CLEANER", "保洁员", "Cleans the compound."
    VOLUNTEER = "VOLUNTEER", "志愿者", "Helps as a volunteer."


class LevelKind(Term):
    """The canonical kind of a level, whatever a place calls it."""

    CITY = "CITY", "市", "A whole city."
    DISTRICT = "DISTRICT", "区县", "A district or county."
    STREET = "STREET", "街镇", "A street office or town."
    COMMUNITY = "COMMUNITY", "社区", "A community."
    ESTATE = "ESTATE", "小区", "A residential compound."
    GRID = "GRID", "网格", "A grid: the area one worker knows."
    BUILDING = "BUILDING", "楼栋", "A building."
    STAIRWELL = "STAIRWELL", "单元/楼道", "One entrance or stairwell of a building."
    HUB_HOUSEHOLD = "HUB_HOUSEHOLD", "党员中心户", "A party member's household that others turn to."
    DEPARTMENT = "DEPARTMENT", "部门", "A department or desk that handles a kind of matter."
    WARD = "WARD", "选区", "A ward of a city."
    PRECINCT = "PRECINCT", "分区", "A precinct of a ward."


class TreeKind(Term):
    """Which of a place's trees a unit belongs to."""

    GRID = "GRID", "网格", "The service grid."
    PARTY = "PARTY", "党组织", "The party's organisations."
    PLACE = "PLACE", "空间", "Places as they lie: compounds, buildings, wards."


class DivisionLevel(Term):
    """The level of an administrative division."""

    PROVINCE = "PROVINCE", "省级", "A province, autonomous region or municipality."
    PREFECTURE = "PREFECTURE", "地级", "A prefecture-level city or region."
    COUNTY = "COUNTY", "县级", "A county, district or county-level city."
    TOWNSHIP = "TOWNSHIP", "乡级", "A street office, town or township."
    VILLAGE = "VILLAGE", "村级", "A residents' or villagers' committee."


class Verdict(Term):
    """What the resident says of the answer."""

    SATISFIED = "SATISFIED", "满意", "The resident is satisfied."
    PARTLY_SATISFIED = "PARTLY_SATISFIED", "基本满意", "The resident is satisfied with part of it."
    DISSATISFIED = "DISSATISFIED", "不满意", "The resident is not satisfied."
    NOT_REACHED = "NOT_REACHED", "未联系上", "The resident could not be reached."


class Capacity(Term):
    """How a person fills a post."""

    HOLDER = "HOLDER", "任职", "Holds the post (A role)."
    COVER = "COVER", "代岗", "Stands in for the holder (B role)."


class ServiceKind(Term):
    """What was done for a resident."""

    VISIT = "VISIT", "走访", "A home visit."
    ERRAND = "ERRAND", "代办", "Something done on a resident's behalf."
    MEDIATION = "MEDIATION", "调解", "A dispute mediated."
    TALK = "TALK", "宣传", "A talk or campaign."
    REPAIR = "REPAIR", "维修", "Something repaired."
    PATROL_FINDING = "PATROL_FINDING", "巡查发现", "Something found on patrol."
    JOB_PLACEMENT = "JOB_PLACEMENT", "就业帮扶", "A job found for somebody."
    CARE = "CARE", "关怀照料", "Care given at home or in the compound."
    FOLLOW_UP = "FOLLOW_UP", "回访", "A visit to ask whether the answer was good."
    CONTACT = "CONTACT", "联系", "Somebody spoken to, by telephone or in passing."
    AID = "AID", "帮扶", "Help given to somebody who is poor or in hardship."
    ESCORT = "ESCORT", "接送", "Somebody taken there or back, as a child from school."
    PATROL = "PATROL", "巡逻", "A round made."
    INSPECTION = "INSPECTION", "隐患排查", "A home, shop or building searched for hazards."
    CLEANING = "CLEANING", "清洁", "A home, stairwell or road cleaned or cleared."
    CLINIC = "CLINIC", "义诊", "Medical service given free of charge."
    ADVICE = "ADVICE", "答疑解惑", "A question answered, or somebody shown how."
    ACTIVITY = "ACTIVITY", "活动", "An activity held for residents."


class PhotoPhase(Term):
    """When a ticket's photograph was taken."""

    BEFORE = "BEFORE", "处理前", "As it was found."
    AFTER = "AFTER", "处理后", "As it was left."


class ChangedNoun(Term):
    """What kind of thing a change is about."""

    TICKET = "TICKET", "工单", "A ticket, its history, its chain or its photographs."
    SERVICE_RECORD = "SERVICE_RECORD", "服务记录", "A service record."
