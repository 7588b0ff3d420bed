/** Dates → an iCalendar file (RFC 5545) whose events keep their UID, so that a new version moves them. */
import { calendarText, folded } from './encode/calendar.ts'

export type Event = {
  readonly key: string
  readonly uid: string
  readonly sequence: number
  readonly title: string
  /** `YYYY-MM-DD`: all day, or the day of `time`. */
  readonly date: string
  /** `HH:MM` in the calendar's time zone; null: all day. */
  readonly time: string | null
  readonly minutes: number
  /** true: it was in a former version and is no more. */
  readonly cancelled: boolean
}

interface Calendar {
  readonly title: string
  /** IANA name in which times are meant. */
  readonly time_zone: string
  readonly organizer: string | null
  readonly attendees: readonly string[]
  /** ISO 8601 instant: when this version was written. */
  readonly now: string
  readonly events: readonly Event[]
}

/** The file's text, with CRLF and folded lines. Times stand in UTC, so that no reader needs our time zones. */
export function icsOf({ title, time_zone, organizer, attendees, now, events }: Calendar): string {
  const lines = [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//onboard//documents//EN', 'CALSCALE:GREGORIAN',
    `METHOD:${organizer === null ? 'PUBLISH' : 'REQUEST'}`, `X-WR-CALNAME:${calendarText(title)}`,
    ...events.flatMap((event) => [
      'BEGIN:VEVENT', `UID:${event.uid}`, `SEQUENCE:${event.sequence}`, `DTSTAMP:${utc(new Date(now))}`,
      ...when(event, time_zone),
      `SUMMARY:${calendarText(event.title)}`,
      `STATUS:${event.cancelled ? 'CANCELLED' : 'CONFIRMED'}`,
      ...(organizer === null
        ? []
        : [`ORGANIZER:mailto:${organizer}`, ...attendees.map((one) => `ATTENDEE;ROLE=REQ-PARTICIPANT:mailto:${one}`)]),
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ]
  return lines.map(folded).join('')
}

/**
 * The events of a new version after those of the one before:
 * what changed has the next sequence number, and what is gone is cancelled.
 */
export function sequenced(
  before: readonly Event[], events: readonly Omit<Event, 'sequence' | 'cancelled'>[],
): readonly Event[] {
  const now = events.map((event): Event => {
    const former = before.find(({ uid }) => uid === event.uid)
    const as = (sequence: number): Event => ({ ...event, sequence, cancelled: false })
    if (former === undefined) return as(0)
    return as(same(former, as(former.sequence)) ? former.sequence : former.sequence + 1)
  })
  const gone = before.filter(({ uid }) => !events.some((event) => event.uid === uid))
  return [
    ...now,
    ...gone.map((event) => (event.cancelled ? event : { ...event, sequence: event.sequence + 1, cancelled: true })),
  ]
}

function same(a: Event, b: Event): boolean {
  return (['title', 'date', 'time', 'minutes', 'cancelled'] as const).every((field) => a[field] === b[field])
}

function when({ date, time, minutes }: Event, zone: string): readonly string[] {
  if (time === null) {
    const next = new Date(`${date}T00:00:00Z`)
    next.setUTCDate(next.getUTCDate() + 1)
    return [`DTSTART;VALUE=DATE:${compact(date)}`, `DTEND;VALUE=DATE:${compact(next.toISOString().slice(0, 10))}`]
  }
  const start = instantIn(zone, date, time)
  return [`DTSTART:${utc(start)}`, `DTEND:${utc(new Date(start.getTime() + minutes * 60_000))}`]
}

/** A day and a time of day where somebody lives → the instant. An hour that a clock change skips is the next one. */
export function instantIn(zone: string, date: string, time: string): Date {
  const wanted = Date.parse(`${date}T${time}:00Z`)
  const offsetAt = (at: number): number => {
    const parts = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
      hour: '2-digit', minute: '2-digit', second: '2-digit',
    }).formatToParts(at)
    const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '00'
    return Date.parse(`${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}:${of('second')}Z`) - at
  }
  // The offset before a change may not be the one after it: looked up again at the first guess.
  const guess = wanted - offsetAt(wanted)
  return new Date(wanted - offsetAt(guess))
}

const compact = (date: string): string => date.replaceAll('-', '')
const utc = (at: Date): string => `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
