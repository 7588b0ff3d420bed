/** A runbook's graph in the forms that other programs draw, and as text. */
import type { Edge, GraphPhase, GraphStep, RunbookGraph } from '../../runbook/graph.ts'
import { dot } from '../encode/dot.ts'
import { mermaid } from '../encode/mermaid.ts'
import { terminal } from '../encode/terminal.ts'

const MARKS = { effect: '', probe: '? ', ask: '✍ ' } as const

const label = ({ title, kind, conditional }: GraphStep): string => `${MARKS[kind]}${title}${conditional ? ' (if)' : ''}`

/** Mermaid's ids are words of its own syntax too (`end`), so each gets a prefix. */
const nodeId = (id: string): string => `n_${id.replaceAll('.', '__')}`

/** A flowchart for Mermaid, one box for each phase with its steps inside. `depth` phases: phases alone. */
export function asMermaid({ phases, order, needs }: RunbookGraph, depth: 'phases' | 'steps'): string {
  const lines = ['flowchart TD']
  const shape = { effect: ['[', ']'], probe: ['{{', '}}'], ask: ['([', '])'] } as const
  for (const phase of phases) {
    const { id, title, steps } = phase
    if (depth === 'phases') {
      lines.push(`  ${nodeId(id)}[${mermaid(withOwner(phase))}]`)
      continue
    }
    lines.push(`  subgraph ${nodeId(id)}[${mermaid(title)}]`)
    for (const step of steps) {
      const [open, close] = shape[step.kind]
      lines.push(`    ${nodeId(step.id)}${open}${mermaid(label(step))}${close}`)
    }
    lines.push('  end')
  }
  const edges = depth === 'phases' ? order : [...order, ...needs]
  return [...lines, ...edges.map(({ from, to }) => `  ${nodeId(from)} --> ${nodeId(to)}`), ''].join('\n')
}

/** A digraph for Graphviz; edges between phases run from box to box. */
export function asDot({ phases, order, needs }: RunbookGraph, name: string): string {
  const shape = { effect: 'box', probe: 'hexagon', ask: 'ellipse' } as const
  const lines = [`digraph ${dot(name)} {`, '  compound=true', '  node [fontname="sans-serif"]']
  for (const { id, title, steps } of phases) {
    lines.push(`  subgraph ${dot(`cluster_${id}`)} {`, `    label=${dot(title)}`)
    for (const step of steps) lines.push(`    ${dot(step.id)} [label=${dot(label(step))}, shape=${shape[step.kind]}]`)
    lines.push('  }')
  }
  const byId = new Map(phases.map((phase) => [phase.id, phase]))
  for (const { from, to } of order) {
    const [last, first] = [byId.get(from)?.steps.at(-1), byId.get(to)?.steps[0]]
    if (last === undefined || first === undefined) continue
    lines.push(`  ${dot(last.id)} -> ${dot(first.id)} [ltail=${dot(`cluster_${from}`)}, lhead=${dot(`cluster_${to}`)}]`)
  }
  for (const { from, to } of needs) lines.push(`  ${dot(from)} -> ${dot(to)}`)
  return [...lines, '}', ''].join('\n')
}

/** Phases with their steps, each with what it comes after. */
export function asGraphText({ phases, order, needs }: RunbookGraph): string {
  const before = (edges: readonly Edge[], id: string): string => {
    const from = edges.filter(({ to }) => to === id).map((edge) => edge.from.split('.').at(-1))
    return from.length === 0 ? '' : `  ← ${from.join(', ')}`
  }
  const lines = phases.flatMap((phase) => [
    `${phase.id}  ${withOwner(phase)}${phase.procedure ? '  on demand' : ''}${before(order, phase.id)}`,
    ...phase.steps.map((step, at) => {
      const branch = at === phase.steps.length - 1 ? '└─' : '├─'
      return `  ${branch} ${step.id.split('.').at(-1)}  ${label(step)}${before(needs, step.id)}`
    }),
  ])
  return lines.map((line) => `${terminal(line)}\n`).join('')
}

function withOwner({ title, owner }: GraphPhase): string {
  return owner.length === 0 ? title : `${title} (${owner.join(', ')})`
}
