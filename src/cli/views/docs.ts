/** A runbook as a Markdown document that people read, print and tick. */
import type { ActionSchemas, Json, Phase, Runbook, Step } from '../../model.ts'
import { graphOf } from '../../runbook/graph.ts'
import { markdown } from '../encode/markdown.ts'
import { terminal } from '../encode/terminal.ts'
import { asMermaid } from './graph.ts'

/** The whole document: what there is to do, by whom, in what order, and what it waits for. */
export function runbookDocs(runbook: Runbook, actions: ActionSchemas): string {
  const { title, name, version, effective, phases, procedures, milestones } = runbook
  const since = effective === null ? '' : `, in force since ${effective}`
  const parts = [
    `# ${markdown(title)}`,
    `Runbook ${code(name)}, version ${markdown(version)}${since}. Written by ${code(`onboard runbook docs ${name}`)}; edit the runbook, not this page.`,
    '## Phases',
    phaseTable(phases),
    fence('mermaid', asMermaid(graphOf({ ...runbook, procedures: [] }, actions), 'phases')),
    ...(milestones.length === 0 ? [] : ['## Milestones', milestoneTable(runbook)]),
    '## Who does what',
    ownerTable(runbook),
    ...phases.flatMap((phase, at) => phaseSection(phase, `${at + 1}. ${phase.title}`, actions)),
    ...(procedures.length === 0 ? [] : ['# Procedures', 'Carried out when they are needed, not in sequence.']),
    ...procedures.flatMap((phase) => phaseSection(phase, phase.title, actions)),
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
  return [
    `## ${markdown(heading)}`,
    ...(facts.length === 0 ? [] : [facts.map((fact) => `- ${fact}`).join('\n')]),
    '### Checklist',
    phase.steps.map((step) => checklistLine(step, phase, actions)).join('\n'),
    '### Steps',
    table(['Step', 'What', 'How', 'Who', 'After', 'Only if'], phase.steps.map((step) => [
      code(step.id), markdown(step.title), how(step, actions), roles(step.owner),
      step.needs.map(code).join(', '), step.when === null ? '' : code(step.when),
    ])),
    ...(questions.length === 0 ? [] : ['### What is asked', ...questions]),
  ]
}

function checklistLine(step: Step, phase: Phase, actions: ActionSchemas): string {
  const notes = [
    step.when === null ? undefined : `only if ${code(step.when)}`,
    step.for_each === null ? undefined : `once for each of ${code(step.for_each)}`,
    step.owner.join() === phase.owner.join() ? undefined : roles(step.owner),
    step.capability === null ? undefined : `needs the capability ${code(step.capability)}`,
    step.waivable_by.length === 0 ? undefined : `may be waived by ${roles(step.waivable_by)}`,
  ].filter((note) => note !== undefined)
  const mark = { effect: 'done', probe: 'checked', ask: 'signed' }[kindOf(step, actions)]
  return `- [ ] **${markdown(step.title)}** (${[mark, ...notes].join('; ')})`
}

/** What a person is asked, as it stands in the runbook. */
function question(step: Step, actions: ActionSchemas): string[] {
  const { text, evidence, from } = step.with
  if (kindOf(step, actions) !== 'ask' || typeof text !== 'string') return []
  const asked = Array.isArray(from) ? from.filter((role: Json) => typeof role === 'string') : step.owner
  const proof = evidence === 'required' ? ' Evidence is required.' : ''
  return [`**${markdown(step.title)}**, asked of ${roles(asked)}.${proof}`, `> ${expressions(text)}`]
}

/** Text with the expressions in it set as code. */
function expressions(text: string): string {
  return text.split(/(\$\{\{.*?\}\})/s).map((part) => (part.startsWith('${{') ? code(part.slice(3, -2).trim()) : spaced(part))).join('')
}

function spaced(text: string): string {
  const [, before = '', after = ''] = /^(\s*).*?(\s*)$/s.exec(text) ?? []
  return text.trim() === '' ? text : `${before === '' ? '' : ' '}${markdown(text)}${after === '' ? '' : ' '}`
}

function phaseTable(phases: readonly Phase[]): string {
  return table(['#', 'Phase', 'Owner', 'Duration', 'After', 'Steps'], phases.map((phase, at) => [
    String(at + 1), markdown(phase.title), roles(phase.owner), days(phase), phase.needs.map(code).join(', '), String(phase.steps.length),
  ]))
}

function milestoneTable({ milestones, phases }: Runbook): string {
  const titles = new Map(phases.flatMap(({ id, steps }) => steps.map((step) => [`${id}.${step.id}`, step.title])))
  return table(['Milestone', 'By', 'Holds when'], milestones.map(({ id, by, holds }) => [
    code(id), code(by), holds.map((step) => markdown(titles.get(step) ?? step)).join('; '),
  ]))
}

function ownerTable({ roles: all, phases, procedures }: Runbook): string {
  const steps = [...phases, ...procedures].flatMap((phase) => phase.steps.map((step) => ({ phase, step })))
  return table(['Role', 'Owns', 'May waive'], all.map((role) => {
    const named = (has: (step: Step) => boolean) => steps.filter(({ step }) => has(step)).map(({ phase, step }) => code(`${phase.id}.${step.id}`))
    return [markdown(role), named(({ owner }) => owner.includes(role)).join(', '), named((step) => step.waivable_by.includes(role)).join(', ')]
  }))
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

function days({ duration }: Phase): string {
  if (duration === null) return ''
  const { min, max } = duration
  return `${min === max ? min : `${min}–${max}`} business day${max === 1 ? '' : 's'}`
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
