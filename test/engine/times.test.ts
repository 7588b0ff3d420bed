/** What the journal says of time: since when an onboarding is live, where its go-live was moved, when it was held. */
import { expect, test } from 'vitest'
import type { EntryKind, JournalEntry } from '../../src/engine/ports.ts'
import { goLiveOf, heldBy, onboardingAt, timesOf } from '../../src/engine/times.ts'
import type { Json, JsonObject } from '../../src/model.ts'

let seq = 0
/** An entry, each a day after the one before it: the first on 2027-03-01, late in the evening of UTC. */
function entry(kind: EntryKind, facts: JsonObject = {}, detail: Readonly<Record<string, Json>> = {}): JournalEntry {
  seq += 1
  const at = `2027-03-${String(seq).padStart(2, '0')}T23:30:00.000000Z`
  return { kind, key: null, run: null, facts, detail, seq, at, session_user: 'app', hash: '', erased: [] }
}
const journal = (...entries: (() => JournalEntry)[]) => {
  seq = 0
  return timesOf(entries.map((make) => make()))
}
const access = (status: string) => () => entry('done', { uses: 'tenant.access' }, { outputs: { status } })
const other = () => entry('done', { uses: 'tenant.record' }, { outputs: { status: 'live' } })
const undone = (of: number) => () => entry('undone', { of })
const at = (day: number) => `2027-03-${String(day).padStart(2, '0')}T23:30:00.000000Z`

test('live since production access was given, by its action and what it saw, not by a step’s name', () => {
  expect(journal().live_at).toBeNull()
  expect(journal(other, access('provisioning')).live_at).toBeNull()
  expect(journal(other, access('live')).live_at).toBe(at(2))
})

test('drift that is put right does not begin the days anew; access that was taken back does', () => {
  expect(journal(access('live'), access('live')).live_at).toBe(at(1))
  expect(journal(access('live'), undone(1)).live_at).toBeNull()
  expect(journal(access('live'), undone(1), access('live')).live_at).toBe(at(3))
  expect(journal(access('live'), access('suspended')).live_at).toBeNull()
  expect(journal(access('live'), access('suspended'), access('live')).live_at).toBe(at(3))
  // Of two the later is undone: the earlier stands.
  expect(journal(access('live'), access('live'), undone(2)).live_at).toBe(at(1))
})

const moved = (handoff: string, from: string, to: string) => () => entry('rescheduled', { handoff, from, to }, { reason: 'r', by: { name: 'Cleo' }, recorder: { name: 'Rita' } })
const revised = (before: Json, after: Json) => () => entry('revised', {}, { changes: [{ field: 'contacts.primary.name', before: 'a', after: 'b' }, { field: 'dates.go_live', before, after }], recorder: { name: 'Rita' } })
const handoff = (go_live: string): JsonObject => ({ dates: { go_live } })

test('the last move counts, unless the handoff names another date since', () => {
  expect(goLiveOf(handoff('2027-02-15'), journal())).toBe('2027-02-15')
  const twice = journal(moved('2027-02-15', '2027-02-15', '2027-03-01'), moved('2027-02-15', '2027-03-01', '2027-03-15'))
  expect(goLiveOf(handoff('2027-02-15'), twice)).toBe('2027-03-15')
  expect(twice.moves.map(({ by, from, to }) => [by, from, to])).toEqual([['Cleo', '2027-02-15', '2027-03-01'], ['Cleo', '2027-03-01', '2027-03-15']])
  const since = journal(moved('2027-02-15', '2027-02-15', '2027-03-01'), revised('2027-02-15', '2027-04-01'))
  expect(goLiveOf(handoff('2027-04-01'), since)).toBe('2027-04-01')
  expect(since.moves.at(-1)).toMatchObject({ from: '2027-03-01', to: '2027-04-01', by: 'Rita' })
  expect(journal(() => entry('revised', {}, { changes: [] })).moves).toEqual([])
  expect(goLiveOf({}, journal())).toBeNull()
})

test('a hold lasts until it is resumed; what two people do at once counts once', () => {
  const hold = (reason: string) => () => entry('held', {}, { reason, recorder: { name: 'Rita' } })
  const resume = () => entry('resumed')
  expect(heldBy(journal(hold('a')))).toMatchObject({ since: at(1), until: null, by: 'Rita', reason: 'a' })
  const both = journal(hold('a'), hold('b'), resume, resume)
  expect(both.holds).toMatchObject([{ since: at(1), until: at(3), reason: 'a' }])
  expect(heldBy(both)).toBeNull()
  expect(heldBy(journal(hold('a'), resume, hold('b')))).toMatchObject({ since: at(3), reason: 'b' })
  // Reason and person were erased: that it is held stays known.
  expect(heldBy(journal(() => entry('held')))).toMatchObject({ by: null, reason: null })
})

test('days since go-live are days of the calendar where the vendor is', () => {
  const inputs = (today: string, time_zone: string) => ({ handoff: handoff('2027-03-01'), discovery: null, config: { time_zone }, onboarding: { slug: 'acme', today } })
  const live = journal(access('live'))
  expect(onboardingAt(inputs('2027-03-09', 'UTC'), live)).toMatchObject({ slug: 'acme', go_live: '2027-03-01', live_on: '2027-03-01', day: 8, today: '2027-03-09' })
  expect(onboardingAt(inputs('2027-03-09', 'Europe/Berlin'), live)).toMatchObject({ live_on: '2027-03-02', day: 7 })
  expect(onboardingAt(inputs('2027-03-09', 'Europe/Berlin'), journal())).toMatchObject({ live_on: null, day: null })
})

test('the day is reckoned only when it is read', () => {
  let asked = 0
  const onboarding = { get today() { asked += 1; return '2027-03-09' } }
  const made = onboardingAt({ handoff: handoff('2027-03-01'), discovery: null, config: {}, onboarding }, journal(access('live')))
  expect([made['go_live'], asked]).toEqual(['2027-03-01', 0])
  expect([made['day'], asked]).toEqual([8, 1])
})
