const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `30s`, `10m`, `24h` in milliseconds; undefined for anything else. */
export function milliseconds(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9})(ms|s|m|h)$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * (UNITS[unit ?? ''] ?? 0)
}

/**
 * `day 3`, `week 2` (its first day) as days of a phase, counted from 1; a week has five business days.
 * undefined for anything else.
 */
export function occasion(text: string, calendar = false): { readonly key: string; readonly day: number } | undefined {
  const [, unit, count] = /^(day|week) ([1-9]\d{0,2})$/.exec(text) ?? []
  if (unit === undefined) return undefined
  const number = Number(count)
  return { key: `${unit}-${number}`, day: unit === 'day' ? number : (number - 1) * (calendar ? 7 : 5) + 1 }
}

/** `5d`, `1w` in calendar days, a week being seven, or in business days, a week being five; undefined: neither form. */
export function daysIn(text: string, calendar: boolean): number | undefined {
  const [, count, unit] = /^([+-]?\d{1,5})([dw])$/.exec(text) ?? []
  const week = calendar ? 7 : 5
  return count === undefined ? undefined : Number(count) * (unit === 'w' ? week : 1)
}
