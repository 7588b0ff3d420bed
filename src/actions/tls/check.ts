import { defineProbe, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Evidence } from '../../model.ts'
import { type Finding, NO_PAGE, sum } from '../_findings.ts'

const TIMEOUT_MS = 10_000
const OLD = ['TLSv1', 'TLSv1.1'] as const

/** HTTPS as RFC 8996 and 9325 want it: nothing goes in the clear, nothing old is spoken, the certificate holds. */
export default defineProbe({
  title: 'Checks that an address is served over HTTPS alone, by TLS 1.2 or later, with a certificate that holds.',
  example: { url: 'https://app.vendor.example' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: [],
    properties: {
      url: { type: 'string', minLength: 1, description: 'An https address. Left out: not checked.' },
      plain_port: {
        type: 'integer', minimum: 1, maximum: 65535, default: 80,
        description: 'Where the same host might answer without TLS.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['version', 'valid_to'],
    properties: {
      version: { type: 'string', description: 'TLSv1.2 or TLSv1.3.' },
      valid_to: { type: 'string', description: 'End of the certificate, ISO 8601.' },
    },
  },
  touches: 'nothing',
  max_age_ms: 24 * 3_600_000,

  async probe(read, { url, plain_port = 80 }): Promise<Evidence> {
    if (url === undefined) return NO_PAGE
    const { protocol, hostname, port } = new URL(url)
    if (protocol !== 'https:') return { result: 'fail', summary: `${url} is no https address`, data: null }
    const shake = { host: hostname, port: Number(port || 443), timeout_ms: TIMEOUT_MS }
    const seen = await read.tls(shake)
    if (!seen.connected) {
      return { result: 'fail', summary: `there is no TLS at ${hostname}:${shake.port}: ${seen.reason}`, data: null }
    }
    const findings: Finding[] = [
      seen.problem === null
        ? { name: 'certificate', result: 'pass', said: 'trusted, and for this name' }
        : { name: 'certificate', result: 'fail', said: seen.problem },
      lifetime(seen.valid_from, seen.valid_to, await clock(read)),
      await plain(read, hostname, plain_port),
    ]
    for (const version of OLD) {
      const old = await read.tls({ ...shake, version })
      if (old.connected) findings.push({ name: version, result: 'fail', said: 'is still spoken' })
      else if (old.local) {
        findings.push({ name: version, result: 'not_checked', said: `cannot be offered from here: ${old.reason}` })
      } else {
        findings.push({ name: version, result: 'pass', said: 'refused' })
      }
    }
    return sum(findings, { version: seen.version, valid_to: seen.valid_to })
  },

  outputs: (_input, evidence) => {
    const { version = '', valid_to = '' } = (evidence.result === 'not_checked' ? {} : (evidence.data ?? {})) as {
      version?: string
      valid_to?: string
    }
    return { version, valid_to }
  },
})

async function clock(read: Reader): Promise<number> {
  // Certificates go by the time of the world, not by a clock that is moved.
  const row = await read.one<{ now: Date }>('SELECT clock_timestamp() AS now')
  return new Date(row?.now ?? Number.NaN).getTime()
}

/**
 * Under a tenth of its lifetime left is too late to renew in peace;
 * certificates of six days exist, so no days are counted.
 */
function lifetime(from: string, to: string, now: number): Finding {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  const left = (end - now) / (end - begin)
  const until = `until ${to.slice(0, 10)}`
  if (left < 0) return { name: 'lifetime', result: 'fail', said: `expired on ${to.slice(0, 10)}` }
  if (left > 1) return { name: 'lifetime', result: 'fail', said: `begins on ${from.slice(0, 10)}` }
  return {
    name: 'lifetime', result: left < 0.1 ? 'fail' : left < 0.25 ? 'warn' : 'pass',
    said: `${Math.floor(left * 100)} % left, ${until}`,
  }
}

/** Without TLS the host sends to itself with TLS, for good, or does not answer at all. */
async function plain(read: Reader, host: string, port: number): Promise<Finding> {
  const name = 'https only'
  try {
    const answer = await read.http({
      url: `http://${host}:${port}/`, method: 'GET', timeout_ms: TIMEOUT_MS, redirects: 0,
    })
    const to = answer.headers['location']
    const target = to !== undefined && URL.canParse(to, `http://${host}`) ? new URL(to, `http://${host}`) : undefined
    const there = target?.protocol === 'https:' && target.hostname === host.toLowerCase()
    if (there && (answer.status === 301 || answer.status === 308)) {
      return { name, result: 'pass', said: `${answer.status} to ${target.href}` }
    }
    const answered = `http answers ${answer.status}${to === undefined ? '' : ` to ${to}`}`
    return { name, result: 'fail', said: `${answered}, not 301 or 308 to the same host over https` }
  } catch (error) {
    if (!(error instanceof OnboardError) || error.kind !== 'unreachable') throw error
    // A timeout may be a firewall that drops, or a server that is slow: only a refusal is an answer.
    return error.code === 'timeout'
      ? { name, result: 'warn', said: `port ${port} did not say no; it did not answer` }
      : { name, result: 'pass', said: `port ${port} is closed` }
  }
}
