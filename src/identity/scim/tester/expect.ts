/** What the checks expect of answers, each expectation once. */
import type { Json, JsonObject } from '../../../model.ts'
import type { Answer, Trial } from './tester.ts'

export const SCHEMA = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  bulk: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  bulkResponse: 'urn:ietf:params:scim:api:messages:2.0:BulkResponse',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  config: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
} as const

/** The status is one of those; false and a fault where not. */
export function status(trial: Trial, answer: Answer, ...wanted: readonly number[]): boolean {
  if (wanted.includes(answer.status)) return true
  const detail = text(answer.body?.['detail'])
  trial.fault(`answered ${answer.status}, not ${wanted.join(' or ')}${detail === undefined ? '' : `: ${detail}`}`)
  return false
}

/** A body of application/scim+json with a schema that names what it is (RFC 7644 §3.1, §3.8). */
export function message(trial: Trial, answer: Answer, schema: string): JsonObject | undefined {
  const type = (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/scim+json') {
    trial.fault(
      `its Content-Type is ${type === '' ? 'missing' : type}, not application/scim+json, though Accept asked for that`,
    )
  }
  if (answer.body === undefined) {
    trial.fault('its body is empty, or is no JSON object')
    return undefined
  }
  if (!strings(answer.body['schemas']).includes(schema)) trial.fault(`schemas does not name ${schema}`)
  return answer.body
}

/** A resource that has what every resource must have (RFC 7643 §3.1), and no password (§4.1.1). */
export function resource(trial: Trial, answer: Answer, type: 'User' | 'Group'): JsonObject | undefined {
  const body = message(trial, answer, type === 'User' ? SCHEMA.user : SCHEMA.group)
  if (body === undefined) return undefined
  whole(trial, body, type)
  return body
}

/** The same of a resource within a list. */
export function whole(trial: Trial, body: JsonObject, type: 'User' | 'Group'): void {
  const id = text(body['id'])
  if (id === undefined || id === '') trial.fault('the resource has no id')
  const meta = object(body['meta'])
  if (meta === undefined) trial.fault('the resource has no meta')
  else if (meta['resourceType'] !== type)
    trial.fault(`meta.resourceType is ${JSON.stringify(meta['resourceType'] ?? null)}, not "${type}"`)
  else if (id !== undefined && text(meta['location'])?.endsWith(`/${encodeURIComponent(id)}`) !== true) {
    trial.fault('meta.location does not end with the id of the resource')
  }
  if ('password' in body) trial.fault('the password is returned; its attribute is returned: never')
}

/** A ListResponse whose numbers are integers and agree (RFC 7644 §3.4.2). */
export function list(trial: Trial, answer: Answer): readonly JsonObject[] | undefined {
  if (!status(trial, answer, 200)) return undefined
  const body = message(trial, answer, SCHEMA.list)
  if (body === undefined) return undefined
  const found = body['Resources'] ?? []
  if (!Array.isArray(found)) {
    trial.fault('Resources is no list')
    return undefined
  }
  if (!Number.isInteger(body['totalResults']))
    trial.fault(`totalResults is ${JSON.stringify(body['totalResults'] ?? null)}, not an integer`)
  else if (Number(body['totalResults']) < found.length)
    trial.fault(`totalResults is ${String(body['totalResults'])}, with ${found.length} resources`)
  for (const name of ['startIndex', 'itemsPerPage']) {
    if (body[name] !== undefined && !Number.isInteger(body[name]))
      trial.fault(`${name} is ${JSON.stringify(body[name])}, not an integer`)
  }
  return objects(found)
}

/** An error in the form of RFC 7644 §3.12, with the scimType where one is defined for it. */
export function refused(trial: Trial, answer: Answer, code: number, scimType?: string): void {
  if (!status(trial, answer, code)) return
  const body = message(trial, answer, SCHEMA.error)
  if (body === undefined) return
  if (body['status'] !== String(code))
    trial.fault(`the error's status is ${JSON.stringify(body['status'] ?? null)}, not the string "${code}"`)
  if (scimType !== undefined && body['scimType'] !== scimType) {
    trial.doubt(`the error's scimType is ${JSON.stringify(body['scimType'] ?? null)}, not "${scimType}"`)
  }
}

export function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function object(value: Json | undefined): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
}

export function objects(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one: Json): one is JsonObject => object(one) !== undefined) : []
}

export function strings(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** `?filter=…` with its value quoted as RFC 7644 §3.4.2.2 says, and encoded for the query. */
export function filter(attribute: string, operator: string, value: string, more = ''): string {
  return `?filter=${encodeURIComponent(`${attribute} ${operator} ${JSON.stringify(value)}`)}${more}`
}

/** A PatchOp. */
export function patch(...operations: readonly JsonObject[]): JsonObject {
  return { schemas: [SCHEMA.patch], Operations: operations }
}
