import { defineProbe } from '../../contract.ts'
import type { Evidence } from '../../model.ts'
import { type Finding, NO_PAGE, sum } from '../_findings.ts'
import { cookieFindings, gradeOf, headerFindings } from './_policy.ts'

/** Security headers and the session's cookie, as OWASP Secure Headers has them. */
export default defineProbe({
  title: 'Checks the security headers of a page, and the flags of its session cookie.',
  example: { url: 'https://app.vendor.example', session_cookie: 'session' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: [],
    properties: {
      url: { type: 'string', minLength: 1, description: 'A page of the product. Left out: not checked.' },
      session_cookie: {
        type: 'string', minLength: 1,
        description: 'Name of the cookie that holds a session. Left out: every cookie the page sets is looked at.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['grade', 'score'],
    properties: {
      grade: { type: 'string', description: 'A to F.' }, score: { type: 'integer', description: 'Of 100.' },
    },
  },
  touches: 'nothing',
  max_age_ms: 24 * 3_600_000,

  async probe(read, { url, session_cookie }): Promise<Evidence> {
    if (url === undefined) return NO_PAGE
    const answer = await read.http({ url, method: 'GET', timeout_ms: 10_000, redirects: 5 })
    if (answer.status >= 500) {
      return { result: 'not_checked', reason: `${url} answers ${answer.status}: its headers say nothing` }
    }
    const findings: Finding[] = [...headerFindings(answer.headers), ...cookieFindings(answer.cookies, session_cookie)]
    return sum(findings, { ...gradeOf(findings) })
  },

  outputs: (_input, evidence) => {
    const { grade = '', score = 0 } = (evidence.result === 'not_checked' ? {} : (evidence.data ?? {})) as {
      grade?: string
      score?: number
    }
    return { grade, score }
  },
})
