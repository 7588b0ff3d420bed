import type { Advice } from './advice.ts'
import { textsOf } from './scalars.ts'

const SHAPES: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/],
  ['a cloud access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['an access token', /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|[sr]k_live_[A-Za-z0-9]{12,})/],
  ['a signed token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/],
  ['a password hash', /\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}/],
  ['an address with a password', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,100}:[^\s/@$]{1,100}@/],
]
const NAMES = /(?:^|_)(?:password|passwd|passphrase|secret|token|api_key|private_key|credential)$/i

export const plainSecret: Advice = {
  name: 'plain-secret',
  level: 'error',
  finds: 'A password, key or token that stands in the runbook as it is.',
  instead: 'A runbook is stored, shown and shared. Replace the secret, and let the action take it from a file or a variable.',
  check({ draft, at }) {
    for (const { document, key, node } of textsOf(draft)) {
      const shape = SHAPES.find(([, pattern]) => pattern.test(node.value))
      const named = key !== null && NAMES.test(key) && isLiteral(node.value) ? `what '${key}' is to be` : undefined
      const what = shape?.[0] ?? named
      if (what !== undefined) at(document.position(node.offset), `${what} stands here in plain text: it must not be kept in a runbook`)
    }
  },
}

/** A word that somebody chose as a secret, not a sentence, a name of a setting or an expression. */
function isLiteral(value: string): boolean {
  return value.length >= 6 && !/\s|\$\{\{/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value)
}
