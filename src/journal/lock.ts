import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import { OnboardError } from '../errors.ts'

/** Who holds an onboarding's run lock, read from the server's own tables, which cannot outlive their owner. */
export interface Holder {
  readonly pid: number
  readonly role: string
  /** `onboard ada on laptop 1f0c2a7e` as the run named itself. */
  readonly name: string
  /** ISO 8601 instant at which its connection began. */
  readonly since: string
}

const KEY = `hashtextextended('onboard run ' || $1, 0)`

/** Takes the run lock on this connection. Tries for a second: the server needs a moment to notice a killed holder. */
export async function lockRun(
  client: Client, onboarding: { readonly id: string; readonly key: string },
): Promise<void> {
  for (let attempt = 0; attempt < 25; attempt++) {
    const { rows } = await client.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_lock(${KEY}) AS locked`, [onboarding.id],
    )
    if (rows[0]?.locked) return
    await pause(50)
  }
  const holder = await holderOf(client, onboarding.id)
  const who = holder === null
    ? 'another run that has just ended'
    : `${holder.name || holder.role} since ${holder.since} (server process ${holder.pid})`
  throw new OnboardError('conflict', 'locked', `${onboarding.key} is being worked on by ${who}`, {
    suggestions: [`onboard status ${onboarding.key}`, `onboard unlock ${onboarding.key} --reason TEXT`],
  })
}

/** The holder of an onboarding's run lock, if there is one. */
export async function holderOf(client: Client, id: string): Promise<Holder | null> {
  const { rows } = await client.query<Holder>(
    `SELECT a.pid, a.usename AS role, a.application_name AS name,
            to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
       FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND ((l.classid::bigint << 32) | l.objid::bigint) = ${KEY}`,
    [id],
  )
  return rows[0] ?? null
}

/**
 * Ends the connection of a holder, and with it its transaction and its lock; true where it is gone. Its process number
 * alone does not name it: by now that may be somebody else's.
 */
export async function endHolder(client: Client, holder: Holder): Promise<boolean> {
  const { rows } = await client.query<{ ended: boolean }>(
    `SELECT pg_terminate_backend(a.pid, 2000) AS ended FROM pg_stat_activity a
      WHERE a.pid = $1 AND to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') = $2`,
    [holder.pid, holder.since],
  )
  return rows[0]?.ended ?? true
}
