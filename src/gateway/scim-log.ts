/** What of a SCIM exchange is noted in the tenant's sync log. */
import type { FastifyRequest } from 'fastify'
import type { Json, JsonObject } from '../model.ts'
import type { Logged } from '../identity/scim/log.ts'
import type { ScimAnswer } from '../identity/scim/server.ts'

const RESOURCES: Readonly<Record<string, string>> = {
  users: 'User',
  groups: 'Group',
  bulk: 'Bulk',
  '.search': 'Search',
}

/** The entry; undefined for a read that was answered, of which there are too many. */
export function entryOf(
  request: FastifyRequest,
  tenant: string,
  path: string,
  { status, body }: ScimAnswer,
): Logged | undefined {
  const parts = path.split('/').filter((one) => one !== '')
  const isRead = request.method === 'GET' || parts.at(-1)?.toLowerCase() === '.search'
  const resource = RESOURCES[parts[0]?.toLowerCase() ?? ''] ?? 'Other'
  const failed = resource === 'Bulk' && status < 400 ? failuresOf(body) : undefined
  if (isRead && status < 400) return undefined
  return {
    tenant,
    method: request.method,
    resource,
    status: failed === undefined ? status : 400,
    subject: textOf(body, 'id') ?? parts[1] ?? null,
    name: nameOf(body) ?? nameOf(request.body as Json | undefined),
    scim_type: textOf(body, 'scimType'),
    detail: failed ?? (status < 400 ? null : textOf(body, 'detail')),
    agent: agentOf(request),
  }
}

export const agentOf = (request: FastifyRequest): string | null => request.headers['user-agent']?.slice(0, 100) ?? null

/** Of several operations in one: how many were refused, and why the first one was. */
function failuresOf(body: JsonObject | undefined): string | undefined {
  const all = (body?.['Operations'] ?? []) as readonly JsonObject[]
  const refused = all.filter((one) => Number(one['status']) >= 400)
  if (refused.length === 0) return undefined
  const first = textOf(refused[0]?.['response'] as JsonObject, 'detail') ?? ''
  return `${refused.length} of ${all.length} operations were refused, the first: ${first}`
}

function nameOf(body: Json | undefined): string | null {
  return textOf(body, 'userName') ?? textOf(body, 'displayName')
}

function textOf(body: Json | undefined, name: string): string | null {
  const value =
    body !== null && typeof body === 'object' && !Array.isArray(body) ? (body as JsonObject)[name] : undefined
  return typeof value === 'string' ? value : null
}
