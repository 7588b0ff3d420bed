import type { Json, JsonObject } from '../model.ts'
import type { Config } from './config.ts'
import { deriveSlug } from './slug.ts'

type Given = Readonly<Record<string, Json>>

/**
 * A handoff in its form → as expressions see it. An empty slug stands where none was given and none can be derived;
 * limits are null where neither handoff nor plan catalogue has them: the rules report both. Of a handoff that is not in
 * its form, the parts that are.
 */
export function normaliseHandoff(given: JsonObject, config: Config): JsonObject {
  const { discovery: _apart, ...handoff } = tidy(given) as Record<string, Json>
  const part = (name: string): Given => {
    const given = handoff[name]
    return typeof given === 'object' && given !== null && !Array.isArray(given) ? (given as Given) : {}
  }
  const company = part('company')
  const contacts = Object.fromEntries(Object.entries(part('contacts')).map(([role, who]) => [role, [who].flat()]))
  const commercial = part('commercial')
  const technical = part('technical')
  const compliance = part('compliance')
  const limits = config.plans[commercial['plan'] as 'custom']?.limits
  return {
    ...handoff,
    company: {
      ...company,
      slug: company['slug'] ?? deriveSlug(String(company['name'] ?? '')) ?? '',
      timezone: company['timezone'] ?? config.time_zone,
    },
    contacts,
    admin: handoff['admin'] ?? contacts['technical']?.[0] ?? null,
    commercial: {
      ...commercial,
      limits: commercial['limits'] ?? (limits?.api_calls_per_15min === undefined || limits.storage_gb === undefined
        ? null
        : { api_calls_per_15min: limits.api_calls_per_15min, storage_gb: limits.storage_gb }),
    },
    technical: { ...technical, session: technical['session'] ?? config.security.session },
    compliance: { ...compliance, residency_other: compliance['residency_other'] ?? '' },
  }
}

export function normaliseDiscovery(given: JsonObject): JsonObject {
  return tidy(given) as JsonObject
}

/** Texts without blanks around them and in one Unicode form, so that equal names are equal. */
function tidy(value: Json): Json {
  if (typeof value === 'string') return value.normalize('NFC').trim()
  if (Array.isArray(value)) return value.map(tidy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, tidy(one as Json)]))
}
