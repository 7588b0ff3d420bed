import { OnboardError } from '../errors.ts'
import type { ActionSchemas, Runbook } from '../model.ts'
import type { RunbookFiles } from '../runbook/files.ts'
import type { Context } from './context.ts'
import type { RunbookFolder } from './runbook-files.ts'

/** A runbook without errors, with what it was made of. */
export interface ValidRunbook {
  readonly runbook: Runbook
  readonly folder: RunbookFolder
  readonly source: RunbookFiles
  /** Paths of the files that an onboarding pins. */
  readonly paths: readonly string[]
  /** Of the actions that it uses. */
  readonly schemas: ActionSchemas
}

/** The one that is named, with its errors thrown; else the only one that there is, where it has none. */
export async function runbookOrNone(context: Context, given: string | undefined): Promise<Runbook | null> {
  if (given !== undefined) return (await validRunbook(context, given)).runbook
  const { listRunbooks } = await import('./runbook-files.ts')
  const [only, ...more] = await listRunbooks((await context.workspace()).dir)
  if (only === undefined || more.length > 0) return null
  return validRunbook(context, only.name).then(({ runbook }) => runbook, (error: unknown) => {
    if (error instanceof OnboardError && error.kind === 'invalid') return null
    throw error
  })
}

/**
 * The runbook that a person means by a name or a folder.
 * @throws OnboardError (usage) where there is none, (invalid) with its findings where it has errors
 */
export async function validRunbook(context: Context, given: string): Promise<ValidRunbook> {
  const { findRunbook, readRunbook } = await import('./runbook-files.ts')
  const { knownActions } = await import('./known-actions.ts')
  const { loadRunbook } = await import('../runbook/load.ts')
  const { cwd } = context.io
  const folder = await findRunbook(given, (await context.workspace()).dir, cwd)
  const source = await readRunbook({ ...folder, cwd })
  const { schemas, names } = await knownActions(source, await context.catalogue())
  const { runbook, diagnostics, paths } = loadRunbook(source, schemas, undefined, names)
  if (runbook !== undefined) return { runbook, folder, source, paths, schemas }
  const count = diagnostics.length === 1 ? 'one finding' : `${diagnostics.length} findings`
  throw new OnboardError('invalid', 'runbook-invalid', `runbook ${given} has ${count}`, {
    diagnostics,
    suggestions: [`onboard runbook lint ${given}`],
  })
}
