import { defineProbe, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Evidence } from '../../model.ts'
import { type Finding, sum } from '../_findings.ts'

interface Wanted {
  readonly name: string
  readonly url: string
  readonly status?: number
  readonly contains?: string
  readonly token_env?: string
}

/** Several requests that a healthy product answers: basic operations, core features, integrations. */
export default defineProbe({
  title: 'Sends requests that a healthy product answers, and names each that it does not.',
  example: { requests: [{ name: 'Sign-in page', url: 'https://app.vendor.example/login' }] },
  input: {
    type: 'object',
    additionalProperties: false,
    required: [],
    properties: {
      requests: {
        type: ['array', 'null'],
        description: 'What is sent, as under probes in the config. Left out: not checked.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'url'],
          properties: {
            name: { type: 'string', minLength: 1 },
            url: { type: 'string', minLength: 1 },
            status: { type: 'integer', description: 'The answer that is right; default 200.' },
            contains: { type: 'string', description: 'A text that the answer must have.' },
            token_env: { type: 'string', description: 'Environment variable with a bearer token.' },
          },
        },
      },
      must: {
        type: 'array', items: { type: 'string' },
        description: 'Names of which none may be without a request: the integrations sold.',
      },
    },
  },
  output: {
    type: 'object', additionalProperties: false, required: ['answered'],
    properties: { answered: { type: 'array', items: { type: 'string' } } },
  },
  touches: 'nothing',
  max_age_ms: 24 * 3_600_000,

  async probe(read, input): Promise<Evidence> {
    const must = input.must ?? []
    const all = (input.requests ?? []) as unknown as readonly Wanted[]
    const requests = must.length === 0 ? all : all.filter(({ name }) => must.includes(name))
    const unlooked = must.filter((name) => !requests.some((one) => one.name === name))
    if (unlooked.length > 0) {
      return { result: 'not_checked', reason: `the config has no request that would try ${unlooked.join(', ')}` }
    }
    if (requests.length === 0) return { result: 'not_checked', reason: 'the config names no request to send (probes)' }
    const findings: Finding[] = []
    for (const one of requests) findings.push(await ask(read, one))
    return sum(findings, { answered: requests.map(({ name }) => name) })
  },

  outputs: (_input, evidence) => ({
    answered:
      evidence.result === 'not_checked' ? [] : ((evidence.data as { answered?: string[] } | null)?.answered ?? []),
  }),
})

async function ask(read: Reader, { name, url, status = 200, contains, token_env }: Wanted): Promise<Finding> {
  try {
    const answer = await read.http({
      url, method: 'GET', timeout_ms: 10_000, redirects: 0,
      ...(token_env === undefined ? {} : { secret_headers: { authorization: { env: token_env, prefix: 'Bearer ' } } }),
    })
    if (answer.status !== status) return { name, result: 'fail', said: `answers ${answer.status}, not ${status}` }
    if (contains !== undefined && !answer.body.includes(contains)) {
      return { name, result: 'fail', said: `its answer does not have '${contains}'` }
    }
    return { name, result: 'pass', said: `${status} in ${Math.round(answer.ms)} ms` }
  } catch (error) {
    // A product that does not answer has failed; a request that may not be sent has not been tried.
    if (!(error instanceof OnboardError) || error.kind === 'forbidden') throw error
    return { name, result: error.kind === 'unreachable' ? 'fail' : 'not_checked', said: error.message }
  }
}
