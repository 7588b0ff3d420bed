/** A runbook as a Markdown document that people read, print and tick. */
import type { ActionSchemas, Json, JsonObject, Phase, Runbook, Step, Threshold } from '../../model.ts'
import { markdown } from '../../documents/encode/markdown.ts'
import { movedDate } from '../../runbook/dates.ts'
import { graphOf } from '../../runbook/graph.ts'
import { terminal } from '../encode/terminal.ts'
import { asMermaid } from './graph.ts'

/** The whole document: what there is to do, by whom, in what order, and what it waits for. */
export function runbookDocs(runbook: Runbook, actions: ActionSchemas): string {
  const { title, name, version, effective, phases, procedures, milestones } = runbook
  const since = effective === null ? '' : `, in force since ${effective}`
  const parts = [
    `# ${markdown(title)}`,
    `Runbook ${code(name)}, version ${markdown(version)}${since}. `
      + `Written by ${code(`onboard runbook docs ${name}`)}; edit the runbook, not this page.`,
    '## Phases',
    phaseTable(phases),
    fence('mermaid', asMermaid(graphOf({ ...runbook, procedures: [] }, actions), 'phases')),
    ...(milestones.length === 0 ? [] : ['## Milestones', milestoneTable(runbook)]),
    ...(runbook.thresholds === undefined ? [] : ['## Thresholds', thresholdTable(runbook.thresholds)]),
    '## Who does what',
    ownerTable(runbook),
    ...phases.flatMap((phase, at) => phaseSection(phase, `${at + 1}. ${markdown(phase.title)}`, actions)),
    ...(procedures.length === 0 ? [] : ['# Procedures', 'Carried out when they are needed, not in sequence.']),
    ...procedures.flatMap((phase) => phaseSection(phase, markdown(phase.title), actions)),
  ]
  return `${parts.join('\n\n')}\n`
}

function phaseSection(phase: Phase, heading: string, actions: ActionSchemas): string[] {
  const facts = [
    phase.owner.length === 0 ? undefined : `Owner: ${roles(phase.owner)}`,
    phase.duration === null ? undefined : `Duration: ${days(phase)}`,
    phase.needs.length === 0 ? undefined : `After: ${phase.needs.map(code).join(', ')}`,
    startOf(phase),
  ].filter((fact) => fact !== undefined)
  const questions = phase.steps.flatMap((step) => question(step, actions))
  const decisions = phase.steps.flatMap(decisionTable)
  return [
    `## ${heading}`,
    ...(facts.length === 0 ? [] : [facts.map((fact) => `- ${fact}`).join('\n')]),
    ...(phase.conditions === undefined ? [] : ['### When', conditionTable(phase.conditions)]),
    '### Checklist',
    phase.steps.map((step) => checklistLine(step, phase, actions)).join('\n'),
    '### Steps',
    table(['Step', 'What', 'How', 'Who', 'After', 'When', 'Only if'], phase.steps.map((step) => [
      code(step.id), markdown(step.title), how(step, actions), roles(step.owner),
      step.needs.map(code).join(', '), whenOf(step, phase), step.when === null ? '' : code(step.when),
    ])),
    ...(decisions.length === 0 ? [] : ['### What is decided', ...decisions]),
    ...(questions.length === 0 ? [] : ['### What is asked', ...questions]),
  ]
}

function checklistLine(step: Step, phase: Phase, actions: ActionSchemas): string {
  const notes = [
    step.when === null ? undefined : `only if ${code(step.when)}`,
    step.for_each === null ? undefined : `once for each of ${code(step.for_each)}`,
    whenOf(step, phase) || undefined,
    step.owner.join() === phase.owner.join() ? undefined : roles(step.owner),
    step.capability === null ? undefined : `needs the capability ${code(step.capability)}`,
    step.waivable_by.length === 0 ? undefined : `may be waived by ${roles(step.waivable_by)}`,
  ].filter((note) => note !== undefined)
  const mark = { effect: 'done', probe: 'checked', ask: 'signed' }[kindOf(step, actions)]
  // Outside of a table a bar is a bar.
  return `- [ ] **${markdown(step.title)}** (${[mark, ...notes].join('; ').replaceAll('\\|', '|')})`
}

/** What a person is asked, as it stands in the runbook. */
function question(step: Step, actions: ActionSchemas): string[] {
  const { text, evidence, from } = step.with
  if (kindOf(step, actions) !== 'ask' || typeof text !== 'string') return []
  const asked = Array.isArray(from) ? from.filter((role: Json) => typeof role === 'string') : step.owner
  const proof = evidence === 'required' ? ' Evidence is required.' : ''
  return [
    `**${markdown(step.title)}**, asked of ${roles(asked)}.${proof}`, `> ${expressions(text)}`, ...answersTo(step),
  ]
}

/** A field of a form, as it stands in the runbook. */
interface Field {
  readonly title?: Json
  readonly type?: Json
  readonly enum?: Json
}

/** Of a form what is to be filled in. */
function answersTo(step: Step): string[] {
  const { fields } = step.with
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return []
  const rows = Object.entries(fields as JsonObject).map(([name, field]) => {
    const { title, type, enum: choices } = (isObject(field) ? field : {}) as Field
    const kind = Array.isArray(choices)
      ? choices.map((one) => code(String(one))).join(', ')
      : markdown(String(type ?? 'text'))
    return [code(name), markdown(String(title ?? name)), kind]
  })
  return [table(['Answer', 'What', 'Form'], rows)]
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The rows of a decision, the first that holds counts. */
function decisionTable(step: Step): string[] {
  const { rows } = step.with
  if (step.uses !== 'decision' || !Array.isArray(rows)) return []
  const shown = (value: Json | undefined): string => {
    if (value === undefined) return 'else'
    return typeof value === 'string' ? expressions(value) : code(JSON.stringify(value))
  }
  const all = rows as readonly JsonObject[]
  const lines = all.map((row, at) => [String(at + 1), shown(row['when']), shown(row['outcome'])])
  return [`**${markdown(step.title)}**: the first row that holds.`, table(['#', 'If', 'Then'], lines)]
}

function conditionTable(conditions: Readonly<Record<string, string>>): string {
  return table(['Condition', 'Means'], Object.entries(conditions).map(([id, means]) => [code(id), markdown(means)]))
}

function thresholdTable(thresholds: readonly Threshold[]): string {
  const rows = thresholds.map(({ title, good, target, alert, unit, window_ms, min_samples }) => {
    const [meets, alerts] = good === 'high' ? ['at least', 'below'] : ['at most', 'above']
    return [
      markdown(title), markdown(`${meets} ${target} ${unit}`), markdown(`${alerts} ${alert} ${unit}`),
      windowOf(window_ms), `${min_samples} observations`,
    ]
  })
  return table(['Metric', 'Target', 'Alert', 'Over', 'At least'], rows)
}

/** `4 h`, `15 min`; '' where nothing is said. */
function windowOf(ms: number | null): string {
  if (ms === null) return ''
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000} h` : `${ms / 60_000} min`
}

/** On which days a step is due, and from when on; '' where it is due once what it needs is done. */
function whenOf({ on, starts }: Step, phase: Phase): string {
  const days = (on ?? []).map(({ day }) => day)
  return [
    days.length === 0
      ? ''
      : `${phase.days === 'calendar' ? '' : 'business '}day${days.length === 1 ? '' : 's'} ${ranges(days)}`,
    starts === undefined
      ? ''
      : `from ${code(starts.at)}${starts.offset === undefined ? '' : ` ${markdown(starts.offset)}`} on`,
  ].filter((part) => part !== '').join(', ')
}

/** `1–3, 5` */
function ranges(days: readonly number[]): string {
  const runs: [number, number][] = []
  for (const day of days) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === day - 1) last[1] = day
    else runs.push([day, day])
  }
  const shown = runs.map(([from, to]) => {
    if (from === to) return `${from}`
    return from === to - 1 ? `${from}, ${to}` : `${from}–${to}`
  })
  return shown.join(', ')
}

/** Text with the expressions in it set as code. */
function expressions(text: string): string {
  const parts = text.split(/(\$\{\{.*?\}\})/s)
  return parts.map((part) => (part.startsWith('${{') ? code(part.slice(3, -2).trim()) : spaced(part))).join('')
}

function spaced(text: string): string {
  const [, before = '', after = ''] = /^(\s*).*?(\s*)$/s.exec(text) ?? []
  return text.trim() === '' ? text : `${before === '' ? '' : ' '}${markdown(text)}${after === '' ? '' : ' '}`
}

function phaseTable(phases: readonly Phase[]): string {
  return table(['#', 'Phase', 'Owner', 'Duration', 'After', 'Steps'], phases.map((phase, at) => [
    String(at + 1), markdown(phase.title), roles(phase.owner), days(phase), phase.needs.map(code).join(', '),
    String(phase.steps.length),
  ]))
}

function milestoneTable({ milestones, phases }: Runbook): string {
  const titles = new Map(phases.flatMap(({ id, steps }) => steps.map((step) => [`${id}.${step.id}`, step.title])))
  return table(['Milestone', 'By', 'Holds when'], milestones.map(({ id, by, holds }) => [
    code(id), dateOf(by), holds.map((step) => markdown(titles.get(step) ?? step)).join('; '),
  ]))
}

/** `4 business days before onboarding.go_live`; another expression as it is. */
function dateOf(source: string): string {
  const moved = movedDate(source)
  if (moved === undefined || moved.days === 0) return code(moved?.path ?? source)
  const { path, days, business } = moved
  const count = Math.abs(days)
  const unit = `${business ? 'business day' : 'day'}${count === 1 ? '' : 's'}`
  return `${count} ${unit} ${days < 0 ? 'before' : 'after'} ${code(path)}`
}

function ownerTable({ roles: all, phases, procedures }: Runbook): string {
  const named = (has: (step: Step) => boolean): string => [...phases, ...procedures].flatMap(({ id, steps }) => {
    const own = steps.filter(has)
    if (own.length === 0) return []
    return [`${code(id)}: ${own.length === steps.length ? 'all' : own.map((step) => markdown(step.id)).join(', ')}`]
  }).join('; ')
  return table(['Role', 'Owns', 'May waive'], all.map((role) => [
    markdown(role), named(({ owner }) => owner.includes(role)), named((step) => step.waivable_by.includes(role)),
  ]))
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function how(step: Step, actions: ActionSchemas): string {
  return `${{ effect: 'done', probe: 'checked', ask: 'asked' }[kindOf(step, actions)]} by ${code(step.uses)}`
}

function kindOf(step: Step, actions: ActionSchemas): 'effect' | 'probe' | 'ask' {
  return actions.get(step.uses)?.kind ?? 'effect'
}

function startOf({ starts }: Phase): string | undefined {
  if (starts === null) return undefined
  const offset = starts.offset === undefined ? '' : `, ${markdown(starts.offset)}`
  if (starts.at !== undefined) return `Starts: ${code(starts.at)}${offset}`
  return starts.after === undefined ? undefined : `Starts: after ${code(starts.after)}${offset}`
}

function days({ duration, days }: Phase): string {
  if (duration === null) return ''
  const { min, max } = duration
  const count = min === max ? min : `${min}–${max}`
  return `${count} ${days === 'calendar' ? 'calendar' : 'business'} day${max === 1 ? '' : 's'}`
}

function roles(names: readonly string[]): string {
  return names.map(markdown).join(', ')
}

/** A code span; the only escape in it is a longer fence, and a bar would end a table's cell. */
function code(text: string): string {
  const line = terminal(text.replaceAll(/\s+/g, ' ').trim())
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const pad = longest > 0 ? ' ' : ''
  return `${fence}${pad}${line.replaceAll('|', '\\|')}${pad}${fence}`
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
}
