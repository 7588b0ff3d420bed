import type { Advice } from './advice.ts'
import { placeIn } from './place.ts'
import { textsOf } from './scalars.ts'

/**
 * What secrets of known makers look like.
 * Each begins with letters that few texts have, so that a long file is read fast.
 */
const SHAPES: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:/],
  ['a token of onboard', /\bonboard_[a-z]{2,12}_[\w-]{40,}/],
  ['a cloud access key', anyOf(
    /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, /\bAIza[\w-]{35}\b/, /\bGOCSPX-[\w-]{20,}/, /\bya29\.[\w-]{20,}/,
    /\bAccountKey=[A-Za-z0-9+/=]{40,}/, /\bdop_v1_[0-9a-f]{40,}/,
  )],
  ['an access token', anyOf(
    /\bgh[pousr]_[A-Za-z0-9]{20,}/, /\bgithub_pat_\w{20,}/, /\bgl(?:pat|rt|dt|cbt|oas)-[\w-]{16,}/,
    /\bxox[abeoprs]-[\w-]{10,}/, /\bxapp-\d-[\w-]{10,}/, /\bnpm_[A-Za-z0-9]{30,}/, /\bpypi-[\w-]{30,}/,
    /\bhv[sb]\.[\w-]{20,}/, /\bshp(?:at|ca|pa|ss)_[0-9a-f]{20,}/,
  )],
  ['an API key', anyOf(
    /\b[prs]k_(?:live|test)_[A-Za-z0-9]{12,}/, /\bwhsec_[A-Za-z0-9+/=]{20,}/, /\bsk-(?=[\w-]*\d)[\w-]{20,}/,
    /\bSG\.[\w-]{16,}\.[\w-]{16,}/, /\bkey-[0-9a-f]{32}\b/, /\bSSWS [\w-]{30,}/,
  )],
  ['a signed token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/],
  ['a password hash', /\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$v=\d+\$/],
  ['an address with a password', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,100}:[^\s/@${}<>]{1,100}@/],
]

const NAMES = /(?:^|_)(?:password|passwd|passphrase|secret|token|api_key|private_key|credential)$/i

export const plainSecret: Advice = {
  name: 'plain-secret',
  level: 'error',
  finds: 'A password, key or token that stands in the runbook as it is, also in a comment or a template.',
  instead:
    'A runbook is stored, shown and shared. Replace the secret, and let the action take it from a file or a variable.',
  check({ draft, at }) {
    const said = (what: string): string => `${what} stands here in plain text: it must not be kept in a runbook`
    for (const document of [draft.document, ...draft.phases.map((phase) => phase.document)]) {
      for (const { what, index } of shapesIn(document.text)) at(document.position(index), said(what))
    }
    for (const { file, text } of draft.others.values()) {
      const content = text()
      for (const { what, index } of shapesIn(content)) at({ file, ...placeIn(content, index) }, said(what))
    }
    for (const { document, key, node } of textsOf(draft)) {
      if (key === null || !NAMES.test(key) || !isLiteral(node.value) || shapesIn(node.value).length > 0) continue
      at(document.position(node.offset), said(`what '${key}' is to be`))
    }
  },
}

/** An expression of which one alternative is enough. */
function anyOf(...alternatives: readonly RegExp[]): RegExp {
  return new RegExp(alternatives.map(({ source }) => source).join('|'))
}

/** Where one of the shapes stands; each place once. */
function shapesIn(text: string): readonly { readonly what: string; readonly index: number }[] {
  const found = new Map<number, string>()
  for (const [what, { source }] of SHAPES) {
    for (const { index } of text.matchAll(new RegExp(source, 'g'))) if (!found.has(index)) found.set(index, what)
  }
  return [...found].map(([index, what]) => ({ what, index }))
}

/** A word that somebody chose as a secret, not a sentence, a name of a setting or an expression. */
function isLiteral(value: string): boolean {
  return value.length >= 6 && !/\s|\$\{\{/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value)
}
