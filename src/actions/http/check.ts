import { defineProbe, type HttpAnswer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Evidence } from '../../model.ts'
import { type Finding, sum } from '../_findings.ts'

/** One request, and what its answer must be. A redirect is an answer like another unless it is to be followed. */
export default defineProbe({
  title: 'Asks a web address and checks status, headers and text of the answer.',
  example: { url: 'https://app.vendor.example/health', status: [200], contains: 'ok' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['url'],
    properties: {
      url: { type: 'string', minLength: 1, description: 'Address that begins with http:// or https://.' },
      method: { type: 'string', enum: ['GET', 'HEAD'], default: 'GET', description: 'How it is asked.' },
      status: {
        type: 'array', items: { type: 'integer' }, minItems: 1, default: [200], description: 'Answers that are right.',
      },
      headers: {
        type: 'object', additionalProperties: { type: 'string' }, default: {},
        description: 'Headers by name, with a text that each must have: { content-type: json }.',
      },
      contains: { type: 'string', minLength: 1, description: 'A text that the answer must have; not with HEAD.' },
      timeout: {
        type: 'integer', minimum: 1, maximum: 120, default: 10, description: 'Seconds until an answer must be there.',
      },
      redirects: {
        type: 'integer', minimum: 0, maximum: 10, default: 0, description: 'How many redirects are followed.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['status', 'url', 'address', 'ms'],
    properties: {
      status: { type: 'integer', description: 'Of the answer.' },
      url: { type: 'string', description: 'Where it came from.' },
      address: { type: ['string', 'null'], description: 'Address that answered; null behind a proxy.' },
      ms: { type: 'integer', description: 'How long it took.' },
    },
  },
  touches: 'nothing',
  max_age_ms: 3_600_000,

  async probe(read, input): Promise<Evidence> {
    const { url, method, status, headers, contains, timeout, redirects } = { ...DEFAULTS, ...input }
    if (method === 'HEAD' && contains !== undefined) {
      throw new OnboardError('invalid', 'head-has-no-text', 'an answer to HEAD has no text: contains: goes with GET')
    }
    let answer: HttpAnswer
    try {
      answer = await read.http({ url, method, timeout_ms: timeout * 1000, redirects })
    } catch (error) {
      // A server that does not answer has failed the check; a request that may not be sent is another matter.
      if (!(error instanceof OnboardError) || error.kind !== 'unreachable') throw error
      return { result: 'fail', summary: error.message, data: null }
    }
    const findings = [
      finding(
        'status', status.includes(answer.status), `${answer.status}`, `${answer.status}, not ${status.join(' or ')}`,
      ),
      ...Object.entries(headers).map(([name, text]) => {
        const there = answer.headers[name.toLowerCase()]
        const wrong = there === undefined ? 'is not there' : `is '${there}', without '${text}'`
        return finding(name, there?.includes(text) === true, text, wrong)
      }),
    ]
    if (contains !== undefined) {
      findings.push(finding('text', answer.body.includes(contains), 'is there', `'${contains}' is not in the answer`))
    }
    return sum(findings, { status: answer.status, url: answer.url, address: answer.address, ms: Math.round(answer.ms) })
  },

  outputs(_input, evidence) {
    const data = evidence.result === 'pass' ? (evidence.data as unknown as Looked) : undefined
    return { status: data?.status ?? 0, url: data?.url ?? '', address: data?.address ?? null, ms: data?.ms ?? 0 }
  },
})

/** What its evidence holds besides the findings. */
interface Looked {
  readonly status: number
  readonly url: string
  readonly address: string | null
  readonly ms: number
}

interface Settings {
  readonly method: 'GET' | 'HEAD'
  readonly status: readonly number[]
  readonly headers: Readonly<Record<string, string>>
  readonly timeout: number
  readonly redirects: number
}

const DEFAULTS: Settings = { method: 'GET', status: [200], headers: {}, timeout: 10, redirects: 0 }

function finding(name: string, right: boolean, good: string, wrong: string): Finding {
  return { name, result: right ? 'pass' : 'fail', said: right ? good : wrong }
}
