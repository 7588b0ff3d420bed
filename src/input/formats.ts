import { domainToASCII } from 'node:url'
import { wrongCidr } from './address.ts'
import { nearest } from './nearest.ts'

/** A format's check: undefined for a right text, else the end of a sentence that begins with the field's name. */
type Format = (text: string) => string | undefined

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOSTNAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`, 'i')
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i

/** The formats that our schemas may name. */
export const FORMATS: Readonly<Record<string, Format>> = {
  date,
  'date-time': (text) =>
    /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/.test(text) &&
    date(text.slice(0, 10)) === undefined
      ? undefined
      : 'must be an instant such as 2026-12-01T09:30:00Z',
  email,
  hostname: (text) => (HOSTNAME.test(text) ? undefined : 'must be a host name such as login.acme.example'),
  uri: (text) => uri(text, /^[a-z][a-z0-9+.-]*:$/i, 'must be an address such as https://acme.example/'),
  'http-uri': (text) => uri(text, /^https?:$/, 'must be an address that begins with https:// or http://'),
  cidr: wrongCidr,
  'time-zone': timeZone,
  line: (text) =>
    text.trim() === '' ? 'is empty' : /[\n\r\t]/.test(text) ? 'must stand on one line, without tabs' : undefined,
  'line-or-empty': (text) => (/[\n\r\t]/.test(text) ? 'must stand on one line, without tabs' : undefined),
}

/** The same, as a validator asks it. */
export const CHECKS: Readonly<Record<string, (text: string) => boolean>> = Object.fromEntries(
  Object.entries(FORMATS).map(([name, wrong]) => [name, (text: string) => wrong(text) === undefined]),
)

function date(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (year === '') return 'must be a date such as 2026-12-01 (year-month-day)'
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(month) < 1 || Number(month) > 12) return 'is no date: there is no such month'
  if (Number(year) < 1900 || Number(year) > 2999) return 'is no date: the year must be from 1900 to 2999'
  return Number(day) >= 1 && Number(day) <= days ? undefined : `is no date: that month has ${days} days`
}

function email(text: string): string | undefined {
  const at = text.lastIndexOf('@')
  const domain = text.slice(at + 1)
  if (at < 1 || text.length > 254 || at > 64) return 'must be an e-mail address such as ada@acme.example'
  if (/[^\0-\x7f]/.test(domain)) {
    const ascii = domainToASCII(domain)
    if (HOSTNAME.test(ascii)) {
      return `has a domain that mail servers need in its ASCII form: write ${text.slice(0, at)}@${ascii}`
    }
  }
  if (!LOCAL.test(text.slice(0, at))) return 'must be an e-mail address; what stands before the @ is not allowed there'
  if (!HOSTNAME.test(domain) || !domain.includes('.') || /^[\d.]+$/.test(domain)) {
    return 'must be an e-mail address with a whole domain after the @, such as acme.example'
  }
  return undefined
}

function uri(text: string, protocol: RegExp, wrong: string): string | undefined {
  if (/\s/.test(text) || !URL.canParse(text)) return wrong
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  return protocol.test(url.protocol) ? undefined : wrong
}

function timeZone(text: string): string | undefined {
  if (/^(?:UTC|[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)+)$/.test(text)) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: text })
      return undefined
    } catch {
      // Not known: said below, with the name that was meant.
    }
  }
  const meant = nearest(text, Intl.supportedValuesOf('timeZone'))
  return `must be a time zone such as Europe/Berlin or UTC${meant === undefined ? '' : `; did you mean ${meant}?`}`
}
