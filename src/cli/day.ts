/** The day that commands go by which need no database. */
import { dateIn } from '../onboarding/calendar.ts'
import type { Context } from './context.ts'

/**
 * The day where the vendor is, `YYYY-MM-DD`: of the clock of the workspace's database, which may be a simulated one; of
 * this machine's clock where that database is not there, is not to be opened, or does not answer. Makes no database.
 * @throws OnboardError where a database that was named by flag cannot be opened
 */
export async function dayOf(context: Context): Promise<string> {
  if (context.choice.databaseUrl !== undefined) return context.today()
  if (await isThere(context)) {
    const day = await context.today().catch(() => null)
    if (day !== null) return day
  }
  return dateIn(new Date().toISOString(), (await context.config()).time_zone)
}

/** A server of the user's is asked, as it is; the embedded one is asked first whether it has such a database. */
async function isThere(context: Context): Promise<boolean> {
  try {
    const target = await context.target()
    if (target.kind === 'server') return true
    const { hasDatabase } = await import('../database/embedded/databases.ts')
    return await hasDatabase(target.name, context.io.env)
  } catch {
    return false
  }
}
