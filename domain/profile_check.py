"""What the parts of a profile must be to one another: codes that exist, rules without gaps."""

from collections.abc import Iterable
from itertools import combinations, pairwise, product
from zoneinfo import available_timezones

from domain.profile import MAY_PAUSE, RULE_ROUTES, Cadence, Profile, Role, Rule, SelectionStage
from domain.profile_read import Notes, nearest
from domain.terms import Route, Severity


def check_profile(profile: Profile, notes: Notes) -> None:
    """Note every contradiction between the parts of a profile."""
    zones = available_timezones()
    if profile.time_zone not in zones:
        hint = nearest(profile.time_zone, sorted(zones))
        notes.add("time_zone", f"no time zone {profile.time_zone!r}{hint}")
    if not profile.tree(profile.handling_tree):
        notes.add("handling_tree", f"no level is in the tree {profile.handling_tree.value}")
    _check_codes(profile, notes)
    _check_levels(profile, notes)
    for i, role in enumerate(profile.roles):
        _check_role(profile, notes, f"roles[{i}]", role)
    for i, cadence in enumerate(profile.cadences):
        _check_cadence(profile, notes, f"cadences[{i}]", cadence)
    for i, rule in enumerate(profile.rules):
        _check_rule(profile, notes, f"rules[{i}]", rule)
    _check_overlap(profile, notes)
    _check_gaps(profile, notes)
    _check_pauses(profile, notes)
    _check_selection(profile, notes)
    _check_weights(profile, notes)


def _check_codes(profile: Profile, notes: Notes) -> None:
    _unique(notes, "levels", [each.code for each in profile.levels])
    _unique(notes, "roles", [each.code for each in profile.roles])
    _unique(notes, "categories", [each.code for each in profile.categories])
    _unique(notes, "rules", [each.code for each in profile.rules])
    _unique(notes, "cadences", [each.code for each in profile.cadences])
    _unique(notes, "weights", [each.code for each in profile.weights])


def _unique(notes: Notes, where: str, codes: Iterable[str]) -> None:
    first: dict[str, int] = {}
    for i, code in enumerate(codes):
        if code in first:
            notes.add(f"{where}[{i}].code", f"{code!r} is already {where}[{first[code]}].code")
        first.setdefault(code, i)


def _check_levels(profile: Profile, notes: Notes) -> None:
    """A tree is listed in one piece, so that the file reads as the tree does."""
    for i, level in enumerate(profile.levels[1:], start=1):
        if level.depth > 1 and profile.levels[i - 1].tree is not level.tree:
            reason = f"the levels of tree {level.tree.value} must stand together, top to leaf"
            notes.add(f"levels[{i}].tree", reason)


def _check_role(profile: Profile, notes: Notes, key: str, role: Role) -> None:
    notes.known(f"{key}.level", "level", role.level, [each.code for each in profile.levels])


def _check_cadence(profile: Profile, notes: Notes, key: str, cadence: Cadence) -> None:
    for i, code in enumerate(cadence.roles):
        notes.known(f"{key}.roles[{i}]", "role", code, [each.code for each in profile.roles])


def _check_rule(profile: Profile, notes: Notes, key: str, rule: Rule) -> None:
    levels = [each.code for each in profile.levels]
    known = [
        notes.known(f"{key}.levels[{i}]", "level", c, levels) for i, c in enumerate(rule.levels)
    ]
    for i, code in enumerate(rule.categories):
        categories = [each.code for each in profile.categories]
        notes.known(f"{key}.categories[{i}]", "category", code, categories)
    if rule.route not in RULE_ROUTES:
        allowed = ", ".join(RULE_ROUTES)
        notes.add(f"{key}.route", f"a rule cannot send {rule.route.value}; allowed: {allowed}")
    if rule.to_level is None:
        if rule.route is Route.UP:
            notes.add(f"{key}.to_level", "is missing; a rule that sends UP must say to which level")
    elif notes.known(f"{key}.to_level", "level", rule.to_level, levels) and all(known):
        _check_above(profile, notes, key, rule, rule.to_level)


def _check_above(profile: Profile, notes: Notes, key: str, rule: Rule, to_level: str) -> None:
    target = profile.level(to_level)
    for code in rule.levels:
        level = profile.level(code)
        if target.tree is not level.tree:
            reason = f"{to_level!r} is in tree {target.tree.value}, {code!r} in {level.tree.value}"
            notes.add(f"{key}.to_level", reason)
        elif target.depth >= level.depth:
            above = [each.code for each in profile.tree(level.tree) if each.depth < level.depth]
            reason = (
                f"{to_level!r} is not above {code!r}; above it: {', '.join(above) or 'nothing'}"
            )
            notes.add(f"{key}.to_level", reason)


def _check_overlap(profile: Profile, notes: Notes) -> None:
    """Two rules for the same matter would leave it to chance which one fires.

    A rule that names categories and one that names none may meet: the named one is the exception.
    """
    for (i, one), (j, two) in combinations(enumerate(profile.rules), 2):
        same_reach = set(one.categories) & set(two.categories) or one.categories == two.categories
        both = set(one.levels) & set(two.levels), set(one.severities) & set(two.severities)
        if same_reach and all(both):
            level, severity = min(both[0]), min(both[1])
            reason = f"repeats rules[{i}] for a {severity} matter at level {level!r}"
            notes.add(f"rules[{j}]", reason)


def _check_gaps(profile: Profile, notes: Notes) -> None:
    """A matter must be able to leave every level of the handling tree but the top (DOMAIN §3)."""
    general = [rule for rule in profile.rules if not rule.categories]
    covered = {pair for rule in general for pair in product(rule.levels, rule.severities)}
    for level in profile.tree(profile.handling_tree)[1:]:
        missing = [each.value for each in Severity if (level.code, each) not in covered]
        if missing:
            reason = f"none for level {level.code!r} and severity {', '.join(missing)}"
            notes.add("rules", f"{reason}; a matter there could never leave")


def _check_pauses(profile: Profile, notes: Notes) -> None:
    if profile.pauses and profile.working_hours_only:
        # A pause is given back hour for hour; of working days it would give back too few or many.
        notes.add("pauses", "clocks that count working days cannot stand still")
    for i, status in enumerate(profile.pauses):
        if status not in MAY_PAUSE:
            reason = f"the clocks cannot stand still in {status.value}"
            notes.add(f"pauses[{i}]", f"{reason}; allowed: {', '.join(MAY_PAUSE)}")


def _check_selection(profile: Profile, notes: Notes) -> None:
    order = list(SelectionStage)
    places = [order.index(step.stage) for step in profile.selection]
    for i, (before, after) in enumerate(pairwise(places), start=1):
        if after <= before:
            reason = f"{order[after].value} cannot come after {order[before].value}"
            notes.add(f"selection[{i}].stage", reason)


def _check_weights(profile: Profile, notes: Notes) -> None:
    total = sum(each.percent for each in profile.weights)
    if profile.weights and total != 100:
        notes.add("weights", f"the percentages must sum to 100, not {total}")
