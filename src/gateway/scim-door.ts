/** Who comes in to a tenant's SCIM endpoint: its directory, with a token that is good, as often as directories may. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isObject, type Json, type JsonObject } from '../model.ts'
import { MOST_BULK_OPERATIONS } from '../identity/scim/discovery.ts'
import { ScimError } from '../identity/scim/error.ts'
import type { SyncLog } from '../identity/scim/log.ts'
import { type Opened, refusedFor, tenantOf } from '../identity/scim/token.ts'
import type { Query, Tables } from '../identity/sql.ts'
import { createPace } from './pace.ts'
import { agentOf } from './scim-log.ts'

interface Settings {
  readonly query: Query
  readonly tables: Tables
  readonly log: SyncLog
  /** Requests that each tenant's directory may make in a minute; operations of a bulk request count one by one. */
  readonly perMinute: number
}

/** Opens for a request, or throws ScimError 401 (no good token), 403 (suspended) or 429 with Retry-After. */
export type Door = (request: FastifyRequest, reply: FastifyReply, slug: string) => Promise<Opened>

export function createDoor({ query, tables, log, perMinute }: Settings): Door {
  const isTold = seldom()
  const pace = createPace(perMinute)
  // Why is for the tenant's support; and not so often that trying writes without end.
  const note = (request: FastifyRequest, tenant: string, resource: string, status: number, detail: string): void => {
    const { method } = request
    log.note({
      tenant,
      method,
      resource,
      subject: null,
      name: null,
      status,
      scim_type: null,
      detail,
      agent: agentOf(request),
    })
  }

  return async (request, reply, slug) => {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const opened = token === undefined ? undefined : await tenantOf(query, tables, slug, token)
    if (opened === undefined) {
      const refused = isTold(`token ${slug}`) ? await refusedFor(query, tables, slug, token) : undefined
      if (refused !== undefined) note(request, refused.tenant, 'Token', 401, refused.why)
      void reply.header(
        'www-authenticate',
        `Bearer realm="scim"${token === undefined ? '' : ', error="invalid_token"'}`,
      )
      throw new ScimError(401, null, 'a bearer token of this tenant is needed that has not expired')
    }
    if (opened.status === 'suspended') {
      const why = 'the tenant is suspended: its directory changes nothing and sees nothing'
      if (isTold(`suspended ${slug}`)) note(request, opened.tenant, 'Tenant', 403, why)
      throw new ScimError(403, null, why)
    }
    const wait = pace.seconds(opened.tenant, weightOf(request))
    if (wait === 0) return opened
    const why = `more than ${perMinute} requests a minute; try again in ${wait} s`
    if (isTold(`rate ${slug}`)) note(request, opened.tenant, 'Rate', 429, why)
    void reply.header('retry-after', wait)
    throw new ScimError(429, null, why)
  }
}

/** What a request counts for: one in which there are several counts for each of them, up to as many as are taken. */
function weightOf({ params, body }: FastifyRequest): number {
  const path = (params as { readonly '*': string })['*']
  const operations = /^bulk\/?$/i.test(path) && isObject(body as Json) ? (body as JsonObject)['Operations'] : undefined
  return Array.isArray(operations) ? Math.min(Math.max(operations.length, 1), MOST_BULK_OPERATIONS) : 1
}

/** True for the first of a name in half a minute. */
function seldom(): (name: string) => boolean {
  const last = new Map<string, number>()
  return (name) => {
    const now = performance.now()
    if (now - (last.get(name) ?? -Infinity) < 30_000) return false
    if (last.size >= 10_000) last.clear()
    last.set(name, now)
    return true
  }
}
