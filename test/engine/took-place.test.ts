import { expect, test } from 'vitest'
import type { JournalEntry } from '../../src/engine/ports.ts'
import { timesOf } from '../../src/engine/times.ts'

const entry = (kind: 'done' | 'adopted', facts: object): JournalEntry => ({
  kind, key: { phase: 'go_live', step: 'access', instance: '' }, run: null, facts: { uses: 'tenant.access', outcome: 'unchanged', ...facts },
  detail: { outputs: { status: 'live' } }, seq: 1, at: '2026-11-20T09:00:00Z', session_user: 'app', hash: '', erased: [],
})

test('a tenant that went live by hand has been live since the day that was named', () => {
  expect(timesOf([entry('done', {})]).live_at).toBe('2026-11-20T09:00:00Z')
  expect(timesOf([entry('adopted', {})]).live_at).toBe('2026-11-20T09:00:00Z')
  expect(timesOf([entry('adopted', { date: '2026-10-01' })]).live_at).toBe('2026-10-01T12:00:00.000Z')
})
