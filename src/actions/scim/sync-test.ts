import { defineProbe, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { testScim } from '../../identity/scim/tester/run.ts'
import { DIALECTS, type Finding, type Transport } from '../../identity/scim/tester/tester.ts'
import type { Evidence, Json } from '../../model.ts'

/** Stands where the tester would hold the token: the real one is in an environment variable, and no action sees it. */
const FROM_ENVIRONMENT = '\u0000'
const TIMEOUT_MS = 30_000

/** Acts as the customer's directory towards a SCIM endpoint, as onboard scim test does. */
export default defineProbe({
  title: "Acts as the customer's directory towards a SCIM endpoint: makes, changes and removes test users and groups.",
  example: { url: 'https://app.vendor.example/scim/v2/acme', token_env: 'ACME_SCIM_TOKEN', dialect: 'okta' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['url', 'token_env'],
    properties: {
      url: { type: 'string', minLength: 1, description: 'Base address of the endpoint, above /Users.' },
      token_env: {
        type: 'string',
        pattern: '^[A-Z][A-Z0-9_]{0,99}$',
        description: 'Environment variable that holds the bearer token.',
      },
      dialect: { type: 'string', enum: DIALECTS, default: 'rfc', description: 'Whose requests are sent.' },
      domain: {
        type: 'string',
        minLength: 1,
        default: 'scim-test.example',
        description: "Domain of the test users' names.",
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['passed', 'warned'],
    properties: {
      passed: { type: 'integer', description: 'Checks that passed.' },
      warned: { type: 'integer', description: 'Checks that found something doubtful.' },
    },
  },
  touches: 'canary',
  max_age_ms: 7 * 86_400_000,

  async probe(read, input): Promise<Evidence> {
    const report = await testScim({
      url: input.url,
      token: FROM_ENVIRONMENT,
      dialect: input.dialect,
      domain: input.domain,
      transport: through(read, input.url.replace(/\/+$/, ''), input.token_env),
      now: new Date().toISOString(),
    }).catch((error: unknown) => {
      // Nothing was asked: that the token is not at hand says nothing about the endpoint.
      if (error instanceof OnboardError && error.code === 'no-credential') return null
      throw error
    })
    if (report === null) {
      return {
        result: 'not_checked',
        reason: `the variable ${input.token_env} is not set: put a token of the endpoint there and run it again`,
        next: `onboard apply ${read.onboarding.key}`,
      }
    }
    const { findings, left, verdict } = report
    const count = (wanted: Finding['verdict']) => findings.filter((one) => one.verdict === wanted).length
    const failed = findings.filter((one) => one.verdict === 'fail')
    const summary =
      failed.length === 0
        ? `${count('pass')} checks passed as ${input.dialect}${count('warn') > 0 ? `, ${count('warn')} warned` : ''}`
        : `${failed.map(({ id, said }) => `${id}: ${said[0] ?? ''}`).join('; ')}`
    // Without requests and answers: evidence is kept for good, and people's data may stand in them.
    const kept = findings.map(({ id, paragraph, verdict: found, said, admin }) => ({
      id,
      paragraph,
      verdict: found,
      said,
      admin,
    }))
    return {
      result: verdict,
      summary,
      data: { findings: kept, left, passed: count('pass'), warned: count('warn') } as unknown as Json,
    }
  },

  outputs(_input, evidence) {
    const data =
      evidence.result === 'pass' || evidence.result === 'warn'
        ? (evidence.data as { passed: number; warned: number })
        : { passed: 0, warned: 0 }
    return { passed: data.passed, warned: data.warned }
  },
})

function through(read: Reader, base: string, env: string): Transport {
  return async ({ method, path, headers, body }, token) => {
    const isReal = token === FROM_ENVIRONMENT
    const answer = await read.http({
      url: base + path,
      method,
      timeout_ms: TIMEOUT_MS,
      redirects: 0,
      headers: { ...headers, ...(isReal || token === null ? {} : { authorization: `Bearer ${token}` }) },
      ...(isReal ? { secret_headers: { authorization: { env, prefix: 'Bearer ' } } } : {}),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, headers: answer.headers, text: answer.body }
  }
}
