/** Times of a zone → instants. */

/**
 * The instant of a local time in a time zone; of a time that there is twice the first, of one that there is not the one
 * an hour later.
 * @param local `2027-02-16`, `2027-02-16 08:30`, `2027-02-16T08:30:00.5`
 * @returns ISO 8601, or undefined where it is no time
 */
export function instantOf(local: string, zone: string): string | undefined {
  const [, date, time = '00:00'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?$/.exec(local.trim()) ?? []
  if (date === undefined) return undefined
  const asUtc = Date.parse(`${date}T${time}Z`)
  // 30 February is no date, though Date makes one of it.
  if (Number.isNaN(asUtc) || new Date(asUtc).toISOString().slice(0, 10) !== date) return undefined
  const before = asUtc - offsetAt(asUtc - 86_400_000, zone)
  const after = asUtc - offsetAt(asUtc + 86_400_000, zone)
  const fits = [before, after].filter((at) => at + offsetAt(at, zone) === asUtc)
  return new Date(fits.length > 0 ? Math.min(...fits) : before).toISOString()
}

/** Milliseconds by which the zone's clock is ahead of UTC at an instant. */
function offsetAt(instant: number, zone: string): number {
  const written = formatOf(zone).formatToParts(instant)
  const parts = Object.fromEntries(written.map(({ type, value }) => [type, Number(value)]))
  const shown = Date.UTC(
    parts['year'] ?? 0, (parts['month'] ?? 1) - 1, parts['day'], parts['hour'], parts['minute'], parts['second'],
  )
  return shown - Math.floor(instant / 1000) * 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
    hour: 'numeric', minute: 'numeric', second: 'numeric',
  })
  formats.set(timeZone, format)
  return format
}
