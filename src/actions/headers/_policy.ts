/** What each header must say. Pure. */
import type { Finding } from '../_findings.ts'

type Headers = Readonly<Record<string, string>>

const YEAR = 31_536_000
const HALF_YEAR = 15_552_000
const REFERRER = ['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin']

export function headerFindings(headers: Headers): Finding[] {
  return [hsts(headers), policy(headers), sniffing(headers), framing(headers), referrer(headers)]
}

function hsts(headers: Headers): Finding {
  const name = 'Strict-Transport-Security'
  const value = headers['strict-transport-security']
  if (value === undefined) return { name, result: 'fail', said: 'is missing' }
  const directives = value.toLowerCase().split(';').map((one) => one.trim())
  const written = directives.find((one) => one.startsWith('max-age')) ?? ''
  const age = Number(/^max-age="?(\d+)"?$/.exec(written)?.[1] ?? Number.NaN)
  if (!(age >= HALF_YEAR)) {
    return { name, result: 'fail', said: `max-age is ${Number.isNaN(age) ? 'missing' : age}, less than half a year` }
  }
  if (age < YEAR) return { name, result: 'warn', said: `max-age is ${age}, less than a year` }
  return directives.includes('includesubdomains')
    ? { name, result: 'pass', said: value }
    : { name, result: 'warn', said: 'without includeSubDomains' }
}

/** Content-Security-Policy: scripts neither inline nor evaluated, unless a nonce or hash makes inline harmless. */
function policy(headers: Headers): Finding {
  const name = 'Content-Security-Policy'
  const value = headers['content-security-policy']
  if (value === undefined) return { name, result: 'fail', said: 'is missing' }
  const directives = directivesOf(value)
  const scripts = directives.get('script-src') ?? directives.get('default-src')
  if (scripts === undefined) return { name, result: 'fail', said: 'names neither script-src nor default-src' }
  const guarded = scripts.some((one) => /^'(nonce|sha(256|384|512))-/.test(one))
  if (scripts.includes("'unsafe-inline'") && !guarded) {
    return { name, result: 'fail', said: "allows scripts 'unsafe-inline'" }
  }
  if (scripts.includes("'unsafe-eval'")) return { name, result: 'fail', said: "allows scripts 'unsafe-eval'" }
  if (scripts.some((one) => ['*', 'http:', 'https:', 'data:'].includes(one)) && !scripts.includes("'strict-dynamic'")) {
    return { name, result: 'fail', said: 'allows scripts from anywhere' }
  }
  return { name, result: 'pass', said: 'scripts are limited' }
}

function directivesOf(value: string): Map<string, string[]> {
  const all = new Map<string, string[]>()
  for (const part of value.toLowerCase().split(/[;,]/)) {
    const [name, ...sources] = part.trim().split(/\s+/)
    // A directive that comes again is ignored, as browsers do.
    if (name !== undefined && name !== '' && !all.has(name)) all.set(name, sources)
  }
  return all
}

function sniffing(headers: Headers): Finding {
  const name = 'X-Content-Type-Options'
  const value = headers['x-content-type-options']
  return value?.trim().toLowerCase() === 'nosniff'
    ? { name, result: 'pass', said: 'nosniff' }
    : { name, result: 'fail', said: value === undefined ? 'is missing' : `is ${value}` }
}

function framing(headers: Headers): Finding {
  const name = 'framing'
  const ancestors = directivesOf(headers['content-security-policy'] ?? '').get('frame-ancestors')
  if (ancestors !== undefined) {
    const open = ancestors.some((one) => ['*', 'http:', 'https:'].includes(one))
    return open
      ? { name, result: 'fail', said: 'frame-ancestors lets anybody frame it' }
      : { name, result: 'pass', said: `frame-ancestors ${ancestors.join(' ')}` }
  }
  const option = headers['x-frame-options']?.trim().toLowerCase()
  return option === 'deny' || option === 'sameorigin'
    ? { name, result: 'pass', said: `X-Frame-Options ${option}` }
    : { name, result: 'fail', said: 'neither frame-ancestors nor X-Frame-Options' }
}

function referrer(headers: Headers): Finding {
  const name = 'Referrer-Policy'
  // Of several the last that a browser knows counts.
  const value = headers['referrer-policy']?.toLowerCase().split(',').map((one) => one.trim()).at(-1)
  if (value === undefined) return { name, result: 'fail', said: 'is missing' }
  return REFERRER.includes(value)
    ? { name, result: 'pass', said: value }
    : { name, result: 'fail', said: `${value} tells other sites too much` }
}

/** Secure, HttpOnly and SameSite on the session's cookie, or on all where none is named. */
export function cookieFindings(cookies: readonly string[], session: string | undefined): Finding[] {
  const parsed = cookies.map((one) => {
    const [pair = '', ...attributes] = one.split(';')
    return { name: pair.split('=')[0]?.trim() ?? '', attributes: attributes.map((a) => a.trim().toLowerCase()) }
  })
  const looked = session === undefined ? parsed : parsed.filter(({ name }) => name === session)
  if (session !== undefined && looked.length === 0) {
    return [{ name: `cookie ${session}`, result: 'not_checked', said: 'the page does not set it' }]
  }
  return looked.map(({ name, attributes }) => {
    const site = attributes.find((one) => one.startsWith('samesite='))?.slice(9)
    const lacks = [
      ...(attributes.includes('secure') ? [] : ['Secure']),
      ...(attributes.includes('httponly') ? [] : ['HttpOnly']),
      ...(site === 'lax' || site === 'strict' ? [] : ['SameSite=Lax or Strict']),
    ]
    return lacks.length === 0
      ? { name: `cookie ${name}`, result: 'pass', said: 'is safe' }
      : { name: `cookie ${name}`, result: 'fail', said: `lacks ${lacks.join(', ')}` }
  })
}

/** From which score on. */
const GRADES = [[100, 'A'], [80, 'B'], [60, 'C'], [40, 'D'], [0, 'F']] as const

/** A score beside the verdict, for people: what fails costs in proportion. */
export function gradeOf(findings: readonly Finding[]): { readonly grade: string; readonly score: number } {
  const points = findings.map(({ result }) => (result === 'pass' ? 1 : result === 'warn' ? 0.5 : 0))
  const score =
    findings.length === 0 ? 0 : Math.round((100 * points.reduce<number>((a, b) => a + b, 0)) / findings.length)
  const [, grade] = GRADES.find(([least]) => score >= least) ?? [0, 'F']
  return { score, grade }
}
