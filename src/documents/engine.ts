/** liquidjs, reduced to what a document needs. The only user of the library. */
import { Liquid } from 'liquidjs'
import { OnboardError } from '../errors.ts'
import { html, htmlLink } from './encode/html.ts'
import { markdown, markdownLink } from './encode/markdown.ts'
import { oneLine } from './encode/visible.ts'
import type { MediaType } from './file.ts'
import { duration, spelled } from './spelled.ts'

const TAGS = ['if', 'unless', 'case', 'for', 'break', 'continue', 'assign', 'comment', '#']
const FILTERS = ['default', 'join', 'size', 'first', 'last', 'plus', 'minus', 'times', 'round', 'abs']

interface Sink {
  encode(text: string): string
  link(url: URL): string
  /** One line of a quotation, encoded already. */
  quoted(line: string): string
  /** What stands between the lines of a quotation. */
  readonly between: string
}

const SINKS: Readonly<Record<MediaType, Sink>> = {
  'text/markdown': { encode: markdown, link: markdownLink, quoted: (line) => `> ${line}`.trimEnd(), between: '  \n' },
  'text/plain': { encode: oneLine, link: (url) => url.href, quoted: (line) => `> ${line}`.trimEnd(), between: '\n' },
  'text/html': { encode: html, link: htmlLink, quoted: (line) => line, between: '<br>\n' },
}

/** Larger than any document, and small enough that a template cannot stop a run. */
const LIMITS = { parseLimit: 200_000, renderLimit: 2000, memoryLimit: 5_000_000, templateLimit: 200_000 }

const engines = new Map<MediaType, Liquid>()

/** The engine whose output is encoded for a media type. */
export function engineFor(media: MediaType): Liquid {
  const known = engines.get(media)
  if (known) return known
  const sink = SINKS[media]
  const engine = new Liquid({
    strictVariables: true, strictFilters: true, lenientIf: true, ownPropertyOnly: true, cache: false,
    // Named, because else it is asked of ICU, which takes longer than reading a template;
    // no filter that is left uses it.
    locale: 'en', templates: {}, relativeReference: false, dynamicPartials: false, ...LIMITS,
    outputEscape: (value: unknown) => sink.encode(shown(value)),
  })
  for (const name of Object.keys(engine.tags)) if (!TAGS.includes(name)) Reflect.deleteProperty(engine.tags, name)
  for (const name of Object.keys(engine.filters)) {
    if (!FILTERS.includes(name)) Reflect.deleteProperty(engine.filters, name)
  }
  engine.registerFilter('day', (value: unknown) => day(shown(value)))
  engine.registerFilter(
    'known', (value: unknown) => (value === null || value === undefined ? 'not recorded' : shown(value)),
  )
  engine.registerFilter('hours', (value: unknown) => `${shown(value)} ${shown(value) === '1' ? 'hour' : 'hours'}`)
  engine.registerFilter('duration', (value: unknown) => duration(shown(value)))
  // Of a list each one, to be joined.
  const spelledOut = (value: unknown): string => spelled(shown(value))
  engine.registerFilter('spelled', (value: unknown) => (
    Array.isArray(value) ? value.map(spelledOut) : spelledOut(value)
  ))
  engine.registerFilter('sign_in', (value: unknown) => signIn(shown(value)))
  engine.registerFilter('url', { raw: true, handler: (value: unknown) => sink.link(address(shown(value))) })
  engine.registerFilter('quote', { raw: true, handler: (value: unknown) => quote(shown(value), sink) })
  engines.set(media, engine)
  return engine
}

/** What is shown of a value; nothing is never shown as nothing. */
function shown(value: unknown): string {
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value === 'string' && value.trim() !== '') return value
  if (typeof value === 'string' || value === null || value === undefined) {
    throw new OnboardError('invalid', 'empty-value', 'has no value')
  }
  throw new OnboardError('invalid', 'not-a-text', `is ${Array.isArray(value) ? 'a list' : 'an object'}, not a text`)
}

/** `2026-03-03` → `Tuesday, 3 March 2026`. */
function day(text: string): string {
  const [, date] = /^(\d{4}-\d{2}-\d{2})(?:T.*)?$/.exec(text) ?? []
  const at = new Date(`${date}T00:00:00Z`)
  if (date === undefined || Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== date) {
    throw new OnboardError('invalid', 'no-date', `is ${JSON.stringify(text)}, which is no date`)
  }
  return `${DAYS[at.getUTCDay()]}, ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November',
  'December',
]

/** How people get in, as `tenant.state` tells it. */
const SIGN_IN: Readonly<Record<string, string>> = {
  password: 'mail address and password',
  sso: 'single sign-on, with the account that you have at your company',
  'sso-and-password': 'single sign-on, or mail address and password',
}

function signIn(login: string): string {
  const text = SIGN_IN[login]
  if (text !== undefined) return text
  throw new OnboardError('invalid', 'no-sign-in', `is ${JSON.stringify(login)}, not ${Object.keys(SIGN_IN).join(', ')}`)
}

function address(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '') {
    return url
  }
  throw new OnboardError('invalid', 'no-address', `is ${JSON.stringify(text)}, which is no web address`)
}

function quote(text: string, { encode, quoted, between }: Sink): string {
  return text.trim().split(/\r\n|\n|\r/).map((line) => quoted(line.trim() === '' ? '' : encode(line))).join(between)
}
