/** Why users do not come from the directory, in words that can be acted on. */
import type { Reader } from '../contract.ts'
import type { Work } from '../engine/ports.ts'
import { MOST_ON_TRIAL } from '../identity/scim/call.ts'
import {
  groupGaps,
  liveTokens,
  type Refusals,
  refusals,
  type TokenFacts,
  userCounts,
  waitingUsers,
} from '../identity/scim/health.ts'
import { unmapped } from '../identity/scim/roles.ts'
import { type Query, type Tables, tablesOf } from '../identity/sql.ts'
import { type Diagnosis, finding, type Finding, tenantOf } from '../onboarding/diagnose.ts'

type Seen = Omit<Finding, 'name' | 'next'> & { readonly next?: string | null }
type Look = (query: Query, tables: Tables, tenant: string, key: string) => Promise<Seen>

const SOON_DAYS = 30
const DAYS = 7
/** A directory that is quiet for longer has probably stopped: Entra ID asks every 40 minutes, Okta at each change. */
const QUIET_H = 24

export async function diagnoseScim(work: Work): Promise<Diagnosis> {
  const { key } = work.onboarding
  return work.reading(async (reading) => {
    const read = reading(key)
    const tenant = await tenantIn(work, read)
    const look = (name: string, how: Look): Promise<Finding> =>
      finding(name, async () =>
        typeof tenant === 'string'
          ? { state: 'not_checked', message: tenant }
          : how(read.many.bind(read), tenant.tables, tenant.id, key),
      )
    const findings = [
      await look('switched on', async () => switched(tenant, key)),
      await look('token', async (query, tables, id) => tokens(await liveTokens(query, tables, id), key)),
      await look('directory', async (query, tables, id) => lastAsked(await liveTokens(query, tables, id))),
      ...(await refused(look)),
      await look('users', users),
      await look('waiting', waiting),
      await look('groups', groups),
      await look('roles', roles),
    ]
    return { onboarding: key, findings }
  })
}

interface Tenant {
  readonly id: string
  readonly isOn: boolean
  readonly isSuspended: boolean
  readonly tables: Tables
}

async function tenantIn(work: Work, read: Reader): Promise<Tenant | string> {
  const { tenants, schema } = read.product
  if (schema === null) return 'the product is mapped: its own server answers for directory sync'
  const slug = tenantOf(work)
  const found = await tenants.find(read, { slug }, { also: ['settings.enabled.scim', 'status'] })
  if (found === null) return `the product has no tenant ${slug} yet`
  const { 'settings.enabled.scim': enabled, status } = found.cells
  return {
    id: found.key,
    isOn: enabled?.value === true,
    isSuspended: status?.value === 'suspended',
    tables: tablesOf(schema),
  }
}

function switched(tenant: Tenant | string, key: string): Seen {
  if (typeof tenant === 'object' && tenant.isSuspended)
    return { state: 'fail', message: 'the tenant is suspended: every request of its directory is refused' }
  if (typeof tenant === 'object' && tenant.isOn) return { state: 'ok', message: 'directory sync is on' }
  const some = `a directory can make ${MOST_ON_TRIAL} users to test with, and changes nobody else`
  return { state: 'warn', message: `directory sync is not switched on: ${some}`, next: `onboard scim ${key}` }
}

function tokens(live: readonly TokenFacts[], key: string): Seen {
  const [first, second] = live
  const newest = live.at(-1)
  if (first === undefined || newest === undefined)
    return { state: 'fail', message: 'no token is good: every request is refused', next: `onboard scim ${key}` }
  const all = live.map(({ prefix, ends }) => `${prefix}… until ${ends}`).join(', ')
  if (newest.days_left < SOON_DAYS)
    return { state: 'warn', message: `${all}: it ends in ${newest.days_left} days`, next: `onboard scim rotate ${key}` }
  if (second === undefined) return { state: 'ok', message: all }
  const isUsed = newest.unused_h !== null
  return isUsed
    ? {
        state: 'warn',
        message: `${all}: the new one is in use, the old one may go`,
        next: `onboard scim revoke ${key} --old`,
      }
    : { state: 'warn', message: `${all}: the new one was never used; has the customer's administrator put it in?` }
}

function lastAsked(live: readonly TokenFacts[]): Seen {
  const used = live.map((one) => one.unused_h).filter((one) => one !== null)
  if (used.length === 0)
    return {
      state: 'warn',
      message: 'no request has come with a token that is good: is provisioning started in the directory?',
    }
  const hours = Math.min(...used)
  const when = hours === 0 ? 'within the last hour' : `${hours} hours ago`
  return hours > QUIET_H
    ? { state: 'warn', message: `its last request came ${when}: has it stopped?` }
    : { state: 'ok', message: `its last request came ${when}` }
}

/** One finding for each kind of refusal. */
async function refused(look: (name: string, how: Look) => Promise<Finding>): Promise<readonly Finding[]> {
  let all: readonly Refusals[] = []
  const first = await look('refused', async (query, tables, id) => {
    all = await refusals(query, tables, id, DAYS)
    return { state: 'ok', message: `nothing was refused in the last ${DAYS} days` }
  })
  if (all.length === 0) return [first]
  return Promise.all(all.map((one) => look('refused', async (_query, _tables, _id, key) => explained(one, key))))
}

function explained({ method, resource, status, scim_type, times, name, detail, last }: Refusals, key: string): Seen {
  const what = ['Token', 'Tenant', 'Rate'].includes(resource)
    ? 'a request was refused'
    : `${method} ${resource}${name === null ? '' : ` ${name}`} was refused`
  const how = `${status}${scim_type === null ? '' : ` ${scim_type}`}, ${times === 1 ? 'once' : `${times} times`}`
  const said = `${what} with ${how}, last on ${last} UTC: ${detail ?? 'nothing was said'}`
  const advice = adviceFor(status, scim_type, resource, detail ?? '')
  return {
    state: 'warn',
    message: advice === null ? said : `${said}. ${advice}`,
    next: resource === 'Token' && /expired|revoked/.test(detail ?? '') ? `onboard scim rotate ${key}` : null,
  }
}

function adviceFor(status: number, scimType: string | null, resource: string, detail: string): string | null {
  if (resource === 'Token') return 'The directory must be given the token of this tenant that is good'
  if (resource === 'Tenant')
    return 'Nothing is synced until the tenant is live again; the directory then makes good what it missed'
  if (resource === 'Rate')
    return 'The directory asks again by itself; where it falls behind, start the gateway with more --scim-per-minute'
  if (scimType === 'uniqueness')
    return 'Let the directory match that user instead of creating it, or give one of the two another name'
  if (detail.includes('not switched on')) return 'Switch it on, or send fewer test users'
  if (detail.includes('last administrator')) return 'Make somebody else an administrator first'
  if (detail.includes('emergencies')) return 'Take that account out of what the directory sends'
  if (status === 404)
    return 'The directory knows somebody whom we do not have any more: let it restart its provisioning'
  if (scimType === 'invalidFilter') return 'See which attribute the directory matches users by'
  if (scimType === 'invalidValue' || scimType === 'invalidPath')
    return 'See the attribute mapping of the directory against our sheet (document scim-connector)'
  if (status === 413 || scimType === 'tooMany')
    return 'The directory sends too much at once: let it send fewer members or operations in a request'
  return null
}

const users: Look = async (query, tables, tenant) => {
  const { synced, off: switched, by_hand, groups: sent } = await userCounts(query, tables, tenant)
  const said = `${counted(synced, 'user')} from the directory, ${switched} of them switched off; `
    + counted(sent, 'group')
  if (by_hand === 0) return { state: synced === 0 ? 'warn' : 'ok', message: said }
  return {
    state: synced === 0 ? 'warn' : 'ok',
    message: `${said}; made by hand and unknown to the directory: ${counted(by_hand, 'active user')}`,
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const waiting: Look = async (query, tables, tenant) => {
  const names = await waitingUsers(query, tables, tenant)
  if (names.length === 0) return { state: 'ok', message: 'nobody whom the directory sent is left out' }
  const some = names.slice(0, 5).join(', ')
  return {
    state: 'fail',
    message: `${counted(names.length, 'user')} refused and not here: ${some}${names.length > 5 ? ', …' : ''}`,
  }
}

const groups: Look = async (query, tables, tenant) => {
  const gaps = await groupGaps(query, tables, tenant)
  if (gaps === null) return { state: 'ok', message: 'groups give no role: none was declared' }
  if (gaps.missing.length === 0) return { state: 'ok', message: 'every group that gives a role was sent' }
  const others = gaps.others.length === 0 ? 'it sent no others' : `others that it sent: ${gaps.others.join(', ')}`
  return {
    state: 'warn',
    message: `the directory has not sent ${gaps.missing.join(', ')}, which give a role; ${others}. `
      + 'Are they called so there, and pushed?',
  }
}

const roles: Look = async (query, tables, tenant, key) => {
  const wrong = (await unmapped(query, tables, tenant, null)).filter((one) => one.role !== one.wanted)
  if (wrong.length === 0) return { state: 'ok', message: 'everybody has the role that the groups say' }
  if (wrong.every((one) => one.role === 'admin'))
    return {
      state: 'warn',
      message: `${wrong.length} stays administrator though no group says so: nobody else could administer the tenant`,
    }
  return {
    state: 'fail',
    message: `${wrong.length} users have another role than their groups say`,
    next: `onboard plan ${key}`,
  }
}
