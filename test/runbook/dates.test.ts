/** When phases and steps begin: the dates that `starts`, `on` and `days` name, and what the checker says of them. */
import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/model.ts'
import { parseExpression } from '../../src/runbook/cel/program.ts'
import { plainDate } from '../../src/runbook/dates.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { loadRunbook } from '../../src/runbook/load.ts'
import { ACTIONS, files, said } from './support.ts'

const head = (more: string) => `apiVersion: onboard/v1\nphase: here\ntitle: Here\nowner: [engineering]\n${more}steps:\n`
const STEP = '  - { id: a, title: T, uses: ask, with: { text: Well? }'

function loaded(text: string) {
  const found = loadRunbook(files({ here: text }), ACTIONS)
  expect(said(found)).toBe('')
  return found.runbook!
}

/** Dates of every instance of the first step of phase `here`. */
function dates(text: string, onboarding: JsonObject, config: JsonObject = {}) {
  const runbook = loaded(text)
  const phase = runbook.phases.find(({ id }) => id === 'here')!
  const step = phase.steps[0]!
  const evaluator = createEvaluator(runbook, ACTIONS)
  const scope = { handoff: { dates: { go_live: '2027-03-01' } }, discovery: null, config, onboarding, outputs: new Map(), phase: 'here' }
  const keys = evaluator.instances(step, scope) as string[]
  return keys.map((each) => evaluator.due(phase, step, each === '' ? scope : { ...scope, each }))
}

const GO_LIVE = { go_live: '2027-03-01', live_on: null, day: null }

test('a phase and a step begin on business days before and after a date, past holidays', () => {
  const starts = (at: string, offset: string) => head(`starts: { at: "${at}", offset: ${offset} }\n`) + `${STEP} }\n`
  expect(dates(starts('onboarding.go_live', '-1d'), GO_LIVE)).toEqual([{ date: '2027-02-26' }])
  expect(dates(starts('handoff.dates.go_live', '1w'), GO_LIVE)).toEqual([{ date: '2027-03-08' }])
  expect(dates(starts('add_days(onboarding.go_live, 5)', '0d'), GO_LIVE)).toEqual([{ date: '2027-03-08' }])
  const step = (offset: string) => head('') + `${STEP}, starts: { at: onboarding.go_live, offset: ${offset} } }\n`
  expect(dates(step('-1d'), GO_LIVE, { holidays: ['2027-02-26'] })).toEqual([{ date: '2027-02-25' }])
  expect(dates(head('') + `${STEP}, starts: { at: onboarding.go_live } }\n`, GO_LIVE)).toEqual([{ date: '2027-03-01' }])
})

test('a date moved by so many days is the same with the expression library and without', () => {
  const config = { holidays: ['2027-02-26', '2027-03-05'] }
  const scope = { handoff: { dates: { go_live: '2027-03-01' } }, discovery: null, config, onboarding: GO_LIVE, outputs: new Map(), phase: 'here' }
  for (const path of ['handoff.dates.go_live', 'onboarding.go_live']) {
    for (let days = -12; days <= 12; days++) {
      for (const source of [`add_days(${path}, ${days})`, ` add_business_days( ${path} ,${days}, config.holidays )`]) {
        const parsed = parseExpression(source)
        if (!parsed.ok) throw new Error(parsed.message)
        expect(plainDate(source, scope), source).toBe(parsed.program({ handoff: scope.handoff, config, onboarding: GO_LIVE }))
      }
    }
  }
  // What is more than that, or would fail, is for the library.
  for (const source of ['add_days(add_days(onboarding.go_live, 1), 1)', 'add_days(onboarding.live_on, 1)', 'add_business_days(onboarding.go_live, 1, [])', 'add_days(onboarding.go_live, 1, config.holidays)', 'add_days(onboarding.go_live, 99999)']) {
    expect(plainDate(source, scope), source).toBeUndefined()
  }
})

test('of the phase and the step the later date counts', () => {
  const both = (offset: string) => head('starts: { at: onboarding.go_live }\n') + `${STEP}, starts: { at: onboarding.go_live, offset: ${offset} } }\n`
  expect(dates(both('-5d'), GO_LIVE)).toEqual([{ date: '2027-03-01' }])
  expect(dates(both('5d'), GO_LIVE)).toEqual([{ date: '2027-03-08' }])
})

test('calendar days count Saturdays, Sundays and holidays; a week has seven', () => {
  const text = head('days: calendar\nstarts: { at: onboarding.live_on, offset: 1d }\n') + `${STEP}, on: [day 1, day 3, week 2] }\n`
  const live = { go_live: '2027-03-01', live_on: '2027-03-05', day: 0 } // a Friday
  expect(dates(text, live, { holidays: ['2027-03-08'] })).toEqual([{ date: '2027-03-06' }, { date: '2027-03-08' }, { date: '2027-03-13' }])
})

test('what counts from a date that is not there yet waits for it by name', () => {
  const text = head('days: calendar\nstarts: { at: onboarding.live_on, offset: 1d }\n') + `${STEP}, on: [day 1] }\n`
  expect(dates(text, GO_LIVE)).toEqual([{ date: null, anchor: 'go-live' }])
  const other = head('') + `${STEP}, starts: { at: 'onboarding.live_on == null ? null : onboarding.live_on' } }\n`
  expect(dates(other, GO_LIVE)).toEqual([{ date: null, anchor: 'onboarding.live_on == null ? null : onboarding.live_on' }])
})

test('durations and days of a phase that counts calendar days are calendar days', () => {
  const { phases } = loaded(head('days: calendar\nduration: { min: 2w, max: 30d }\nstarts: { at: onboarding.go_live }\n') + `${STEP}, on: [week 3] }\n`)
  const here = phases.find(({ id }) => id === 'here')
  expect(here).toMatchObject({ days: 'calendar', duration: { min: 14, max: 30 } })
  expect(here?.steps[0]?.on).toEqual([{ key: 'week-3', day: 15 }])
})

test('what is no date is refused with its place, and live_on is known where a step waits for it', () => {
  const trouble = (text: string) => said(loadRunbook(files({ here: text }), ACTIONS)).trim().split('\n')
  expect(trouble(head('') + `${STEP}, starts: { at: handoff.name } }\n`)).toEqual([
    expect.stringMatching(/^phases\/here\.yaml:6:\d+: a date is needed here, such as handoff.dates.go_live \[expression-type\]$/),
  ])
  expect(trouble(head('') + `${STEP}, starts: { offset: 1d } }\n`)[0]).toContain('starts')
  expect(trouble(head('') + `${STEP}, starts: { at: onboarding.go_live, offset: soon } }\n`)[0]).toContain('a number of days such as -1d or 2w')
  expect(trouble(head('days: working\n') + `${STEP} }\n`)[0]).toContain('business')
  const reads = (more: string) => head(more) + "  - { id: a, title: T, uses: ask, with: { text: 'Since ${{ onboarding.live_on }}, day ${{ onboarding.day }}' } }\n"
  expect(trouble(reads(''))).toHaveLength(2)
  expect(trouble(reads('starts: { at: onboarding.live_on }\n'))).toEqual([''])
})

test('an expression that gives no date fails with its place', () => {
  const runbook = loaded(head('') + `${STEP}, starts: { at: onboarding.go_live } }\n`)
  const phase = runbook.phases.find(({ id }) => id === 'here')!
  const scope = { handoff: {}, discovery: null, config: {}, onboarding: { go_live: 'soon' }, outputs: new Map(), phase: 'here' }
  expect(() => createEvaluator(runbook, ACTIONS).due(phase, phase.steps[0]!, scope)).toThrow('`onboarding.go_live` must be a date')
})
