/** What the expressions of a draft may read, step by step. */
import type { Parsed } from '../input/document.ts'
import { find, type Path } from '../input/tree.ts'
import type { Schema } from '../model.ts'
import type { ExpressionFinding, Readable } from './cel/walk.ts'
import { nullable } from './cel/shape.ts'
import { CONTEXT_SCHEMAS, procedureSchema } from './contexts.ts'
import type { Draft, DraftPhase, DraftStep, Findings } from './draft.ts'
import { outputsOf } from './fit.ts'
import { comesBefore, type Needing } from './order.ts'
import { offsetInFile } from './positions.ts'

/** Conditions, written alike, under which a step runs: `a && b` are two. */
export type Conditions = (draft: DraftStep) => ReadonlySet<string>

interface Around {
  readonly byPhase: ReadonlyMap<string, DraftPhase>
  readonly phases: ReadonlyMap<string, Needing>
  readonly steps: ReadonlyMap<DraftPhase, ReadonlyMap<string, DraftStep>>
  readonly needs: ReadonlyMap<DraftPhase, ReadonlyMap<string, Needing>>
  readonly contexts: ReadonlyMap<string, Schema>
}

const arounds = new WeakMap<Draft, Around>()

function aroundOf(draft: Draft): Around {
  const known = arounds.get(draft)
  if (known !== undefined) return known
  const { inputs } = draft
  const around: Around = {
    byPhase: new Map(draft.phases.map((one) => [one.phase.id, one])),
    phases: new Map(draft.phases.map(({ phase }) => [phase.id, phase])),
    steps: new Map(draft.phases.map((one) => [one, new Map(one.steps.map((step) => [step.step.id, step]))])),
    needs: new Map(draft.phases.map((one) => [one, new Map(one.steps.map(({ step }) => [step.id, step]))])),
    contexts: new Map<string, Schema>([
      ['handoff', inputs['handoff'] ?? {}],
      ['discovery', nullable(inputs['discovery'] ?? {})],
      ['config', inputs['config'] ?? {}],
      ['onboarding', CONTEXT_SCHEMAS.onboarding],
    ]),
  }
  arounds.set(draft, around)
  return around
}

/** What can be read outside of steps: the inputs alone. */
export function readableOf(draft: Draft): Readable {
  const outside = { message: 'steps cannot be read here, their outputs are not there yet', rule: 'step-reference' }
  return { contexts: aroundOf(draft).contexts, phases: () => [], steps: () => [], step: () => outside }
}

/** What a step can read: the inputs, steps before it, and those of phases before its own. */
export function readableIn(draft: Draft, reader: DraftStep, conditions: Conditions): Readable {
  const around = aroundOf(draft)
  const { byPhase } = around
  const own = reader.phase
  const { contexts } = own.procedure
    ? { contexts: new Map(around.contexts).set('procedure', procedureSchema(own.phase)) }
    : around
  const earlier = (id: string): boolean => {
    if (id === own.phase.id) return false
    return own.procedure ? byPhase.get(id)?.procedure === false : comesBefore(around.phases, id, own.phase.id)
  }
  const repeats = reader.step.for_each !== null || reader.step.on !== undefined
  const refuse = (message: string) => ({ message, rule: 'step-reference' })
  const inPhase = (phase: string | null) => (phase === null ? own : byPhase.get(phase))
  return {
    contexts: repeats ? new Map(contexts).set('each', { type: 'string' }) : contexts,
    phases: () => [...byPhase.keys()].filter(earlier),
    steps: (phase) => [...(around.steps.get(inPhase(phase) ?? own)?.keys() ?? [])],
    step(phase, id) {
      const home = inPhase(phase)
      const target = home && around.steps.get(home)?.get(id)
      // Of a file that could not be read nothing is known: its own faults are said already.
      if (home !== undefined && home.document.value === undefined) return { schema: {} }
      const where = phase === null ? `phase '${own.phase.id}'` : `phase '${phase}'`
      if (home === undefined || target === undefined) return refuse(`there is no step '${id}' in ${where}`)
      if (home === own && phase !== null) return refuse(`a step of the same phase is read as steps.${id}`)
      if (phase !== null && !earlier(phase)) {
        return refuse(`phase '${phase}' does not come before phase '${own.phase.id}'`)
      }
      if (phase === null && !comesBefore(around.needs.get(own) ?? new Map(), id, reader.step.id)) {
        if (id === reader.step.id) return refuse('a step cannot read its own outputs')
        const after = comesBefore(around.needs.get(own) ?? new Map(), reader.step.id, id)
        return refuse(
          after
            ? `step '${id}' comes after this one: move it up, or read it later`
            : `step '${id}' does not come before this one: add it to needs`,
        )
      }
      const output = outputsOf(draft.actions.get(target.step.uses), target.step) ?? {}
      const properties = { outputs: maybe(output, target) }
      return { schema: { type: 'object', additionalProperties: false, required: ['outputs'], properties } }
    },
  }

  /** Outputs of a step that may be skipped or waived are null, unless this one runs only where that one did. */
  function maybe(output: Schema, target: DraftStep): Schema {
    const given = conditions(reader)
    const always = target.step.waivable_by.length === 0 && [...conditions(target)].every((one) => given.has(one))
    return always ? output : nullable(output)
  }
}

/** Puts findings of an expression where they stand in the file; `start` is where it begins in the scalar's text. */
export function sayExpression(
  findings: Findings, document: Parsed, path: Path, start: number, found: readonly ExpressionFinding[],
): void {
  const { offset, node } = find(document.tree, path)
  for (const { offset: within, rule, message } of found) {
    const at = node?.kind === 'scalar' ? offsetInFile(node, start + within) : offset
    findings.at(document.position(at), rule, message)
  }
}
