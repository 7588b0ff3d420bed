import { expect, test } from 'vitest'
import { addBusinessDays, dateIn, isBusinessDay } from '../../src/onboarding/calendar.ts'
import { feasibility } from '../../src/onboarding/feasibility.ts'
import type { Phase, Runbook } from '../../src/model.ts'

test('weekends and holidays are no business days', () => {
  const holidays = new Set(['2026-12-25'])
  expect(['2026-12-24', '2026-12-25', '2026-12-26', '2026-12-27', '2026-12-28'].map((day) => isBusinessDay(day, holidays))).toEqual([true, false, false, false, true])
  expect(addBusinessDays('2026-12-24', 1, holidays)).toBe('2026-12-28')
  expect(addBusinessDays('2026-12-26', 0, holidays)).toBe('2026-12-28')
  expect(addBusinessDays('2026-11-20', 5, new Set())).toBe('2026-11-27')
  // Before 1970 as well: a Friday, a Saturday and a Sunday.
  expect(['1969-12-26', '1969-12-27', '1969-12-28'].map((day) => isBusinessDay(day, new Set()))).toEqual([true, false, false])
})

test('a day begins in its time zone', () => {
  expect(dateIn('2026-12-31T23:30:00Z', 'UTC')).toBe('2026-12-31')
  expect(dateIn('2026-12-31T23:30:00Z', 'Europe/Berlin')).toBe('2027-01-01')
})

test('the earliest go-live follows the longest way through the phases before it', () => {
  const phase = (id: string, days: number, needs: string[], at?: string): Phase => ({
    id, title: id, owner: [], needs, steps: [], duration: { min: days, max: days * 2 }, starts: at === undefined ? null : { at },
  })
  const runbook = {
    phases: [phase('handoff', 5, []), phase('contract', 10, ['handoff']), phase('security', 3, ['handoff']), phase('provision', 5, ['contract', 'security']),
      phase('go_live', 1, ['provision'], 'handoff.dates.go_live'), phase('hypercare', 10, ['go_live'])],
  } as unknown as Runbook
  expect(feasibility(runbook, '2026-12-18', '2026-11-20', [])).toEqual({ business_days: 20, earliest_go_live: '2026-12-18', go_live: '2026-12-18', fits: true })
  expect(feasibility(runbook, '2026-12-17', '2026-11-20', [])?.fits).toBe(false)
  expect(feasibility(runbook, '2026-12-18', '2026-11-20', ['2026-12-08'])?.earliest_go_live).toBe('2026-12-21')
  expect(feasibility({ phases: [] } as unknown as Runbook, '2026-12-18', '2026-11-20', [])).toBeNull()
})
