import { OnboardError } from '../../../errors.ts'
import { namesIn, sweep } from './bench.ts'
import { CHECKS } from './checks/index.ts'
import { createClient, type Client } from './client.ts'
import type { Bench, Check, Dialect, Finding, Report, Transport, Trial, Verdict } from './tester.ts'

export interface TestRequest {
  readonly url: string
  readonly token: string
  readonly dialect: Dialect
  readonly transport: Transport
  /** Domain of the test users' names. */
  readonly domain: string
  /** ISO 8601 instant. */
  readonly now: string
  /** Told of each finding as it comes. */
  readonly found?: (finding: Finding) => void
}

/**
 * Acts as a directory towards a SCIM endpoint and reports what is wrong with it. Makes up to four users and three
 * groups under fixed names and removes them again; what a killed run has left is removed first. Throws unreachable
 * where the endpoint does not answer at all, forbidden where it does not take the token.
 */
export async function testScim(request: TestRequest): Promise<Report> {
  const { url, dialect, transport, token, domain, now } = request
  const client = createClient(transport, token)
  await firstContact(client, token)
  const stuck = await sweep(client.send, namesIn(domain))
  const mark = stuck.length === 0 ? '' : `-${Date.parse(now).toString(36)}`
  const bench: Bench = { names: namesIn(domain, mark), features: null, users: [], groups: [] }
  client.exchanges()
  const findings: Finding[] = []
  try {
    for (const check of CHECKS) {
      if (check.dialects !== undefined && !check.dialects.includes(dialect)) continue
      const finding = await hold(check, client, bench, dialect)
      findings.push(finding)
      request.found?.(finding)
    }
  } finally {
    const known = [
      ...bench.groups.map((made) => ({ type: 'Group' as const, made })),
      ...bench.users.map((made) => ({ type: 'User' as const, made })),
    ]
    stuck.push(
      ...(await sweep(client.send, bench.names, known).catch(() =>
        known.map(({ type, made }) => `${type} ${made.name}`),
      )),
    )
  }
  return {
    url,
    dialect,
    started_at: now,
    findings,
    throttled: client.throttled(),
    left: [...new Set(stuck)],
    verdict: worst(findings),
  }
}

/** Without an answer, or with a token that is not taken, no check can say anything. */
async function firstContact(client: Client, token: string): Promise<void> {
  const { status, body } = await client.send('GET', '/Users?count=1')
  if (status !== 401 && status !== 403) return
  const detail = typeof body?.['detail'] === 'string' ? body['detail'].replaceAll(token, '***').slice(0, 200) : null
  const said = detail === null ? '' : `, and says ${JSON.stringify(detail)}`
  const why =
    status === 401 ? 'it is wrong, expired or not for this endpoint' : 'it may not be used, or not for this endpoint'
  throw new OnboardError(
    'forbidden',
    'scim-token-refused',
    `the endpoint answers ${status} to the token${said}: ${why}`,
    {
      suggestions: ['onboard scim test --help'],
    },
  )
}

class Skipped extends Error {}

async function hold(check: Check, client: Client, bench: Bench, dialect: Dialect): Promise<Finding> {
  const faults: string[] = []
  const doubts: string[] = []
  const trial: Trial = {
    bench,
    dialect,
    send: client.send,
    sendAs: client.sendAs,
    fault: (said) => void faults.push(said),
    doubt: (said) => void doubts.push(said),
    skip: (reason) => {
      throw new Skipped(reason)
    },
  }
  let skipped: string | null = null
  try {
    await check.run(trial)
  } catch (error) {
    if (!(error instanceof Skipped)) throw error
    skipped = error.message
  }
  const { id, title, paragraph, admin } = check
  const passed: Verdict = doubts.length > 0 ? 'warn' : 'pass'
  const verdict: Verdict = faults.length > 0 ? 'fail' : skipped !== null ? 'not_checked' : passed
  const said = [...new Set([...faults, ...doubts, ...(skipped === null ? [] : [skipped])])]
  return {
    id,
    title,
    paragraph,
    verdict,
    said,
    admin: verdict === 'fail' ? admin : null,
    exchanges: client.exchanges(),
  }
}

function worst(findings: readonly Finding[]): Report['verdict'] {
  if (findings.some(({ verdict }) => verdict === 'fail')) return 'fail'
  return findings.some(({ verdict }) => verdict === 'warn') ? 'warn' : 'pass'
}
