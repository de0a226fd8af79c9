"""Making and revoking access tokens."""

from datetime import datetime
from typing import Any

import strawberry

from compiler.fields import link
from domain.identity import TokenScope
from resolvers import access_token as read_access_token, access_token_write
from resolvers.caller import Work
from resolvers.filters import option
from schema.access_token import AccessToken
from schema.verb import (
    ADMINISTERS,
    KEY,
    USER_ERRORS,
    InfoOf,
    Input,
    UserError,
    answer,
    line,
    needed,
    payload_field,
    read_id,
)


@strawberry.type(description="What became of an access token that was to be made.")
class AccessTokenCreatePayload:
    access_token: AccessToken | None = link(
        read_access_token.written, "The token; null if none was made."
    )
    secret: str | None = payload_field(
        "Its text, to be sent as `Authorization: Bearer …`: shown this once and never again, not "
        "even to the same request repeated: null then, and if nothing was done."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.type(description="What became of an access token.")
class AccessTokenPayload:
    access_token: AccessToken | None = link(
        read_access_token.written, "The token afterwards; null if nothing was done."
    )
    user_errors: list[UserError] = payload_field(USER_ERRORS)
    client_mutation_key: str | None = payload_field("The key that was sent; null if none was.")


@strawberry.input(description="A token for a program that is to speak for you.")
class AccessTokenCreateInput:
    name: str = line("What to call it, such as the program's name; at most 100 characters.")
    scopes: list[TokenScope] = needed("What it lets do beside reading. ADMIN goes with WRITE.")
    expires_at: datetime = needed("Until when it is good: at most 366 days from now.")
    client_mutation_key: str | None = option(KEY)


@strawberry.input(description="An access token that is to be good for nothing any more.")
class AccessTokenRevokeInput:
    access_token_id: strawberry.ID = needed("The token's id, not its text.")
    client_mutation_key: str | None = option(KEY)


@strawberry.type
class AccessTokenVerbs:
    @strawberry.mutation(
        description="Make an access token of your own, with a token that has the scope `admin`. At "
        "most 50 in use.",
        metadata=ADMINISTERS,
    )
    async def access_token_create(
        self, info: InfoOf, input: Input[AccessTokenCreateInput]
    ) -> AccessTokenCreatePayload:
        text, taken = access_token_write.new_text(info.context.scope.locality), False

        async def effect(work: Work) -> Any:
            nonlocal taken
            taken = True
            given = input.name, input.scopes, input.expires_at
            return await access_token_write.create(work, *given, text)

        ready = await answer(info, "ACCESS_TOKEN_CREATE", input, effect)
        ready.secret = text if taken and not ready.user_errors else None
        return ready

    @strawberry.mutation(
        description="Revoke an access token of your own, or as an administrator one of the place: "
        "it is good for nothing from the next request on.",
        metadata=ADMINISTERS,
    )
    async def access_token_revoke(
        self, info: InfoOf, input: Input[AccessTokenRevokeInput]
    ) -> AccessTokenPayload:
        token = read_id(input.access_token_id, "token")

        async def effect(work: Work) -> Any:
            return await access_token_write.revoke(work, token)

        return await answer(info, "ACCESS_TOKEN_REVOKE", input, effect)
