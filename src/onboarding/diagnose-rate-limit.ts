import type { Reader } from '../contract.ts'
import type { Work } from '../engine/ports.ts'
import type { JsonObject } from '../model.ts'
import { counted, finding, tenantOf, type Diagnosis, type Finding } from './diagnose.ts'

const FIELD = 'settings.limits.api_calls_per_15min'
/** Of the limit, from which on it is worth a word. */
const NEAR = 0.8

/** Why calls are refused: the limit in the product against that of the contract, and what is used of it. */
export async function diagnoseRateLimit(work: Work): Promise<Diagnosis> {
  const { key } = work.onboarding
  return work.reading(async (reading, { now }) => {
    const read = reading(key)
    const contract = contractOf(work)
    const limit = await limitOf(work, read)
    return {
      onboarding: key,
      findings: [
        await finding('limit', async () => compared(key, limit, contract)),
        await finding('usage', () => usage(work, read, now, limit, contract)),
        await finding('refused', () => refused(work, read, now)),
      ],
    }
  })
}

type Seen = Omit<Finding, 'name' | 'next'> & { readonly next?: string | null }

function compared(key: string, limit: number | string, contract: number | null): Seen {
  if (typeof limit === 'string') return { state: 'not_checked', message: limit }
  const allowed = `the product allows ${limit} calls in 15 minutes`
  if (contract === null) return { state: 'warn', message: `${allowed}; the contract names no limit` }
  if (limit === contract) return { state: 'ok', message: `${allowed}, as the contract does` }
  return { state: 'fail', message: `${allowed}, the contract ${contract}`, next: `onboard plan ${key}` }
}

async function usage(
  work: Work, read: Reader, now: string, limit: number | string, contract: number | null,
): Promise<Seen> {
  const { key } = work.onboarding
  const calls = await counted(work, read, 'api_calls', now, 0.25)
  if (typeof calls === 'string') return { state: 'not_checked', message: calls }
  if (calls === null) return { state: 'not_checked', message: 'its source had no answer' }
  const day = await counted(work, read, 'api_calls', now, 24)
  const mean = typeof day === 'number' ? `, ${Math.round(day / 96)} on the average of a day` : ''
  const said = `${calls} calls in the last 15 minutes${mean}`
  if (typeof limit === 'string') return { state: 'not_checked', message: `${said}; of how many is not known` }
  const share = calls / limit
  const message = `${said}: ${Math.round(share * 100)} % of ${limit}`
  if (share < NEAR) return { state: 'ok', message }
  // What is sold can be had at once; more of it is a matter of the contract, and of those who sign it.
  const next = contract !== null && limit < contract
    ? `onboard plan ${key}`
    : `onboard handoff revise ${key} --file FILE --reason TEXT`
  return { state: share >= 1 ? 'fail' : 'warn', message, next }
}

async function refused(work: Work, read: Reader, now: string): Promise<Seen> {
  const calls = await counted(work, read, 'rate_limited', now, 24)
  if (typeof calls === 'string') return { state: 'not_checked', message: calls }
  if (calls === null) return { state: 'not_checked', message: 'its source had no answer' }
  if (calls === 0) return { state: 'ok', message: 'no call was refused in the last 24 hours' }
  return { state: 'warn', message: `${calls} calls were refused in the last 24 hours (429)` }
}

function contractOf(work: Work): number | null {
  const limits = (work.inputs.handoff['commercial'] as JsonObject | undefined)?.['limits'] as JsonObject | undefined
  const limit = limits?.['api_calls_per_15min']
  return typeof limit === 'number' ? limit : null
}

/** As the product has it; a sentence where that is not known. */
async function limitOf(work: Work, read: Reader): Promise<number | string> {
  const { tenants } = read.product
  if (!tenants.has(FIELD)) return 'the product has no place for a limit of calls'
  const found = await tenants.find(read, { slug: tenantOf(work) }, { also: [FIELD] })
  if (found === null) return `the product has no tenant ${tenantOf(work)} yet`
  const limit = Number(found.cells[FIELD]?.value ?? Number.NaN)
  return Number.isFinite(limit) && limit > 0 ? limit : 'the product has no limit of calls for it'
}
