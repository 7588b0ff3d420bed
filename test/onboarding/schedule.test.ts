/** Dates as a whole: what holds for every runbook, every go-live and every history, and examples of each sentence. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Phase } from '../../src/model.ts'
import type { Times } from '../../src/engine/times.ts'
import type { PhaseActual } from '../../src/onboarding/actual.ts'
import { addBusinessDays, addDays, businessDaysBetween, isBusinessDay, takeBusinessDays } from '../../src/onboarding/calendar.ts'
import { feasibility } from '../../src/onboarding/feasibility.ts'
import { scheduleOf, type Known } from '../../src/onboarding/schedule.ts'
import { plainDue } from '../../src/onboarding/windows.ts'

const HOLIDAYS = ['2026-12-25', '2027-01-01', '2027-01-06']
const OFF = new Set(HOLIDAYS)
const NONE: Times = { moves: [], holds: [], live_at: null }

interface Draw { int(least: number, most: number): number }

/** Phases before go-live with needs among those before them, the go-live itself, and one after it. */
function phasesOf(draw: Draw): Phase[] {
  const count = draw.int(1, 6)
  const before = Array.from({ length: count }, (_, i): Phase => {
    const min = draw.int(0, 8)
    const needs = Array.from({ length: i }, (_unused, j) => `p${j}`).filter(() => draw.int(0, 2) > 0)
    return phase(`p${i}`, { needs, duration: { min, max: min + draw.int(0, 6) } })
  })
  return [
    ...before,
    phase('go_live', { needs: before.map(({ id }) => id), duration: { min: 1, max: 1 }, starts: { at: 'onboarding.go_live', offset: `-${draw.int(0, 3)}d` } }),
    phase('care', { needs: ['go_live'], duration: { min: 14, max: 30 }, days: 'calendar', starts: { at: 'onboarding.live_on', offset: '1d' } }),
  ]
}

function phase(id: string, more: Partial<Phase>): Phase {
  const step = { id: 'done', title: id, uses: 'confirm', with: {}, when: null, owner: [], needs: [], for_each: null, retry: null, timeout_ms: null, waivable_by: [], binds: [], capability: null, at: { file: '', line: 1, col: 1 } }
  return { id, title: id, owner: [], needs: [], duration: null, starts: null, steps: [step], ...more }
}

function known(phases: readonly Phase[], go_live: string, more: Partial<Known> = {}): Known {
  return {
    phases, go_live, done: new Set(), idle: new Set(), actual: new Map(), open: new Map(), times: NONE, due: plainDue({}, { holidays: HOLIDAYS }),
    accepted_at: '2026-12-01T09:00:00Z', today: '2026-12-01', time_zone: 'UTC', holidays: HOLIDAYS, ...more,
  }
}

/** A history in which the first phases were done, each on a date of its own. */
function history(phases: readonly Phase[], draw: Draw): Pick<Known, 'done' | 'actual' | 'today'> {
  const count = draw.int(0, phases.length - 2)
  const actual = new Map<string, PhaseActual>()
  let at = '2026-12-01'
  for (const { id } of phases.slice(0, count)) {
    at = addBusinessDays(at, draw.int(0, 9), OFF)
    actual.set(id, { began: `${at}T09:00:00Z`, settled: new Map([[`${id}.done`, { step: `${id}.done`, how: 'signed', at: `${at}T10:00:00Z` }]]) })
  }
  return { done: new Set(actual.keys()), actual, today: addDays(at, draw.int(0, 6)) }
}

const go_lives = (draw: Draw): string => addBusinessDays('2026-12-01', draw.int(0, 60), OFF)
function forAll(times: number, property: (draw: Draw) => void): void {
  fc.assert(fc.property(fc.gen(), (gen) => property({ int: (min, max) => gen(fc.integer, { min, max }) })), { numRuns: times })
}

test('adding and taking away business days are each other’s inverse on business days', () => {
  forAll(300, (draw) => {
    const from = addBusinessDays(addDays('2026-11-20', draw.int(0, 60)), 0, OFF)
    const days = draw.int(0, 40)
    const to = addBusinessDays(from, days, OFF)
    expect(isBusinessDay(to, OFF)).toBe(true)
    expect(takeBusinessDays(to, days, OFF)).toBe(from)
    expect(businessDaysBetween(from, to, OFF)).toBe(days)
    expect(businessDaysBetween(to, from, OFF)).toBe(days === 0 ? 0 : -days)
  })
})

test('a phase begins when those it needs have ended, never ends before it begins, and every end before go-live is a day of work', () => {
  forAll(300, (draw) => {
    const phases = phasesOf(draw)
    const found = scheduleOf({ ...known(phases, go_lives(draw)), ...history(phases, draw) })
    for (const kind of ['baseline', 'planned', 'forecast'] as const) {
      const ends = new Map(found.phases.map((one) => [one.id, one[kind].end]))
      for (const one of found.phases) {
        expect(one[kind].end >= one[kind].start).toBe(true)
        if (kind === 'forecast' && one.actual.start !== null) continue
        for (const need of phases.find(({ id }) => id === one.id)?.needs ?? []) expect(one[kind].start >= (ends.get(need) ?? '')).toBe(true)
        if (one.id.startsWith('p')) expect(isBusinessDay(one[kind].end, OFF)).toBe(true)
      }
    }
  })
})

test('nothing is foreseen before today, nor a go-live before the one agreed; feasibility says the same', () => {
  forAll(300, (draw) => {
    const phases = phasesOf(draw)
    const go_live = go_lives(draw)
    const facts = history(phases, draw)
    const found = scheduleOf({ ...known(phases, go_live), ...facts })
    expect(found.forecast_go_live >= go_live).toBe(true)
    for (const one of found.phases) if (one.actual.end === null) expect(one.forecast.end >= facts.today).toBe(true)
    const begun = scheduleOf(known(phases, go_live))
    const said = feasibility({ phases }, go_live, '2026-12-01', HOLIDAYS)
    expect(said?.fits ?? true).toBe(begun.late === 0)
    expect(begun.forecast_go_live).toBe(said === null || said.fits ? go_live : said.earliest_go_live)
  })
})

test('a go-live that is foreseen is one that fits, and the day before it does not', () => {
  forAll(200, (draw) => {
    const phases = phasesOf(draw)
    const said = feasibility({ phases }, '2026-12-01', '2026-12-01', HOLIDAYS)
    if (said === null) return
    const { earliest_go_live: earliest } = said
    expect(feasibility({ phases }, earliest, '2026-12-01', HOLIDAYS)?.fits).toBe(true)
    expect(feasibility({ phases }, takeBusinessDays(addDays(earliest, -1), 0, OFF), '2026-12-01', HOLIDAYS)?.fits).toBe(false)
  })
})

test('a day later nothing is foreseen earlier', () => {
  forAll(200, (draw) => {
    const phases = phasesOf(draw)
    const facts = history(phases, draw)
    const go_live = go_lives(draw)
    const [now, then] = [facts.today, addDays(facts.today, draw.int(1, 9))].map((today) => scheduleOf({ ...known(phases, go_live), ...facts, today })) as [ReturnType<typeof scheduleOf>, ReturnType<typeof scheduleOf>]
    expect(then.forecast_go_live >= now.forecast_go_live).toBe(true)
    then.phases.forEach((one, i) => expect(one.forecast.end >= (now.phases[i]?.forecast.end ?? '')).toBe(true))
  })
})

test('every phase that is later than first planned has its reason said, and where nothing moved there is none', () => {
  forAll(300, (draw) => {
    const phases = phasesOf(draw)
    const found = scheduleOf({ ...known(phases, go_lives(draw)), ...history(phases, draw) })
    const moved = found.phases.some((one) => one.late > 0) || found.late > 0
    expect(found.shifts.length > 0).toBe(moved)
    expect(found.phases.map((one) => one.planned)).toEqual(found.phases.map((one) => one.baseline))
  })
})

test('days on which it is held are not days of work', () => {
  const phases = [phase('a', { duration: { min: 5, max: 5 } }), phase('go_live', { needs: ['a'], starts: { at: 'onboarding.go_live' } })]
  const hold = { since: '2026-12-03T09:00:00Z', until: '2026-12-08T09:00:00Z', by: null, reason: null }
  const found = scheduleOf(known(phases, '2027-02-01', { times: { ...NONE, holds: [hold] }, today: '2026-12-09' }))
  expect(found.phases[0]).toMatchObject({ baseline: { end: '2026-12-08' }, planned: { end: '2026-12-11' } })
  expect(found.shifts[0]).toMatchObject({ days: 3, text: 'held for 3 business days, 2026-12-03 to 2026-12-08, by (erased)' })
  const lasting = scheduleOf(known(phases, '2027-02-01', { times: { ...NONE, holds: [{ ...hold, until: null }] }, today: '2026-12-09' }))
  expect(lasting.phases[0]?.forecast).toEqual({ start: '2026-12-10', end: '2026-12-17' })
  expect(lasting.held).toMatchObject({ since: hold.since })
})

test('a plan takes the longest that go-live leaves room for', () => {
  const phases = [phase('a', { duration: { min: 2, max: 10 } }), phase('b', { needs: ['a'], duration: { min: 3, max: 10 } }), phase('go_live', { needs: ['b'], starts: { at: 'onboarding.go_live' } })]
  const ends = (go_live: string) => scheduleOf(known(phases, go_live)).phases.slice(0, 2).map(({ planned }) => planned.end)
  expect(ends('2027-03-01')).toEqual(['2026-12-15', '2026-12-30'])
  expect(ends('2026-12-14')).toEqual(['2026-12-09', '2026-12-14'])
  expect(ends('2026-12-02')).toEqual(['2026-12-03', '2026-12-08'])
})

test('what nobody had to do ends no phase: it is passed over whenever somebody next looks', () => {
  const phases = [phase('a', { duration: { min: 2, max: 10 } }), phase('go_live', { needs: ['a'], starts: { at: 'onboarding.go_live' } })]
  const settled = (...all: readonly (readonly [string, 'waived' | 'skipped', string])[]) => new Map(all.map(([step, how, at]) => [step, { step, how, at }]))
  const ended = (map: PhaseActual['settled']) => {
    const facts = { done: new Set(['a']), actual: new Map([['a', { began: '2026-12-02T09:00:00Z', settled: map }]]) }
    const { phases: [a], shifts } = scheduleOf({ ...known(phases, '2027-02-01'), ...facts, today: '2027-01-20' })
    return [a?.actual.end, shifts]
  }
  expect(ended(settled(['a.x', 'waived', '2026-12-03T09:00:00Z'], ['a.y', 'skipped', '2027-01-20T09:00:00Z']))).toEqual(['2026-12-03', []])
  // Where nothing else was: there is an end all the same.
  expect(ended(settled(['a.y', 'skipped', '2026-12-04T09:00:00Z']))).toEqual(['2026-12-04', []])
})
