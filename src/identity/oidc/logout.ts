/** Single logout with an OpenID provider: ours goes on there, and theirs ends our sessions. */
import * as oidc from 'openid-client'
import { endSessions } from '../accounts/sessions.ts'
import { begin, takeOnce } from '../login/requests.ts'
import type { Database, Query, Tables } from '../sql.ts'
import type { OidcConnection } from './begin.ts'
import { clientOf } from './client.ts'
import { LogoutRefused, readLogoutToken, type SignedOut } from './logout-token.ts'
import { databaseNow } from './now.ts'
import type { Providers } from './provider.ts'
import type { OidcUrls } from './urls.ts'

/** How long the provider may ask the person whether they want to sign out there as well. */
const SECONDS = 15 * 60

interface Leaving {
  readonly connection: OidcConnection
  readonly urls: OidcUrls
  readonly idToken: string | null
  readonly browserHash: string
}

/**
 * Where a browser goes after its session here has ended (RP-Initiated Logout 1.0); null: the provider has no such
 * place.
 * @throws OnboardError as `discover`
 */
export async function logoutAt(
  query: Query, tables: Tables, providers: Providers,
  { connection, urls, idToken, browserHash }: Leaving,
): Promise<URL | null> {
  const facts = await providers.facts(connection.settings.issuer)
  if (facts.end_session_endpoint === null) return null
  const begun = await begin(
    query, tables,
    { connection, purpose: 'logout', browser_hash: browserHash, return_to: null, detail: {}, seconds: SECONDS },
  )
  const client = clientOf(
    { providers, facts, settings: connection.settings, secret: null, proof: 'none', now: await databaseNow(query) },
  )
  return oidc.buildEndSessionUrl(client, {
    post_logout_redirect_uri: urls.logout, state: begun.id, ...(idToken === null ? {} : { id_token_hint: idToken }),
  })
}

/**
 * Ends the sessions that a logout token names; each token once.
 * @returns how many ended
 * @throws LogoutRefused
 */
export async function backChannelLogout(
  database: Database, tables: Tables, providers: Providers, connection: OidcConnection, token: string,
): Promise<number> {
  const told = await readLogoutToken(providers, connection.settings, token, await databaseNow(database.query))
  return database.transaction(async (query) => {
    const isNew = await takeOnce(
      query, tables,
      { tenant: connection.tenant_id, kind: 'logout', id: `${connection.id} ${told.jti}`, until: told.until },
    )
    if (!isNew) throw new LogoutRefused('replayed', 'this logout token was taken already')
    let ended = 0
    for (const subject of await subjectsOf(query, tables, connection, told)) {
      ended += await endSessions(
        query, tables, { connection: connection.id, subject, session_index: told.sid }, 'provider',
      )
    }
    return ended
  })
}

/** A token may name the session alone. */
async function subjectsOf(
  query: Query, { sessions }: Tables, { id }: OidcConnection, { subject, sid }: SignedOut,
): Promise<string[]> {
  if (subject !== null) return [subject]
  const rows = await query<{ subject: string }>(
    `SELECT DISTINCT subject FROM ${sessions}
      WHERE connection_id = $1 AND session_index = $2 AND subject IS NOT NULL AND ended_at IS NULL`,
    [id, sid],
  )
  return rows.map(({ subject: one }) => one)
}
