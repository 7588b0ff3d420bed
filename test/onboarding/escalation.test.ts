import { expect, test } from 'vitest'
import { DEFAULTS } from '../../src/onboarding/defaults.ts'
import { escalationOf } from '../../src/onboarding/escalation.ts'

const levels = DEFAULTS.escalation
const roles = { support: [{ name: 'Sun', email: 'sun@vendor.example' }], cto: [{ name: 'Mira', email: 'mira@vendor.example' }] }
const opened = '2026-12-01T22:00:00.000Z'
const at = (hours: number) => new Date(Date.parse(opened) + hours * 3_600_000).toISOString()
const where = (severity: 'P0' | 'P1', hours: number) => escalationOf({ severity, clock_from: opened }, at(hours), levels, roles)

test('an issue goes up when a level has missed its time: support 4 h, engineering 2 h, the lead 1 h', () => {
  expect(where('P1', 0)).toMatchObject({ level: 'L1', people: roles.support, due: at(4), overdue: false, missed: [], next: { level: 'L2', role: 'engineering' } })
  expect(where('P1', 3.99)).toMatchObject({ level: 'L1' })
  expect(where('P1', 4)).toMatchObject({ level: 'L2', role: 'engineering', people: [], due: at(6), missed: ['L1'] })
  expect(where('P1', 6.5)).toMatchObject({ level: 'L3', due: at(7), overdue: false, missed: ['L1', 'L2'], next: null })
  expect(where('P1', 7)).toMatchObject({ level: 'L3', due: at(7), overdue: true, missed: ['L1', 'L2', 'L3'], next: null })
})

test('a P0 goes to the CTO at once, past the levels', () => {
  expect(where('P0', 0)).toMatchObject({ level: 'P0', role: 'cto', people: roles.cto, due: at(0.5), next: null })
  expect(where('P0', 1)).toMatchObject({ level: 'P0', overdue: true })
})

test('a config without levels has no clock', () => {
  expect(escalationOf({ severity: 'P1', clock_from: opened }, at(1), [], roles)).toBeNull()
})
