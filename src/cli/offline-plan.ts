/** A plan without a database: a handoff file against a runbook, as its tests run it. */
import type { Extent } from '../engine/walk.ts'
import type { Plan } from '../model.ts'
import type { Context } from './context.ts'
import { extentOf } from './extent.ts'
import { quote } from './invocation.ts'

export interface Offline {
  readonly file: string
  readonly discovery?: string | undefined
  /** By name or folder; undefined: the only one there is. */
  readonly runbook?: string | undefined
  readonly phase?: string | undefined
  readonly step?: string | undefined
}

/**
 * What `apply` would do for this handoff from its first day on. Nothing is opened or run, and no code of a workspace
 * that is not trusted is loaded; so no effect is taken to be there already.
 */
export async function planOffline(context: Context, given: Offline): Promise<Plan> {
  const [{ givenFiles }, { checkHandoff, errorsOf }, { createEvaluator }] = await Promise.all([
    import('./given.ts'), import('../onboarding/handoff.ts'), import('../runbook/evaluate.ts'),
  ])
  const [{ createMemoryJournal, NoWorld }, { staged }, { dateIn }] = await Promise.all([
    import('../journal/memory.ts'), import('../onboarding/rehearsal/stage.ts'), import('../onboarding/calendar.ts'),
  ])
  const [{ validRunbook }, { plan }] = await Promise.all([import('./valid-runbook.ts'), import('../engine/plan.ts')])
  const config = await context.config()
  const { handoff, discovery } = await givenFiles(context, given)
  const now = new Date().toISOString()
  const checked = checkHandoff(handoff, { discovery, config, today: dateIn(now, config.time_zone) })
  if (checked.document === null || errorsOf(checked.diagnostics).length > 0) {
    const { invalidHandoff } = await import('../onboarding/accept.ts')
    throw invalidHandoff(handoff.file, checked)
  }
  const { runbook, schemas } = await validRunbook(context, given.runbook ?? (await onlyRunbook(context, given.file)))
  const props = {
    runbook, schemas, evaluator: createEvaluator(runbook, schemas), actions: await context.catalogue(),
    isOutside: (error: unknown) => error instanceof NoWorld,
  }
  const work = staged(props, checked, config, createMemoryJournal(now), () => undefined)
  const extent: Extent = extentOf(work, given)
  return plan(work, extent)
}

async function onlyRunbook(context: Context, file: string): Promise<string> {
  const { listRunbooks, onlyOne } = await import('./runbook-files.ts')
  return onlyOne(
    (await listRunbooks((await context.workspace()).dir)).map(({ name }) => name),
    (name) => `onboard plan --offline --file ${quote(file)} --runbook ${name}`,
  )
}
