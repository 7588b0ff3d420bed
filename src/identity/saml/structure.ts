/**
 * How a message has to be built before anything in it is looked at: one assertion, unique IDs, and signatures that
 * stand in what they sign and cover all of it. Signature wrapping (XSW) lives on everything that is refused here.
 */
import { DIGESTS, ENVELOPED, EXCLUSIVE_C14N, NS, SIGNATURES } from './names.ts'
import { refuse } from './refused.ts'
import { all, type Element, first, named } from './xml.ts'

/** Names that signature libraries look for without looking at the namespace. */
const OWN: ReadonlyMap<string, string> = new Map([
  ['Assertion', NS.assertion],
  ['EncryptedAssertion', NS.assertion],
  ['Signature', NS.signature],
  ['SignedInfo', NS.signature],
  ['Reference', NS.signature],
  ['X509Certificate', NS.signature],
  ['Response', NS.protocol],
])

export interface Signature {
  /** The parent of the signature: what it signs. */
  readonly signed: Element
  readonly element: Element
  readonly info: Element
  /** URIs. */
  readonly algorithm: string
  readonly hash: 'sha256' | 'sha512'
  /** Base64, as written. */
  readonly digest: string
  readonly value: string
  /** Prefixes that exclusive canonicalization takes along, of the message and of SignedInfo. */
  readonly prefixes: { readonly signed: readonly string[]; readonly info: readonly string[] }
}

/** Every ID once, whatever the case of its name; no known name in a foreign namespace. Holds for every message. */
export function checkNames(root: Element): void {
  const ids = new Set<string>()
  for (const { ns, name, attributes } of all(root)) {
    const own = OWN.get(name)
    if (own !== undefined && own !== ns) {
      refuse(
        'structure', 'foreign-element', `the message has an element ${name} of a foreign namespace`,
      )
    }
    for (const [attribute, value] of attributes) {
      if (!/^(\{.*\})?id$/i.test(attribute)) continue
      if (ids.has(value)) refuse('structure', 'duplicate-id', 'two elements of the message have the same ID')
      ids.add(value)
    }
  }
}

/** The assertion of a response, plain or encrypted; there is one in the whole document, a child of the root. */
export function onlyAssertion(root: Element): Element {
  const found = [...all(root)].filter(({ name }) => name === 'Assertion' || name === 'EncryptedAssertion')
  const [assertion, another] = found
  if (assertion === undefined) refuse('structure', 'no-assertion', 'the response has no assertion')
  if (another !== undefined) {
    refuse(
      'structure', 'several-assertions', `the response has ${found.length} assertions, and one is allowed`,
    )
  }
  if (assertion.parent !== root) {
    refuse(
      'structure', 'assertion-misplaced', 'the assertion is not directly in the response',
    )
  }
  return assertion
}

/** All signatures of a document, each directly in one of `allowed` and signing it; none twice. */
export function signaturesOf(root: Element, allowed: readonly Element[]): Signature[] {
  const elements = [...all(root)].filter(({ name }) => name === 'Signature')
  return elements.map((element, n) => {
    const { parent } = element
    if (parent === null || !allowed.includes(parent)) {
      refuse('structure', 'signature-misplaced', 'a signature is not directly in the message or its assertion')
    }
    if (elements.some((other, m) => m < n && other.parent === parent)) {
      refuse('structure', 'several-signatures', `${parent.name} has two signatures`)
    }
    return shapeOf(element, parent)
  })
}

function shapeOf(element: Element, signed: Element): Signature {
  const infos = named(element, NS.signature, 'SignedInfo')
  const [info] = infos
  if (info === undefined || infos.length > 1) {
    refuse(
      'structure', 'signed-info', `a signature has ${infos.length} SignedInfo, and one is allowed`,
    )
  }
  if (first(element, NS.signature, 'Object') !== undefined) {
    refuse(
      'structure', 'signature-object', 'a signature brings objects of its own',
    )
  }
  const references = named(info, NS.signature, 'Reference')
  const [reference] = references
  if (reference === undefined || references.length > 1) {
    refuse(
      'structure', 'references', `a signature has ${references.length} references, and one is allowed`,
    )
  }
  const id = signed.attributes.get('ID') ?? ''
  if (id === '' || reference.attributes.get('URI') !== `#${id}`) {
    refuse(
      'structure', 'reference', `the signature of ${signed.name} does not reference it by its ID`,
    )
  }
  const method = named(info, NS.signature, 'CanonicalizationMethod')[0]
  if (method?.attributes.get('Algorithm') !== EXCLUSIVE_C14N) {
    refuse(
      'structure', 'canonicalization', 'a signature is not canonicalized exclusively',
    )
  }
  const algorithm = algorithmOf(info, 'SignatureMethod')
  if (!SIGNATURES.has(algorithm)) weak('signature', algorithm)
  const digestAlgorithm = algorithmOf(reference, 'DigestMethod')
  const hash = DIGESTS.get(digestAlgorithm)
  if (hash === undefined) weak('digest', digestAlgorithm)
  return {
    signed,
    element,
    info,
    algorithm,
    hash,
    digest: valueOf(reference, 'DigestValue'),
    value: valueOf(element, 'SignatureValue'),
    prefixes: { signed: transformsOf(reference), info: prefixesOf(method) },
  }
}

/** Enveloped signature, then exclusive canonicalization: nothing that could cut something out of what is signed. */
function transformsOf(reference: Element): readonly string[] {
  const transforms = named(reference, NS.signature, 'Transforms').flatMap((one) => one.children)
  const [enveloped, canonical, more] = transforms
  // Some write the prefixes of the canonicalization into both; to the first they mean nothing.
  const isEnveloped =
    enveloped?.attributes.get('Algorithm') === ENVELOPED &&
    enveloped.children.every(({ name }) => name === 'InclusiveNamespaces')
  const isOurs = isEnveloped && canonical?.attributes.get('Algorithm') === EXCLUSIVE_C14N && more === undefined
  if (!isOurs) {
    refuse(
      'structure', 'transforms',
      'a signature transforms what it signs by more than leaving itself out and exclusive canonicalization',
    )
  }
  return prefixesOf(canonical)
}

function prefixesOf(method: Element): readonly string[] {
  const [inclusive, more] = method.children
  if (inclusive === undefined) return []
  const list = inclusive.attributes.get('PrefixList')
  if (
    more !== undefined ||
    inclusive.name !== 'InclusiveNamespaces' ||
    inclusive.ns !== EXCLUSIVE_C14N ||
    list === undefined
  ) {
    refuse('structure', 'canonicalization', 'a signature is canonicalized with something unknown')
  }
  return list.split(/\s+/).filter((one) => one !== '')
}

const algorithmOf = (parent: Element, name: string): string =>
  first(parent, NS.signature, name)?.attributes.get('Algorithm') ?? ''

/** Base64 and nothing else: no element, no empty value. */
function valueOf(parent: Element, name: string): string {
  const found = first(parent, NS.signature, name)
  const text = found?.text.replaceAll(/\s/g, '') ?? ''
  if (found === undefined || found.children.length > 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    refuse(
      'structure', 'empty-signature', `a signature has no ${name}`,
    )
  }
  return text
}

function weak(what: string, algorithm: string): never {
  if (/sha1|md5|[#-]dsa|ripemd/i.test(algorithm)) {
    refuse(
      'structure', 'weak-algorithm', `the ${what} algorithm ${algorithm} can be broken`,
      'Have the identity provider sign with RSA and SHA-256.',
    )
  }
  refuse(
    'structure', 'unknown-algorithm',
    `the ${what} algorithm ${algorithm.slice(0, 200) || '(none)'} is not one that we take`,
    'Have the identity provider sign with RSA and SHA-256.',
  )
}
