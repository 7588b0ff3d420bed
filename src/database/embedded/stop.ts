import fs from 'node:fs'
import path from 'node:path'
import { OnboardError } from '../../errors.ts'
import { SUPERUSER, serverUser, unusable, type Home } from './home.ts'
import { closeDoor, openDoor, others, signalServer } from './keeping.ts'
import { programs } from './programs.ts'
import { connectRunning } from './server.ts'

const PATIENCE_MS = 30_000
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Ends the embedded server and waits until it has gone; false: it did not run.
 * @param force ends other commands' connections too
 * @throws OnboardError conflict `embedded-in-use`, naming who is connected
 */
export async function stopEmbedded(home: Home, force: boolean): Promise<boolean> {
  const client = await connectRunning(
    home, { user: SUPERUSER, database: 'postgres', application_name: 'onboard db stop' },
  )
  if (!client) return false
  try {
    closeDoor(home)
    const busy = await others(client)
    if (busy.length > 0 && !force) {
      openDoor(home)
      throw new OnboardError('conflict', 'embedded-in-use', `The embedded database is in use by ${busy.join(', ')}.`, {
        suggestions: ['onboard db stop --force'],
      })
    }
    const told = await signalServer(client, home, programs(home, serverUser(home)), force ? 'fast' : 'smart')
    if (!told) {
      openDoor(home)
      throw unusable(home, 'its server cannot be told to end')
    }
    // A smart shutdown waits for the keeper too.
    await client
      .query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'onboard keeper'`)
      .catch(() => {})
  } finally {
    await client.end().catch(() => {})
  }
  const until = Date.now() + PATIENCE_MS
  while (fs.existsSync(path.join(home.data, 'postmaster.pid'))) {
    if (Date.now() > until) throw unusable(home, `its server was told to end and goes on (see ${home.log})`)
    await pause(20)
  }
  return true
}
