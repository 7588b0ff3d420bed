/** Since when a step was settled on a day that has passed. */
import { expect, test } from 'vitest'
import type { EntryKind, JournalEntry } from '../../src/engine/ports.ts'
import { historyOf } from '../../src/onboarding/history.ts'

const entry = (kind: EntryKind, at: string, facts: object = {}): JournalEntry =>
  ({ kind, at, facts, detail: {}, key: { phase: 'p', step: 's', instance: '' }, seq: 1 }) as unknown as JournalEntry
const since = (entries: readonly JournalEntry[], on: string) => historyOf(entries, 'Europe/Berlin')('p.s', on)

test('from the day on which it was settled, where the vendor is, and not before', () => {
  const signed = [entry('signed', '2027-01-10T23:30:00Z')]
  expect(since(signed, '2027-01-10')).toBeNull()
  expect(since(signed, '2027-01-11')).toBe('2027-01-11')
  expect(since(signed, '2027-06-01')).toBe('2027-01-11')
  expect(historyOf(signed, 'UTC')('p.other', '2027-06-01')).toBeNull()
})

test('a word given again and a look repeated change nothing; what was undone, rejected or found wrong does', () => {
  for (const ends of [entry('undone', '2027-01-20T12:00:00Z'), entry('rejected', '2027-01-20T12:00:00Z'), entry('probed', '2027-01-20T12:00:00Z', { result: 'fail' })]) {
    const all = [
      entry('probed', '2027-01-10T12:00:00Z', { result: 'pass' }), entry('probed', '2027-01-12T12:00:00Z', { result: 'warn' }),
      entry('probed', '2027-01-13T12:00:00Z', { result: 'not_checked' }), ends, entry('signed', '2027-01-25T12:00:00Z'),
    ]
    expect(['2027-01-19', '2027-01-20', '2027-01-24', '2027-01-25'].map((on) => since(all, on)), ends.kind).toEqual(['2027-01-10', null, null, '2027-01-25'])
  }
})

test('where there was nothing to do, it is so from the beginning; not where there was', () => {
  expect(since([entry('skipped', '2027-01-10T12:00:00Z')], '2027-01-01')).toBe('')
  expect(since([entry('signed', '2027-01-10T12:00:00Z'), entry('undone', '2027-01-11T12:00:00Z'), entry('skipped', '2027-01-12T12:00:00Z')], '2027-01-11')).toBeNull()
})

test('a waiver counts as long as it lasts; what was done by hand counts from the day on which it was', () => {
  const waived = [entry('waived', '2027-01-10T12:00:00Z', { until: '2027-01-15' }), entry('done', '2027-01-20T12:00:00Z')]
  expect(['2027-01-15', '2027-01-16', '2027-01-20'].map((on) => since(waived, on))).toEqual(['2027-01-10', null, '2027-01-20'])
  expect(since([entry('attested', '2027-03-01T12:00:00Z', { date: '2027-01-05' })], '2027-01-06')).toBe('2027-01-05')
})
