import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readRegularFile } from '../adapters/files.ts'
import { OnboardError } from '../errors.ts'
import type { Plan } from '../model.ts'
import { shippedSchema } from '../input/shipped.ts'

/** Writes a plan whole or not at all, readable by its owner alone: it holds values of the product. */
export async function savePlan(plan: Plan, path: string, shown: string): Promise<void> {
  const temporary = join(dirname(path), `.onboard-plan-${randomBytes(6).toString('hex')}`)
  try {
    const file = await open(temporary, 'wx', 0o600)
    await file.writeFile(JSON.stringify(plan, null, 2) + '\n')
    await file.sync()
    await file.close()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw new OnboardError(
      'usage', 'plan-not-saved',
      `${shown} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`, { cause: error },
    )
  }
}

/** Reads a saved plan. Throws invalid where the file is none. */
export async function readPlan(path: string, shown: string): Promise<Plan> {
  const { bytes } = await readRegularFile(path, shown, 32 * 1024 * 1024)
  const { readDocument } = await import('../input/document.ts')
  const { value, diagnostics } = readDocument(bytes, { file: shown, schema: shippedSchema('results/plan') })
  if (value === undefined || diagnostics.length > 0) {
    throw new OnboardError('invalid', 'plan-invalid', `${shown} is no plan that onboard has saved`, {
      diagnostics: diagnostics.slice(0, 5),
      suggestions: ['onboard plan CUSTOMER --out FILE'],
    })
  }
  return value as unknown as Plan
}
