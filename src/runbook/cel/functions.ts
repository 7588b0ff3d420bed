/** The functions that expressions may call: the whole list, nothing else is offered. */
import { addDays, businessDaysBetween, dateIn, daysBetween, isDateText, moveBusinessDays } from '../../dates.ts'
import { slugOf } from './slug.ts'

export interface CelFunction {
  readonly name: string
  /** Kind of value that it is called on, `x.f()`; null = `f(x)`. */
  readonly receiver: string | null
  readonly args: readonly string[]
  readonly result: string
  readonly text: string
  /** Absent: built into the CEL library. */
  readonly handler?: (...args: never[]) => unknown
}

type Entry = readonly [signature: string, text: string, handler?: (...args: never[]) => unknown]

/** @throws RangeError where the text is no day of the calendar */
function checked(text: string): string {
  if (!isDateText(text)) throw new RangeError(`'${text}' is not a date like 2026-02-03`)
  return text
}

function count(days: bigint): number {
  if (days > 36_600n || days < -36_600n) throw new RangeError(`${days} days are more than a hundred years`)
  return Number(days)
}

/** The date so many business days later (or earlier). */
export function addBusinessDays(from: string, days: bigint, holidays: readonly string[]): string {
  return moveBusinessDays(checked(from), count(days), new Set(holidays))
}

/** Business days from a date up to another, which is left out. */
export function businessDays(from: string, to: string, holidays: readonly string[]): bigint {
  count(BigInt(daysBetween(checked(from), checked(to))))
  return BigInt(businessDaysBetween(from, to, new Set(holidays)))
}

/** `*` any run of characters, `?` one; compared in time linear in text × pattern, whatever the pattern. */
function glob(text: string, pattern: string): boolean {
  let reached = new Set([0])
  for (const char of text) {
    const next = new Set<number>()
    for (const start of reached) {
      for (let at = start; ; at++) {
        if (pattern[at] === '*') next.add(at)
        else {
          if (at < pattern.length && (pattern[at] === '?' || pattern[at] === char)) next.add(at + 1)
          break
        }
      }
    }
    reached = next
  }
  return [...reached].some((at) => /^\**$/.test(pattern.slice(at)))
}

/** Whether a text is an instant that there is, with its offset: `2026-02-03T09:30:00Z`. */
export function isInstantText(text: string): boolean {
  const [, date = '', hour, minute, second] =
    /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  return (
    isDateText(date) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    !Number.isNaN(Date.parse(text))
  )
}

/** Whether a text is a duration: hours, minutes, seconds, milliseconds. A day is not always 24 hours. */
export function isSpanText(text: string): boolean {
  return /^[-+]?(?:\d+(?:\.\d+)?(?:h|m|s|ms))+$/.test(text)
}

/** An instant as it leaves an expression. */
export function instantText(instant: Date): string {
  const text = Number.isNaN(instant.getTime()) ? '' : instant.toISOString()
  if (!/^\d{4}-/.test(text)) throw new RangeError('the instant is out of range')
  return text.replace('.000Z', 'Z')
}

/** A duration of the library as it leaves an expression: `129600s`, `-0.5s`. */
export function spanText(span: object): string {
  const { seconds, nanos } = span as { seconds: bigint; nanos: number }
  const total = seconds * 1_000_000_000n + BigInt(nanos)
  const [size, sign] = total < 0n ? [-total, '-'] : [total, '']
  const rest = String(size % 1_000_000_000n).padStart(9, '0').replace(/0+$/, '')
  return `${sign}${size / 1_000_000_000n}${rest === '' ? '' : `.${rest}`}s`
}

function dayOf(instant: Date, zone: string): string {
  instantText(instant)
  try {
    return dateIn(instant.toISOString(), zone)
  } catch {
    throw new RangeError(`'${zone}' is not a time zone like Europe/Berlin`)
  }
}

const ENTRIES: readonly Entry[] = [
  ['size(string): int', 'Number of characters.'],
  ['size(list): int', 'Number of items.'],
  ['size(map): int', 'Number of entries.'],
  ['string.size(): int', 'Number of characters.'],
  ['list.size(): int', 'Number of items.'],
  ['map.size(): int', 'Number of entries.'],
  ['string(int): string', 'An integer as text.'],
  ['string(double): string', 'A decimal number as text.'],
  ['string(bool): string', 'A truth value as text.'],
  ['string(string): string', 'The text itself.'],
  ['int(string): int', 'A text as an integer; fails where it is none.'],
  ['int(double): int', 'A decimal number without what is behind the point.'],
  ['int(int): int', 'The integer itself.'],
  ['double(string): double', 'A text as a decimal number; fails where it is none.'],
  ['double(int): double', 'An integer as a decimal number.'],
  ['double(double): double', 'The number itself.'],
  ['bool(string): bool', 'The text true or false as a truth value; fails for any other.'],
  ['bool(bool): bool', 'The truth value itself.'],
  ['dyn(any): any', 'The value with its type forgotten, so that the checker leaves it alone.'],
  ['string.startsWith(string): bool', 'Whether the text begins so.'],
  ['string.endsWith(string): bool', 'Whether the text ends so.'],
  ['string.contains(string): bool', 'Whether the text has this in it.'],
  ['string.lowerAscii(): string', 'In small letters.'],
  ['string.upperAscii(): string', 'In capital letters.'],
  ['string.trim(): string', 'Without white space at both ends.'],
  ['string.indexOf(string): int', 'Where it first occurs, -1 where it does not.'],
  ['string.substring(int): string', 'From a character on, counted from 0.'],
  ['string.substring(int, int): string', 'From a character up to another, which is left out.'],
  ['string.split(string): texts', 'Parts between separators.'],
  ['texts.join(): string', 'Texts put together.'],
  ['texts.join(string): string', 'Texts put together with a separator.'],
  ['string.glob(string): bool', 'Whether the whole text fits a pattern of * (anything) and ? (one character).', glob],
  ['slug(string): string', 'Small letters, digits and hyphens, as in names of tenants.', slugOf],
  [
    'date(string): date', 'A text as a date; fails where it is not one like 2026-02-03.',
    (text: string) => checked(text),
  ],
  [
    'weekday(date): int', 'Day of the week: 1 is Monday, 7 is Sunday.',
    (date: string) => BigInt(new Date(checked(date)).getUTCDay() || 7),
  ],
  [
    'add_days(date, int): date', 'The date so many calendar days later.',
    (date: string, days: bigint) => addDays(checked(date), count(days)),
  ],
  [
    'days(date, date): int', 'Calendar days from the first date to the second.',
    (from: string, to: string) => BigInt(daysBetween(checked(from), checked(to))),
  ],
  [
    'add_business_days(date, int, list): date', 'The date so many business days later; the list holds holidays.',
    addBusinessDays,
  ],
  [
    'business_days(date, date, list): int',
    'Business days from the first date up to the second; the list holds holidays.', businessDays,
  ],
  [
    'timestamp(instant): timestamp',
    'An instant, such as 2026-02-03T09:30:00Z, to the millisecond: instants compare, two of them differ by a duration.',
  ],
  [
    'duration(span): duration',
    'A length of time such as 36h, 90m or 1h30m: add it to an instant or another duration, or take it off.',
  ],
  ['duration.getHours(): int', 'Whole hours of a duration.'],
  ['duration.getMinutes(): int', 'Whole minutes of a duration.'],
  ['duration.getSeconds(): int', 'Whole seconds of a duration.'],
  ['day_of(timestamp, string): date', 'The day of an instant in a time zone: day_of(…, config.time_zone).', dayOf],
  ['string(timestamp): string', 'An instant as text, in UTC.', instantText],
  ['string(duration): string', 'A duration as text, in seconds: 129600s.', (span: object) => spanText(span)],
  ['min(int, int): int', 'The smaller of two integers.', (a: bigint, b: bigint) => (a < b ? a : b)],
  ['max(int, int): int', 'The larger of two integers.', (a: bigint, b: bigint) => (a > b ? a : b)],
]

function parse([signature, text, handler]: Entry): CelFunction {
  const found = /^(?:(\w+)\.)?(\w+)\((.*)\): (\w+)$/.exec(signature)
  const [, receiver, name = '', args = '', result = ''] = found ?? []
  const list = args === '' ? [] : args.split(', ')
  return { name, receiver: receiver ?? null, args: list, result, text, ...(handler && { handler }) }
}

export const FUNCTIONS: readonly CelFunction[] = ENTRIES.map(parse)

/** The macros: they bind a name or look at a path, so they are not functions of values. */
export const MACROS = [
  'has', 'all', 'exists', 'exists_one', 'map', 'filter', 'orValue', 'or', 'hasValue', 'value',
] as const

/** How the macros are called, what they give, and what they do. */
export const MACRO_TEXTS: readonly (readonly [form: string, gives: string | null, text: string])[] = [
  ['has(a.b)', 'bool', 'Whether the field b is there.'],
  ['a.?b', null, 'The field b of a, or nothing where a is null or has no b; read on with .? or end with .orValue(…).'],
  ['optional.orValue(any)', null, 'The value, or another one where there is none.'],
  ['optional.or(optional)', null, 'The first of the two that holds a value.'],
  ['optional.hasValue()', 'bool', 'Whether there is one.'],
  ['optional.value()', null, 'The value; fails where there is none.'],
  ['list.all(x, condition)', 'bool', 'Whether the condition holds for every item, named x.'],
  ['list.exists(x, condition)', 'bool', 'Whether it holds for one of them.'],
  ['list.exists_one(x, condition)', 'bool', 'Whether it holds for exactly one.'],
  ['list.filter(x, condition)', 'list', 'The items for which it holds.'],
  ['list.map(x, value)', 'list', 'A value for each item.'],
]
