"""The stories of a place (DOMAIN §5), played step by step."""

from datetime import datetime
from random import Random

from db.load.cast import Cast
from db.load.play import Play, open_play
from db.load.units import Unit
from domain.demo import RESIDENT, Story, StoryStep
from domain.ids import PersonId
from domain.terms import TicketVerb


def play_story(cast: Cast, story: Story, now: datetime) -> Play:
    """One story, ending as its last step leaves it."""
    start = now + story.start
    opening = next(step for step in story.steps if step.verb is TicketVerb.REPORT)
    unit = cast.named(story.report.unit)
    reporter = _actor(cast, opening, start)
    play = open_play(
        cast, story.code, story.report, unit, reporter, start + opening.at, opening.note
    )
    for step in story.steps:
        if step is not opening:
            _play_step(play, step, start)
    return play


def _play_step(play: Play, step: StoryStep, start: datetime) -> None:
    """One thing done: to the ticket, or for the resident."""
    cast, at = play.cast, start + step.at
    actor = _actor(cast, step, start)
    if step.service is not None:
        recipient = play.reporter if step.by != RESIDENT else None
        play.serve(step.service, at, actor, step.note, recipient)
    elif step.verb is not None:
        units = tuple(map(cast.named, step.to))
        to, joined = _targets(step.verb, units)
        play.do(step.verb, at, actor, step.note, to=to, joined=joined, verdict=step.verdict)


def _targets(verb: TicketVerb, units: tuple[Unit, ...]) -> tuple[Unit | None, tuple[Unit, ...]]:
    """Units are called to help by JOIN, and sent to by every other verb."""
    if verb is TicketVerb.JOIN:
        return None, units
    return next(iter(units), None), ()


def _actor(cast: Cast, step: StoryStep, start: datetime) -> PersonId:
    """Who does it; the same resident throughout a story."""
    unit = cast.named(step.unit)
    if step.by != RESIDENT:
        return cast.holder(step.by, unit)
    chance = Random(start.toordinal())  # noqa: S311  # as above
    return cast.resident(unit, chance) or cast.worker(unit)
