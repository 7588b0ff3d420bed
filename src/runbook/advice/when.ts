/** A `when:` as it was read, tried for every combination of what it reads. */
import { checkExpression } from '../cel/check.ts'
import { type Conditions, enumerate } from '../cel/enumerate.ts'
import { parseExpression } from '../cel/program.ts'
import type { Draft, DraftStep } from '../draft.ts'
import { readableIn } from '../readable.ts'

const known = new WeakMap<DraftStep, Conditions | 'unread' | 'too many'>()

/** Several conditions of one step, tried together. `unread`: one of them has faults of its own. */
export function tried(draft: Draft, step: DraftStep, sources: readonly string[]): Conditions | 'unread' | 'too many' {
  const readable = readableIn(draft, step, () => new Set())
  const asts = sources.map((source) => {
    const parsed = parseExpression(source)
    const faults = checkExpression(source, readable).findings.filter(({ rule }) => rule !== 'may-be-skipped')
    return parsed.ok && faults.length === 0 ? parsed.program.ast : undefined
  })
  if (asts.includes(undefined)) return 'unread'
  const shapes = new Map<string, ReturnType<typeof checkExpression>['shape']>()
  const shapeOf = (source: string) => {
    const shape = shapes.get(source) ?? checkExpression(source, readable).shape
    shapes.set(source, shape)
    return shape
  }
  return enumerate(asts.filter((ast) => ast !== undefined), shapeOf) ?? 'too many'
}

/** The condition of a step; undefined where it has none that could be read. */
export function conditionOf(draft: Draft, step: DraftStep): Conditions | undefined {
  const { when } = step.step
  if (when === null || when.includes('${{')) return undefined
  const found = known.get(step) ?? tried(draft, step, [when])
  known.set(step, found)
  return typeof found === 'string' ? undefined : found
}
