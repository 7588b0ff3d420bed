import { defineAction } from '../../contract.ts'
import { canonical, sha256 } from '../../digest.ts'
import { mailbox } from '../../documents/encode/header.ts'
import { type Event, icsOf, sequenced } from '../../documents/events.ts'
import { DOCUMENT_NAME, DOCUMENT_OUTPUT } from '../../documents/name.ts'
import { around, currentDocument, nextVersion, store, withdraw, type Current } from '../../documents/store.ts'
import { isDateText } from '../../dates.ts'
import { OnboardError } from '../../errors.ts'
import type { Change, Json, JsonObject } from '../../model.ts'

interface Seen {
  readonly current: Current | null
  /** Events of the version that holds. */
  readonly events: readonly Event[]
  readonly made_from: string
}

interface CalendarChange extends Change {
  readonly name: string
  readonly title: string
  readonly calendar: JsonObject
  readonly made_from: string
  readonly version: number | null
}

/**
 * A calendar file with dates. The same dates are the same document;
 * a date that moves keeps its event, one that goes is cancelled.
 */
export default defineAction({
  title: 'Writes dates into a calendar file (ICS) that moves and cancels its events when they change.',
  example: {
    name: 'check-ins', title: 'Check-ins of Acme', to: ['ada@acme.example'], time_zone: 'Europe/Berlin',
    events: [{ key: 'day-3', date: '2027-02-18', time: '10:00', minutes: 30 }],
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'title', 'events'],
    properties: {
      name: DOCUMENT_NAME,
      title: { type: 'string', minLength: 1, maxLength: 200, description: 'What the dates are for.' },
      organizer: {
        type: ['string', 'null'], description: 'Mail address that invites; without it the file only tells the dates.',
      },
      to: {
        type: 'array', items: { type: 'string' }, default: [], maxItems: 50,
        description: 'Mail addresses that are invited.',
      },
      time_zone: { type: 'string', default: 'UTC', description: 'In which `time` is meant: Europe/Berlin.' },
      events: {
        type: 'array',
        minItems: 1,
        maxItems: 200,
        description: 'The dates.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['key', 'date'],
          properties: {
            key: { type: 'string', minLength: 1, maxLength: 100, description: 'By which it is known again: day-3.' },
            date: { type: 'string', minLength: 1, description: 'YYYY-MM-DD.' },
            time: { type: ['string', 'null'], description: 'HH:MM; all day where it is left out.' },
            minutes: {
              type: 'integer', minimum: 1, maximum: 1440, default: 30, description: 'How long, where there is a time.',
            },
            title: { type: ['string', 'null'], maxLength: 200, description: "Default: the calendar's." },
          },
        },
      },
    },
  },
  output: {
    ...DOCUMENT_OUTPUT,
    required: [...DOCUMENT_OUTPUT.required, 'events'],
    properties: { ...DOCUMENT_OUTPUT.properties, events: { type: 'integer', description: 'How many dates it has.' } },
  },
  where: 'database',
  owns: (input) => [`document/${input.name}`],

  async check(read, input): Promise<Seen> {
    const { id } = read.onboarding
    const calendar = calendarOf(input, id)
    const current = await currentDocument(read, id, input.name)
    const row = current === null ? undefined : await read.one<{ data: string }>(
      'SELECT data FROM onboard.document WHERE onboarding = $1::uuid AND name = $2 AND version = $3::int', [
        id, input.name, current.version,
      ],
    )
    const events = row === undefined ? [] : ((JSON.parse(row.data) as { events?: readonly Event[] }).events ?? [])
    return { current, events, made_from: sha256(canonical(calendar)) }
  },

  plan(input, { current, made_from, events }): CalendarChange | null {
    if (current?.made_from === made_from) return null
    return {
      target: `calendar ${input.name}`,
      before: current === null ? null : dates(events.filter(({ cancelled }) => !cancelled)),
      after: dates(input.events),
      name: input.name,
      title: input.title,
      calendar: input as unknown as JsonObject,
      made_from,
      version: current?.version ?? null,
    }
  },

  async apply(write, change) {
    const { id } = write.onboarding
    const { name, title, made_from } = change
    const current = await currentDocument(write, id, name)
    if ((current?.version ?? null) !== change.version) {
      throw new OnboardError(
        'conflict', 'document-moved', `the calendar ${name} was written by somebody else meanwhile`,
      )
    }
    const { events: before } = (await write.one<{ events: string }>(
      `SELECT data::jsonb ->> 'events' AS events FROM onboard.document
        WHERE onboarding = $1::uuid AND name = $2 ORDER BY version DESC LIMIT 1`,
      [id, name],
    )) ?? { events: '[]' }
    const calendar = calendarOf(change.calendar as never, id)
    // Withdrawn versions count: whoever has one must see that a later one is later.
    const events = sequenced(JSON.parse(before) as readonly Event[], calendar.events)
    const { now, date, runbook, journal, sources } = await around(write)
    const version = await nextVersion(write, id, name)
    const text = icsOf({ ...calendar, title, now, events })
    const data = { ...calendar, events: events as unknown as Json } as unknown as JsonObject
    await store(write, version, Buffer.from(text), {
      name, title, media_type: 'text/calendar', made_from, template: 'calendar.invite', data, facts: {
        name, version, date, runbook, journal,
      },
      sources: [{ kind: 'data', digest: sha256(canonical(data)) }, ...sources],
    })
  },

  outputs: (input, { current }) => ({
    name: input.name, digest: current?.digest ?? '', version: current?.version ?? 0, media_type: 'text/calendar',
    size: current?.size ?? 0,
    events: input.events.length,
  }),

  undo: async (write, change, after) => {
    if (after.current !== null) await withdraw(write, change.name, after.current.version)
  },
})

/** What a plan shows of dates. */
function dates(
  events: readonly { readonly key: string; readonly date: string; readonly time?: string | null }[],
): JsonObject {
  return Object.fromEntries(events.map(({ key, date, time }) => [key, time ? `${date} ${time}` : date]))
}

interface Given {
  readonly name: string
  readonly title: string
  readonly organizer?: string | null
  readonly to?: readonly string[]
  readonly time_zone?: string
  readonly events: readonly {
    readonly key: string
    readonly date: string
    readonly time?: string | null
    readonly minutes?: number
    readonly title?: string | null
  }[]
}

/** @throws OnboardError (invalid) with every date, time, address or zone that is none */
function calendarOf({ name, title, organizer = null, to = [], time_zone = 'UTC', events }: Given, onboarding: string) {
  const wrong = [
    ...events
      .filter(({ date }) => !isDateText(date))
      .map(({ key, date }) => `${key}: ${JSON.stringify(date)} is no date, YYYY-MM-DD`),
    ...events
      .filter(({ time }) => time && !TIME.test(time))
      .map(({ key, time }) => `${key}: ${JSON.stringify(time)} is no time, HH:MM`),
    ...events
      .filter(({ key }, at) => events.findIndex((other) => other.key === key) !== at)
      .map(({ key }) => `${key} is there twice`),
    ...(isZone(time_zone) ? [] : [`${JSON.stringify(time_zone)} is no time zone`]),
  ]
  if (wrong.length > 0) {
    throw new OnboardError('invalid', 'calendar-invalid', `the calendar ${name}: ${wrong.join('; ')}`)
  }
  return {
    title, time_zone,
    organizer: organizer === null ? null : mailbox(organizer, 'organizer'),
    attendees: to.map((one) => mailbox(one, 'to')),
    events: events.map(({ key, date, time, minutes = 30, title: own }) => ({
      key,
      date,
      minutes,
      uid: `${sha256(`${onboarding} ${name} ${key}`).slice(0, 32)}@onboard.invalid`,
      title: own ?? title,
      time: time ?? null,
    })),
  }
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
