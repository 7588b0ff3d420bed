/**
 * XML from outside. It is read by one parser (libxml2, no network, no DTD); what is of interest is copied into plain
 * objects. The nodes behind them live as long as the callback that is handed the root.
 */
import { ParseOption, XmlCData, XmlComment, XmlDocument, XmlElement, XmlText } from 'libxml2-wasm'

/** Why a text is not taken as XML: a word for machines. */
export class XmlRefused extends Error {
  readonly code: 'encoding' | 'doctype' | 'comment' | 'processing-instruction' | 'not-xml'
  constructor(code: XmlRefused['code'], message: string) {
    super(message)
    this.code = code
  }
}

export interface Element {
  readonly ns: string
  readonly name: string
  /** Without a namespace by name; with one as `{namespace}name`. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly Element[]
  /** Text and CDATA directly in it. */
  readonly text: string
  readonly parent: Element | null
  /** Not to be used once the document is gone. */
  readonly node: XmlElement
}

const OPTIONS = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_NO_SYS_CATALOG

/** Strict UTF-8: what other bytes mean, two readers might answer differently. */
export function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new XmlRefused('encoding', 'it is not UTF-8')
  }
}

/**
 * Parses, hands the document's root to `read`, and frees it.
 * @param comments whether comments and processing instructions are skipped rather than refused: they can split a text
 * in two, of which a careless reader sees one (CVE-2017-11427 and its like)
 * @throws XmlRefused
 */
export function withXml<T>(
  text: string, comments: 'refused' | 'skipped', read: (root: Element, document: XmlDocument) => T,
): T {
  refuseDangers(text, comments)
  let document: XmlDocument
  try {
    document = XmlDocument.fromBuffer(Buffer.from(text), { option: OPTIONS })
  } catch (error) {
    throw new XmlRefused('not-xml', `it is not well-formed XML: ${(error as Error).message.trim().split('\n')[0]}`)
  }
  try {
    return read(copied(document.root, null, comments), document)
  } finally {
    document.dispose()
  }
}

function refuseDangers(text: string, comments: 'refused' | 'skipped'): void {
  if (/<!(DOCTYPE|ENTITY|ATTLIST|ELEMENT|NOTATION)/i.test(text)) {
    throw new XmlRefused('doctype', 'it has a document type declaration')
  }
  const declared = /^\uFEFF?<\?xml\s[^>]*?\?>/.exec(text)?.[0] ?? ''
  const encoding = /\sencoding\s*=\s*["']([^"']*)["']/.exec(declared)?.[1]
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) {
    throw new XmlRefused('encoding', `it says that its encoding is ${encoding}`)
  }
  if (comments === 'skipped') return
  if (text.includes('<!--')) throw new XmlRefused('comment', 'it has a comment')
  if (text.includes('<?', declared.length)) {
    throw new XmlRefused('processing-instruction', 'it has a processing instruction')
  }
}

function copied(node: XmlElement, parent: Element | null, comments: 'refused' | 'skipped'): Element {
  const children: Element[] = []
  const attributes = new Map<string, string>()
  for (const { name, namespaceUri, value } of node.attrs) {
    attributes.set(namespaceUri === '' ? name : `{${namespaceUri}}${name}`, value)
  }
  const made = { ns: node.namespaceUri, name: node.name, attributes, children, text: '', parent, node }
  for (let child = node.firstChild; child !== null; child = child.next) {
    if (child instanceof XmlElement) children.push(copied(child, made, comments))
    else if (child instanceof XmlText || child instanceof XmlCData) made.text += child.content
    else if (comments === 'refused') {
      throw new XmlRefused(
        child instanceof XmlComment ? 'comment' : 'processing-instruction',
        'it has a node that is neither element nor text',
      )
    }
  }
  return made
}

/** Children of this name. */
export const named = (parent: Element, ns: string, name: string): Element[] =>
  parent.children.filter((one) => one.ns === ns && one.name === name)

/** The first child of this name. */
export const first = (parent: Element | undefined, ns: string, name: string): Element | undefined =>
  parent?.children.find((one) => one.ns === ns && one.name === name)

/** The element and all below it, in document order. */
export function* all(element: Element): Generator<Element> {
  yield element
  for (const child of element.children) yield* all(child)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;',
}

/** For text and for quoted attributes. */
export const escapeXml = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ESCAPES[one] ?? '')

/** An `xs:dateTime` in UTC or with an offset, as milliseconds; undefined: it is none (SAML core §1.3.3 wants UTC). */
export function instant(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)) {
    return undefined
  }
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
