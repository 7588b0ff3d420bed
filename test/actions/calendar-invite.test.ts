import { afterEach, expect, test } from 'vitest'
import action from '../../src/actions/calendar/invite.ts'
import { instantIn } from '../../src/documents/events.ts'
import type { OnboardError } from '../../src/errors.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, openAcme, type World } from '../support/world.ts'

const first = { key: 'day-3', date: '2027-02-18', time: '10:00', minutes: 45 }
const last = { key: 'end', date: '2027-03-01', title: 'End, at last; of "hypercare"' }
const input = { name: 'check-ins', title: 'Check-ins of Acme', time_zone: 'Europe/Berlin', organizer: 'cleo@vendor.example', to: ['ada@acme.example'], events: [first, last] }

actionLaws('calendar.invite', {
  'new dates': { input, given: openAcme },
  'dates that move': {
    input,
    given: async (world) => {
      await openAcme(world)
      await world.apply(action as never, { ...input, events: [{ ...first, date: '2027-02-17' }] })
    },
  },
})

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

async function begin(): Promise<World> {
  world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
  await openAcme(world)
  return world
}

/** The events of the latest version, unfolded, by their summary and date. */
async function events(): Promise<Record<string, string>[]> {
  const [row] = (await world?.sql<{ text: string }>(`SELECT convert_from(e.bytes, 'UTF8') AS text FROM onboard.document d JOIN onboard.evidence e ON e.digest = d.digest ORDER BY version DESC LIMIT 1`)) ?? []
  const text = row?.text ?? ''
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  expect(text).toMatch(/^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\n[^]*\r\nEND:VCALENDAR\r\n$/)
  return text.replaceAll('\r\n ', '').split('BEGIN:VEVENT\r\n').slice(1).map((event) => Object.fromEntries(
    event.split('\r\n').filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  ))
}

test('times are the customer’s, in UTC; a day is a whole day; text is escaped', async () => {
  const { apply } = await begin()
  expect((await apply(action as never, input)).outputs).toMatchObject({ name: 'check-ins', version: 1, media_type: 'text/calendar', events: 2 })
  const [one, two] = await events()
  expect(one).toMatchObject({ DTSTART: '20270218T090000Z', DTEND: '20270218T094500Z', SEQUENCE: '0', SUMMARY: 'Check-ins of Acme', STATUS: 'CONFIRMED', ORGANIZER: 'mailto:cleo@vendor.example' })
  expect(two).toMatchObject({ 'DTSTART;VALUE=DATE': '20270301', 'DTEND;VALUE=DATE': '20270302', SUMMARY: String.raw`End\, at last\; of "hypercare"` })
})

test('a date that moves keeps its event with the next number; one that goes is cancelled; one that comes back is later than that', async () => {
  const { apply } = await begin()
  await apply(action as never, input)
  const [before] = await events()
  await apply(action as never, { ...input, events: [{ ...first, time: '11:00' }] })
  const [moved, gone] = await events()
  expect(moved).toMatchObject({ UID: before?.['UID'], SEQUENCE: '1', DTSTART: '20270218T100000Z', STATUS: 'CONFIRMED' })
  expect(gone).toMatchObject({ SEQUENCE: '1', STATUS: 'CANCELLED' })
  await apply(action as never, { ...input, events: [{ ...first, time: '11:00' }, last] })
  const [still, back] = await events()
  expect(still).toMatchObject({ SEQUENCE: '1' })
  expect(back).toMatchObject({ UID: gone?.['UID'], SEQUENCE: '2', STATUS: 'CONFIRMED' })
})

test('what a reader got of a version that was taken back is older than what comes after it', async () => {
  const { apply, undo } = await begin()
  await undo(action as never, await apply(action as never, input))
  await apply(action as never, { ...input, events: [{ ...first, time: '12:00' }] })
  expect((await events())[0]).toMatchObject({ SEQUENCE: '1', DTSTART: '20270218T110000Z' })
})

test('hours that a clock change skips or repeats have an instant', () => {
  expect(instantIn('Europe/Berlin', '2027-03-28', '01:30').toISOString()).toBe('2027-03-28T00:30:00.000Z')
  expect(instantIn('Europe/Berlin', '2027-03-28', '02:30').toISOString()).toBe('2027-03-28T01:30:00.000Z')
  expect(instantIn('Europe/Berlin', '2027-03-28', '03:30').toISOString()).toBe('2027-03-28T01:30:00.000Z')
  expect(instantIn('America/New_York', '2027-11-07', '09:00').toISOString()).toBe('2027-11-07T14:00:00.000Z')
  expect(instantIn('Asia/Kathmandu', '2027-02-18', '00:15').toISOString()).toBe('2027-02-17T18:30:00.000Z')
})

test('what is wrong with dates is said at once', async () => {
  const { apply } = await begin()
  const error = await apply(action as never, { ...input, time_zone: 'Mars/Base', events: [{ key: 'a', date: '2027-02-30' }, { key: 'b', date: '2027-02-01', time: '25:00' }, { key: 'a', date: '2027-02-01' }] })
    .then(() => { throw new Error('it was accepted') }, (e: OnboardError) => e)
  expect(error).toMatchObject({ kind: 'invalid', message: 'the calendar check-ins: a: "2027-02-30" is no date, YYYY-MM-DD; b: "25:00" is no time, HH:MM; a is there twice; "Mars/Base" is no time zone' })
})
