import { summariesOn, type Summary } from '../onboarding/summary.ts'
import type { Context } from './context.ts'
import { eachLook } from './looks.ts'

/** A line for every onboarding of the database, by name. */
export async function allStatuses(context: Context): Promise<readonly Summary[]> {
  const summary = summariesOn(await context.today(), (await context.config()).holidays ?? [])
  return eachLook(context, (_id, { lasting, runbook }) => summary(lasting, runbook.phases))
}
